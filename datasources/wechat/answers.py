"""What WeChat's open platform answers, read from its own form: HTTP 200 with JSON, often labelled `text/plain`.

https://developers.weixin.qq.com/doc/oplatform/en/Website_App/WeChat_Login/Authorized_Interface_Calling_UnionID.html
"""

from dataclasses import dataclass, field
from typing import Any

import httpx
import orjson

BUSY = -1
CODE_REFUSED = frozenset({40029, 40163, 41008, 42003})
"""The code is invented, was used before, is missing, or has expired."""


class WeChatDownError(Exception):
    """WeChat cannot be reached, is busy, does not take our credentials, or answered what nobody can read."""


class WeChatCodeRefusedError(Exception):
    """WeChat does not take the code: it is invented, used up or too old."""


class WeChatBusyError(WeChatDownError):
    """WeChat says so itself; a second try may do."""


@dataclass(frozen=True, slots=True)
class WeChatGrant:
    """What a code was exchanged for: one user's consent, seen by this app."""

    open_id: str
    union_id: str | None
    access_token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class WeChatUser:
    """Who consented. `open_id` is the person in this app, `union_id` in all apps of one owner, if WeChat gives it."""

    app_id: str
    open_id: str
    union_id: str | None
    nickname: str = ""


def read_answer(response: httpx.Response) -> dict[str, Any]:
    """The answer's fields.

    Raises WeChatCodeRefusedError or WeChatDownError as its `errcode` says, whatever the HTTP status and type are.
    """
    if response.status_code >= httpx.codes.INTERNAL_SERVER_ERROR:
        raise WeChatBusyError(f"WeChat answered {response.status_code}")
    try:
        fields = orjson.loads(response.content)
    except orjson.JSONDecodeError as error:
        raise WeChatDownError(f"WeChat answered {response.status_code} with what is no JSON") from error
    if not isinstance(fields, dict):
        raise WeChatDownError("WeChat answered with JSON that is no object")
    code = fields.get("errcode", 0)
    if code in CODE_REFUSED:
        raise WeChatCodeRefusedError(f"errcode {code}")
    if code == BUSY:
        raise WeChatBusyError("errcode -1")
    if code != 0:
        raise WeChatDownError(f"errcode {code}: {str(fields.get('errmsg', ''))[:200]}")
    return fields


def grant_of(fields: dict[str, Any]) -> WeChatGrant:
    """The grant in an answer of `/sns/oauth2/access_token`. Raises WeChatDownError when it lacks what it must have."""
    return WeChatGrant(
        open_id=_text(fields, "openid"),
        union_id=fields.get("unionid") or None,
        access_token=_text(fields, "access_token"),
    )


def user_of(app_id: str, grant: WeChatGrant, fields: dict[str, Any]) -> WeChatUser:
    """The person in an answer of `/sns/userinfo`. Raises WeChatDownError when it is about somebody else."""
    if _text(fields, "openid") != grant.open_id:
        raise WeChatDownError("the answer is about another openid than the grant")
    union_id = fields.get("unionid") or grant.union_id
    return WeChatUser(app_id, grant.open_id, union_id, str(fields.get("nickname", ""))[:60])


def _text(fields: dict[str, Any], name: str) -> str:
    value = fields.get(name)
    if not isinstance(value, str) or not value:
        raise WeChatDownError(f"the answer lacks {name}")
    return value

"""Access tokens: short-lived JWTs (RFC 7519) that name an account and its session, and grant nothing by themselves.

Whether the session still runs, and what a staff member may do, is asked of PostgreSQL at each request; so a token
holds no permissions and dies with its session.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

import jwt
from pydantic import SecretStr

from datasources.sealing import KeyRing, Purpose
from domain.identity.accounts import AccountKind
from domain.language import Words
from domain.refusals import Refusal, RefusalCode

ACCESS_LIFETIME = timedelta(minutes=15)

_ALGORITHM = "HS256"
_CLAIMS = ["sub", "sid", "knd", "iat", "exp"]
_INVALID = Words(
    "访问令牌无效。请重新登录。",
    "The access token is not valid. Sign in again.",
)
_EXPIRED = Words(
    "访问令牌已过期。请用 refreshSession 换取新令牌（该请求不要带 Authorization）。",
    "The access token has expired. Get a new one by refreshSession, sent without Authorization.",
)


@dataclass(frozen=True, slots=True)
class AccessClaims:
    """What a token that holds says."""

    kind: AccountKind
    account_id: UUID
    session_id: UUID


def issue_access_token(ring: KeyRing, claims: AccessClaims, now: datetime) -> tuple[SecretStr, datetime]:
    """A token for this session and when it expires. Signed with the ring's active key, named by `kid`."""
    expires_at = datetime.fromtimestamp(int((now + ACCESS_LIFETIME).timestamp()), UTC)
    payload = {
        "sub": str(claims.account_id),
        "sid": str(claims.session_id),
        "knd": claims.kind.value,
        "iat": int(now.timestamp()),
        "exp": int(expires_at.timestamp()),
    }
    key = ring.keys(Purpose.ACCESS_TOKEN)[ring.active]
    token = jwt.encode(payload, key, algorithm=_ALGORITHM, headers={"kid": str(ring.active)})
    return SecretStr(token), expires_at


def expiry_of(proved_token: str) -> datetime:
    """When a token that was read and held expires."""
    payload = jwt.decode(proved_token, options={"verify_signature": False, "verify_exp": False, "verify_iat": False})
    return datetime.fromtimestamp(int(payload["exp"]), UTC)


def read_access_token(ring: KeyRing, token: str, now: datetime) -> AccessClaims:
    """What the token says. Raises Refusal: TOKEN_INVALID, or TOKEN_EXPIRED when that alone is wrong with it."""
    try:
        kid = str(jwt.get_unverified_header(token).get("kid", ""))
        key = ring.keys(Purpose.ACCESS_TOKEN).get(int(kid)) if kid.isascii() and kid.isdecimal() else None
        if key is None:
            raise Refusal(RefusalCode.TOKEN_INVALID, _INVALID)
        # Its time is compared below: the library knows only the machine's clock.
        options: jwt.types.Options = {"require": _CLAIMS, "verify_exp": False, "verify_iat": False}
        payload = jwt.decode(token, key, algorithms=[_ALGORITHM], options=options)
        claims = AccessClaims(AccountKind(payload["knd"]), UUID(payload["sub"]), UUID(payload["sid"]))
        expires = int(payload["exp"])
    except (jwt.PyJWTError, ValueError, TypeError, AttributeError) as error:
        raise Refusal(RefusalCode.TOKEN_INVALID, _INVALID) from error
    if now.timestamp() >= expires:
        raise Refusal(RefusalCode.TOKEN_EXPIRED, _EXPIRED)
    return claims

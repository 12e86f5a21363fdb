"""`/sandbox/wechat`: WeChat's open platform for development, true to its wire, with a page to "scan and confirm".

As WeChat does, it answers HTTP 200 with JSON labelled `text/plain` and says what is wrong by `errcode`; a code counts
once within ten minutes, an access token for two hours. Its people are invented. The app's server speaks to it by HTTP
requests like to WeChat's own, only that they stay within the process.
"""

import secrets
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from html import escape
from urllib.parse import urlencode

import orjson
from redis.asyncio import Redis
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from datasources.wechat.client import CONNECT_PATH, TOKEN_PATH, USER_PATH
from domain.clock import Clock
from server.pages import html, page

PATH = "/sandbox/wechat"
APP_ID = "wx0000000000sandbox"
APP_SECRET = "sandbox-secret-that-opens-nothing"  # noqa: S105 - invented, and known to everybody
DECIDE_PATH = "/connect/decide"
CODE_LIFETIME = timedelta(minutes=10)
TOKEN_LIFETIME = timedelta(hours=2)

_CODES, _TOKENS, _USED = "sandbox:wechat:code:", "sandbox:wechat:token:", "sandbox:wechat:used:"
_INTRODUCTION = (
    '<p lang="zh">这是开发环境里的“微信”。选一个人“扫码并确认”，或拒绝。</p>'
    '<p lang="en">This is WeChat in the sandbox. Choose who scans and confirms, or decline.</p>'
)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody invented who uses WeChat. Without a union id: the app belongs to no open platform account."""

    name: str
    open_id: str
    union_id: str | None


PEOPLE = (
    Person("晨露 Morning Dew", "o-sandbox-morning-dew", "u-sandbox-morning-dew"),
    Person("山间小路 Hill Path", "o-sandbox-hill-path", "u-sandbox-hill-path"),
    Person("没有 UnionID 的人 No Union", "o-sandbox-no-union", None),
)


class WeChatSimulator:
    """The simulated platform. Its codes and tokens are in Redis, so several processes are one platform."""

    def __init__(self, redis: "Redis", clock: Clock, people: tuple[Person, ...] = PEOPLE) -> None:
        self._redis = redis
        self._clock = clock
        self._people = {person.open_id: person for person in people}

    def application(self) -> Starlette:
        """For a mount at `PATH`, and for the client's requests."""
        return Starlette(
            routes=[
                Route(CONNECT_PATH, self.connect),
                Route(DECIDE_PATH, self.decide),
                Route(TOKEN_PATH, self.access_token),
                Route(USER_PATH, self.user_info),
            ]
        )

    def add(self, person: Person) -> None:
        """Let somebody else use it as well."""
        self._people[person.open_id] = person

    async def connect(self, request: Request) -> Response:
        """The page with the people to choose from, where WeChat shows its QR picture."""
        asked = request.query_params
        if asked.get("appid") != APP_ID or asked.get("scope") != "snsapi_login" or "redirect_uri" not in asked:
            return html(page("微信 · WeChat", "<p>AppID, scope 或 redirect_uri 参数错误</p>"))
        carried = {"redirect_uri": asked["redirect_uri"], "state": asked.get("state", "")}
        items = [
            _item({**carried, "openid": each.open_id}, each.name, "扫码并确认 · scan and confirm")
            for each in self._people.values()
        ]
        items.append(_item(carried, "拒绝 · Decline", "不登录 · no sign-in"))
        return html(page("微信 · WeChat", f"{_INTRODUCTION}<ul>{''.join(items)}</ul>"))

    async def decide(self, request: Request) -> Response:
        """What the person chose: back to the app, with a code if it was consent."""
        asked = request.query_params
        back = {"state": asked.get("state", "")}
        person = self._people.get(asked.get("openid", ""))
        if person is not None:
            back = {"code": await self.new_code(person), **back}
        target = asked.get("redirect_uri", "")
        return RedirectResponse(f"{target}{'&' if '?' in target else '?'}{urlencode(back)}", 302)

    async def new_code(self, person: Person) -> str:
        """A code for this person's consent."""
        code = secrets.token_hex(16)
        await self._keep(_CODES + code, person, CODE_LIFETIME)
        return code

    async def access_token(self, request: Request) -> Response:
        """`/sns/oauth2/access_token`."""
        asked = request.query_params
        if asked.get("appid") != APP_ID:
            return _error(40013, "invalid appid")
        if asked.get("secret") != APP_SECRET:
            return _error(40125, "invalid appsecret")
        if asked.get("grant_type") != "authorization_code":
            return _error(40002, "invalid grant_type")
        code = asked.get("code", "")
        if not code:
            return _error(41008, "missing code")
        person = await self._kept(_CODES + code, once=True)
        if person is None:
            used = await self._redis.exists(_USED + code)
            return _error(40163, "code been used") if used else _error(40029, "invalid code")
        await self._redis.set(_USED + code, b"1", ex=int(CODE_LIFETIME.total_seconds()))
        token = secrets.token_hex(32)
        await self._keep(_TOKENS + token, person, TOKEN_LIFETIME)
        return _plain(
            {
                "access_token": token,
                "expires_in": int(TOKEN_LIFETIME.total_seconds()),
                "refresh_token": secrets.token_hex(32),
                "openid": person.open_id,
                "scope": "snsapi_login",
                **({"unionid": person.union_id} if person.union_id else {}),
            }
        )

    async def user_info(self, request: Request) -> Response:
        """`/sns/userinfo`."""
        asked = request.query_params
        person = await self._kept(_TOKENS + asked.get("access_token", ""))
        if person is None:
            return _error(40001, "invalid credential, access_token is invalid or not latest")
        if asked.get("openid") != person.open_id:
            return _error(40003, "invalid openid")
        return _plain(
            {
                "openid": person.open_id,
                "nickname": person.name,
                "sex": 0,
                "province": "",
                "city": "",
                "country": "",
                "headimgurl": "",
                "privilege": [],
                **({"unionid": person.union_id} if person.union_id else {}),
            }
        )

    async def _keep(self, key: str, person: Person, lifetime: timedelta) -> None:
        until = self._clock() + lifetime
        kept = orjson.dumps({"person": asdict(person), "until": until.isoformat()})
        await self._redis.set(key, kept, ex=int(lifetime.total_seconds()))

    async def _kept(self, key: str, *, once: bool = False) -> Person | None:
        found = await (self._redis.getdel(key) if once else self._redis.get(key))
        if found is None:
            return None
        fields = orjson.loads(found)
        return Person(**fields["person"]) if datetime.fromisoformat(fields["until"]) > self._clock() else None


def _item(query: dict[str, str], name: str, what: str) -> str:
    # Followed from the page at CONNECT_PATH, so it stays within the mount whatever that is.
    address = f"..{DECIDE_PATH}?{urlencode(query)}"
    return f'<li><a href="{escape(address)}"><b>{escape(name)}</b><span>{escape(what)}</span></a></li>'


def _error(code: int, message: str) -> Response:
    return _plain({"errcode": code, "errmsg": f"{message}, rid: {secrets.token_hex(4)}"})


def _plain(fields: dict[str, object]) -> Response:
    return Response(orjson.dumps(fields), media_type="text/plain")

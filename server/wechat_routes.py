"""`/sign-in/wechat/…`: where WeChat sends people back to, and where they confirm.

Both take place on the phone that scanned. They sign nobody in: the waiting browser does that for itself.
"""

from datetime import datetime
from html import escape
from urllib.parse import parse_qs
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from datasources.faults import unavailable_store
from datasources.stores import Stores
from datasources.wechat.client import WeChatClient
from domain.clock import Clock
from domain.identity.wechat_callback import Outcome, Scanned, answer, scan
from server.pages import html, page

CALLBACK_PATH = "/sign-in/wechat/callback"
CONFIRM_PATH = "/sign-in/wechat/confirm"
COOKIE = "htb_wechat_confirm"
COOKIE_PATH = "/sign-in/wechat"
COOKIE_SECONDS = 600
MOST_FORM_BYTES = 2048

_TITLE = "微信登录 · WeChat sign-in"
_CLOSE = ("您可以关闭此页面。", "You may close this page.")
_SAID = {
    Outcome.CONFIRMED: (200, "已确认，请回到等待登录的页面。", "Confirmed. Go back to the page that waits."),
    Outcome.REFUSED: (200, "已拒绝，没有人因此登录。", "Declined. Nobody was signed in."),
    Outcome.ENDED: (400, "此次登录已失效，请重新扫码。", "This sign-in has ended. Start again and scan the new code."),
    Outcome.WECHAT_DOWN: (
        503,
        "暂时无法连接微信，请稍后重新扫码。",
        "WeChat cannot be reached now. Start again later.",
    ),
}
_STORE_DOWN = (503, "服务暂时不可用，请稍后重新扫码。", "The service is not available now. Start again later.")


class WeChatRoutes:
    """The routes and what they need. `site` is the address that people know this platform by."""

    def __init__(
        self, stores: Stores, client: WeChatClient, clock: Clock, *, site: str, zone: ZoneInfo, secure: bool
    ) -> None:
        self._stores = stores
        self._client = client
        self._clock = clock
        self._site = site
        self._zone = zone
        self._secure = "; Secure" if secure else ""

    def routes(self) -> list[BaseRoute]:
        """For the application."""
        return [
            Route(CALLBACK_PATH, self.callback, methods=["GET"]),
            Route(CONFIRM_PATH, self.confirm, methods=["POST"]),
        ]

    async def callback(self, request: Request) -> Response:
        """Where WeChat sends people to, with a code if they consented. Answers the question whether to go on."""
        # Link previews ask by HEAD and would use the code up before its owner comes.
        if request.method != "GET":
            return Response(status_code=405, headers={"allow": "GET"})
        asked = request.query_params
        try:
            found = await scan(self._stores, self._client, asked.get("code", ""), asked.get("state", ""), self._clock)
        except Exception as error:
            if unavailable_store(error) is None:
                raise
            return _page(*_STORE_DOWN)
        if isinstance(found, Outcome):
            return _page(*_SAID[found])
        response = _answer(self._question(found))
        response.headers.append(
            "set-cookie",
            f"{COOKIE}={found.phone_secret}; Max-Age={COOKIE_SECONDS}; Path={COOKIE_PATH}; HttpOnly; SameSite=Strict"
            f"{self._secure}",
        )
        return response

    async def confirm(self, request: Request) -> Response:
        """The answer to the question. Its token is the form's, and counts only with the cookie of the same phone."""
        form = parse_qs((await _body(request)).decode(errors="replace"))
        token = form.get("token", [""])[0]
        confirmed = form.get("decision", [""])[0] == "confirm"
        try:
            outcome = await answer(
                self._stores, token, request.cookies.get(COOKIE, ""), self._clock(), confirmed=confirmed
            )
        except Exception as error:
            if unavailable_store(error) is None:
                raise
            return _page(*_STORE_DOWN)
        return _page(*_SAID[outcome])

    def _question(self, scanned: Scanned) -> str:
        site, name = escape(self._site), escape(scanned.nickname)
        address = escape(scanned.address or "未知 · unknown")
        begun = "" if scanned.begun_at is None else _shown(scanned.begun_at, self._zone)
        return (
            f'<p lang="zh">{name}，要在 <b>{site}</b> 登录吗？等待登录的浏览器：<code>{address}</code>，{begun}。</p>'
            f'<p lang="en">{name}, sign in on <b>{site}</b>? The browser that waits: <code>{address}</code>, {begun}.'
            '</p><p lang="zh"><b>如果二维码是别人发给您的，请拒绝。</b></p>'
            '<p lang="en"><b>If somebody sent you the QR code, decline.</b></p>'
            f'<form method="post" action="{CONFIRM_PATH}"><input type="hidden" name="token" value="{scanned.token}">'
            '<p><button name="decision" value="confirm">确认登录 · Sign in</button> '
            '<button name="decision" value="refuse">拒绝 · Decline</button></p></form>'
        )


async def _body(request: Request) -> bytes:
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > MOST_FORM_BYTES:
            return b""
    return body


def _shown(moment: datetime, zone: ZoneInfo) -> str:
    return moment.astimezone(zone).strftime("%H:%M")


def _page(status: int, chinese: str, english: str) -> Response:
    content = f'<p lang="zh">{chinese}{_CLOSE[0]}</p><p lang="en">{english} {_CLOSE[1]}</p>'
    return _answer(content, status)


def _answer(content: str, status: int = 200) -> Response:
    response = html(page(_TITLE, content), status)
    policy = response.headers["content-security-policy"]
    response.headers["content-security-policy"] = policy.replace("form-action 'none'", "form-action 'self'")
    response.headers["cache-control"] = "no-store"
    return response

"""`/sandbox/sms`: the text messages that a development installation would have sent, for the developer's eyes."""

from html import escape

from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import BaseRoute, Route

from datasources.faults import unavailable_store
from datasources.sms.sandbox import SandboxInbox, SandboxMessage
from server.pages import html, page

PATH = "/sandbox/sms"
REFRESH_SECONDS = 3

_INTRODUCTION = (
    '<p lang="zh">开发环境不发真实短信；最近十分钟的短信在这里，页面会自动刷新。</p>'
    '<p lang="en">In development no text message is really sent. Those of the last ten minutes are here; '
    "the page refreshes itself.</p>"
)
_EMPTY = '<p lang="zh">还没有短信。</p><p lang="en">No messages yet.</p>'
_REDIS_DOWN = '<p lang="zh">Redis 暂时无法连接。</p><p lang="en">Redis cannot be reached for the moment.</p>'


def sandbox_inbox_routes(inbox: SandboxInbox) -> list[BaseRoute]:
    """The inbox's page. Only for development: it shows codes to whoever asks."""

    async def show(_request: Request) -> HTMLResponse:
        try:
            messages = await inbox.messages()
        except Exception as error:
            if unavailable_store(error) is None:
                raise
            return _page(_REDIS_DOWN, 503)
        return _page(f"<ul>{''.join(map(_item, messages))}</ul>" if messages else _EMPTY)

    return [Route(PATH, show)]


def _page(content: str, status: int = 200) -> HTMLResponse:
    answer = html(page("短信 · SMS", _INTRODUCTION + content), status)
    answer.headers["refresh"] = str(REFRESH_SECONDS)
    answer.headers["cache-control"] = "no-store"
    return answer


def _item(message: SandboxMessage) -> str:
    at = message.at.astimezone().strftime("%H:%M:%S")
    return (
        f"<li><a><b>{escape(message.code)}</b>"
        f"<span>{escape(message.phone)} · {at}</span><span>{escape(message.text)}</span></a></li>"
    )

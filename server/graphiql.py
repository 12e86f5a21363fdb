"""GraphiQL at `/graphiql`: files that `clients/graphiql` builds, served from here, asking nobody else for anything."""

from pathlib import Path

from starlette.datastructures import MutableHeaders
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.pages import html, page

BUILT = Path(__file__).parent.parent / "clients" / "graphiql" / "dist"

# Monaco and GraphiQL set styles from scripts, which only 'unsafe-inline' allows; scripts are held to the built files.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; font-src 'self' data:;"
    " img-src 'self' data:; connect-src 'self'; worker-src 'self'; manifest-src 'self'; base-uri 'none';"
    " form-action 'none'; frame-ancestors 'none'"
)
# Names of built files change with their content.
_FOR_EVER = "public, max-age=31536000, immutable"
_ASK_EACH_TIME = "no-cache"

_NOT_BUILT = page(
    "GraphiQL",
    """
    <p lang="zh">GraphiQL 尚未构建。运行 <code>make up</code> 会构建它并启动平台；
    <code>/graphql</code> 现在就可以使用。</p>
    <p lang="en">GraphiQL has not been built yet. <code>make up</code> builds it and starts the platform;
    <code>/graphql</code> answers already.</p>
    """,
)


def graphiql_routes(built: Path = BUILT) -> list[BaseRoute]:
    """The routes under `/graphiql`; without the built files, a page that says how to build them."""
    if not (built / "index.html").is_file():
        return [Route("/graphiql{rest:path}", lambda _request: html(_NOT_BUILT, 503))]
    files = _Secured(StaticFiles(directory=built, html=True))
    return [Mount("/graphiql", app=files)]


class _Secured:
    """Adds the policy and the time to keep to each file."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        hashed = "/assets/" in scope["path"]

        async def send_secured(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(raw=message["headers"])
                found = message["status"] in {200, 304}
                headers["cache-control"] = _FOR_EVER if hashed and found else _ASK_EACH_TIME
                headers["content-security-policy"] = CONTENT_SECURITY_POLICY
                headers["x-content-type-options"] = "nosniff"
                headers["referrer-policy"] = "no-referrer"
            await send(message)

        await self._app(scope, receive, send_secured)

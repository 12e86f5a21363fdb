"""The platform's application called in this process, without a network and without a server."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from starlette.types import ASGIApp, Message, Scope

from bench.home_page import GRAPHQL_PATH
from server.addresses import with_endpoints
from server.app import create_app
from server.embedded.data_lock import Endpoints
from server.garbage import spare_long_lived_objects
from server.settings import Settings

OK = 200
PAUSE_SECONDS = 0.05
PATIENCE = 200


@asynccontextmanager
async def application(settings: Settings, endpoints: Endpoints) -> AsyncIterator[ASGIApp]:
    """The application on these stores, ready to answer queries."""
    quiet = settings.model_copy(update={"log_level": "WARNING"})
    app = create_app(with_endpoints(quiet, endpoints))
    spare_long_lived_objects()
    async with app.router.lifespan_context(app):
        await _ready(app)
        yield app


async def _ready(app: ASGIApp) -> None:
    for _ in range(PATIENCE):
        status, _ = await _call(app, _scope("GET", "/readyz", b""), b"")
        if status == OK:
            return
        await asyncio.sleep(PAUSE_SECONDS)
    raise RuntimeError("the application does not get ready on stores that run")


async def ask_in_process(app: ASGIApp, body: bytes, *, authorization: str = "") -> bytes:
    """The body that the graph answers to a POST of this one. Raises RuntimeError unless its status is 200."""
    scope = _scope("POST", GRAPHQL_PATH, body)
    if authorization:
        scope["headers"].append((b"authorization", authorization.encode()))
    status, answer = await _call(app, scope, body)
    if status != OK:
        raise RuntimeError(answer.decode())
    return answer


async def _call(app: ASGIApp, scope: Scope, body: bytes) -> tuple[int, bytes]:
    requests = [{"type": "http.request", "body": body, "more_body": False}]
    answered: dict[str, Any] = {}

    async def receive() -> Message:
        if not requests:
            # The caller stays until it has its answer.
            await asyncio.Event().wait()
        return requests.pop()

    async def send(message: Message) -> None:
        answered.update(message)

    await app(scope, receive, send)
    return answered["status"], answered["body"]


def _scope(method: str, path: str, body: bytes) -> Scope:
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": b"",
        "headers": [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 2),
    }

"""One API process under uvicorn."""

import asyncio
import socket
from contextlib import suppress

import uvicorn
from starlette.applications import Starlette

from datasources.sql.database import Database
from server.app import create_app
from server.garbage import spare_long_lived_objects
from server.key_check import KeyCheck
from server.root_key import key_ring
from server.settings import Settings
from server.websocket.sockets import Sockets

DRAIN_SECONDS = 10
KEEP_ALIVE_SECONDS = 75
SOCKETS_DRAIN_SECONDS = 3.0
STARTUP_FAILURE = 3


class DrainingServer(uvicorn.Server):
    """Closes WebSockets with 1001 before uvicorn cuts them."""

    def __init__(self, config: uvicorn.Config, app: Starlette) -> None:
        super().__init__(config)
        self._open: Sockets = app.state.sockets

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop."""
        await self._open.drain(SOCKETS_DRAIN_SECONDS)
        await super().shutdown(sockets)


def serve(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT; requests that run then get some seconds to finish. Raises StartError."""
    asyncio.run(_refuse_wrong_keys(settings))
    app = create_app(settings)
    spare_long_lived_objects()
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        loop="uvloop",
        http="httptools",
        ws="websockets-sansio",
        ws_max_size=settings.max_socket_message_bytes,
        # Compressing would be done for each connection anew, at twice the cost of sending (docs/performance.md).
        ws_per_message_deflate=False,
        lifespan="on",
        # Logging is the application's own: structured, with the request's id.
        log_config=None,
        access_log=False,
        server_header=False,
        forwarded_allow_ips=settings.trusted_proxies,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=DRAIN_SECONDS,
    )
    server = DrainingServer(config, app)
    # uvicorn raises the signal again once it has stopped.
    with suppress(KeyboardInterrupt):
        server.run()
    if not server.started:
        raise SystemExit(STARTUP_FAILURE)


async def _refuse_wrong_keys(settings: Settings) -> None:
    """The application checks as well; here the reason is told in one line instead of a traceback."""
    if settings.database_url is not None:
        database = Database(settings.database_url.get_secret_value(), pool_size=1)
        try:
            await KeyCheck(database, key_ring(settings)).try_once()
        finally:
            await database.close()

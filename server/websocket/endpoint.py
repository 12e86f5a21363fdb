"""The ASGI application behind `/graphql` for WebSockets."""

import structlog
from starlette.types import Receive, Scope, Send

from server.metrics import Metrics
from server.websocket.connection import Connection, Services
from server.websocket.handshake import handshake_of, origin_allowed
from server.websocket.protocol import SUBPROTOCOL, CloseCode
from server.websocket.sockets import Sockets

LEFT = "left"

_log = structlog.get_logger(component="websocket")


class WebSocketEndpoint:
    """Accepts connections and serves each to its end."""

    def __init__(self, services: Services, sockets: Sockets, metrics: Metrics, *, origins: frozenset[str]) -> None:
        self._services = services
        self._sockets = sockets
        self._metrics = metrics
        self._origins = origins

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        event = await receive()
        if event["type"] != "websocket.connect":
            return
        if not origin_allowed(scope, self._origins):
            # Before the handshake is accepted, this is a 403.
            await send({"type": "websocket.close"})
            return
        known = SUBPROTOCOL in scope["subprotocols"]
        await send({"type": "websocket.accept", "subprotocol": SUBPROTOCOL if known else None})
        connection = Connection(handshake_of(scope), self._services, receive, send)
        if not known:
            connection.close(CloseCode.SUBPROTOCOL_NOT_ACCEPTABLE, "Subprotocol not acceptable")
        elif self._sockets.draining:
            connection.close(CloseCode.GOING_AWAY, "Going away: the server stops, connect again")
        elif self._sockets.full:
            connection.close(CloseCode.TRY_AGAIN_LATER, "Too many connections, try again later")
        self._sockets.add(connection)
        self._metrics.sockets.inc()
        code = LEFT
        try:
            end = await connection.run()
            code = LEFT if end is None else str(int(end.code))
        finally:
            self._sockets.remove(connection)
            self._metrics.sockets.dec()
            self._metrics.socket_ends.labels(code).inc()
            _log.info("websocket ended", code=code)

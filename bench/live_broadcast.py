"""`python -m bench.live_broadcast`: a bare Starlette WebSocket that sends whatever is posted to it to all who listen.

What live subscriptions are compared with: no protocol, no graph, no store. Reads PORT.
"""

import os

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from server.garbage import spare_long_lived_objects


def broadcast_app() -> Starlette:
    """WebSockets on `/graphql`, and `/broadcast` to post text to."""
    listening: set[WebSocket] = set()

    async def listen(websocket: WebSocket) -> None:
        await websocket.accept(subprotocol="graphql-transport-ws")
        listening.add(websocket)
        try:
            async for _ in websocket.iter_text():
                pass
        finally:
            listening.discard(websocket)

    async def broadcast(request: Request) -> Response:
        text = (await request.body()).decode()
        for websocket in list(listening):
            await websocket.send_text(text)
        return Response(status_code=204)

    return Starlette(routes=[WebSocketRoute("/graphql", listen), Route("/broadcast", broadcast, methods=["POST"])])


def main() -> None:
    """Serve until SIGTERM, by the same server with the same settings as the API."""
    spare_long_lived_objects()
    uvicorn.run(
        broadcast_app(),
        host="127.0.0.1",
        port=int(os.environ["PORT"]),
        loop="uvloop",
        http="httptools",
        ws="websockets-sansio",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
    )


if __name__ == "__main__":
    main()

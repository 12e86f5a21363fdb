"""`python -m bench.serving handwritten|static`: one process that serves what the graph is compared with.

Reads DATABASE_URL, MONGODB_URL and PORT, and STATIC_FILE for the bytes that `static` answers everything with.
"""

import os
import sys
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from bench.handwritten import handwritten_app


def static_app(body: bytes) -> ASGIApp:
    """An application that answers everything with the same bytes: the most that this kind of server can do."""
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]

    async def answer(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    return answer


def main(kind: str) -> None:
    """Serve until SIGTERM, by the same server with the same settings as the API."""
    is_static = kind == "static"
    uvicorn.run(
        static_app(Path(os.environ["STATIC_FILE"]).read_bytes())
        if is_static
        else handwritten_app(os.environ["DATABASE_URL"], os.environ["MONGODB_URL"]),
        host="127.0.0.1",
        port=int(os.environ["PORT"]),
        loop="uvloop",
        http="httptools",
        lifespan="off" if is_static else "on",
        log_config=None,
        access_log=False,
        server_header=False,
    )


if __name__ == "__main__":
    main(sys.argv[1])

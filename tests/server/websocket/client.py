"""A client that speaks the protocol, over the `websockets` library."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

PATIENCE_SECONDS = 20
PROTOCOL = "graphql-transport-ws"


@dataclass
class Client:
    """One open connection."""

    wire: ClientConnection

    async def send(self, kind: str, **members: Any) -> None:
        """Send a message of this type."""
        await self.wire.send(json.dumps({"type": kind, **members}))

    async def receive(self) -> dict[str, Any]:
        """The next message."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            message: dict[str, Any] = json.loads(await self.wire.recv())
            return message

    async def initialise(self, **payload: Any) -> None:
        """Open the connection in the protocol's sense."""
        await self.send("connection_init", payload=payload)
        assert await self.receive() == {"type": "connection_ack"}

    async def subscribe(self, query: str, id: str = "1", **parameters: Any) -> None:
        """Start an operation."""
        await self.send("subscribe", id=id, payload={"query": query, **parameters})

    async def close_code(self) -> tuple[int, str]:
        """How the server closes the connection, whatever it says before."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            try:
                while True:
                    await self.wire.recv()
            except ConnectionClosed as closed:
                frame = closed.rcvd
        if frame is None:
            raise AssertionError("the connection was cut without a close frame")
        return frame.code, frame.reason


@asynccontextmanager
async def client(server: str, *, subprotocol: str = PROTOCOL, **options: Any) -> AsyncIterator[Client]:
    """A connection to the server at this address."""
    url = server.replace("http", "ws", 1) + "/graphql"
    async with connect(url, subprotocols=[Subprotocol(subprotocol)], proxy=None, **options) as wire:
        yield Client(wire)

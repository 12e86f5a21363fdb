"""A hospital's server in tests: takes what its webhook is sent, or does not."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from tests.server.http.front_door import listening


@dataclass
class HospitalSide:
    """What came, and what is answered."""

    origin: str = ""
    status: int = 204
    refused_orders: set[str] = field(default_factory=set)
    """Orders of which nothing is taken."""
    bodies: list[dict[str, Any]] = field(default_factory=list)
    """What was taken."""
    calls: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Where it takes events."""
        return f"{self.origin}/hook"

    async def take(self, request: Request) -> Response:
        """Take an event."""
        raw = await request.body()
        self.calls.append((dict(request.headers), raw))
        body = json.loads(raw)
        if self.status >= 300:
            return Response(status_code=self.status, headers={"Location": f"{self.origin}/elsewhere"})
        if body.get("orderId") in self.refused_orders:
            return Response(status_code=500)
        self.bodies.append(body)
        return Response(status_code=self.status)


async def _endless(_request: Request) -> Response:
    async def letters() -> AsyncIterator[bytes]:
        while True:
            yield b"x" * 65536
            await asyncio.sleep(0)

    return StreamingResponse(letters())


@asynccontextmanager
async def hospital_side() -> AsyncIterator[HospitalSide]:
    """One of them, on a port of its own."""
    side = HospitalSide()
    app = Starlette(routes=[Route("/hook", side.take, methods=["POST"]), Route("/endless", _endless, methods=["POST"])])
    async with listening(app) as origin:
        side.origin = origin
        yield side

"""The line to the platform: GraphQL over one WebSocket (graphql-transport-ws)."""

import asyncio
import itertools
import json
from collections.abc import Awaitable, Callable
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake
from websockets.typing import Subprotocol

from mobile_sms.enrolling import trust
from mobile_sms.home import Enrolment

ANSWER_SECONDS = 20.0
OPEN_SECONDS = 20.0
PROTOCOL = Subprotocol("graphql-transport-ws")
_REFUSED = (4401, 4403)


class LineError(Exception):
    """The line broke, or an answer did not come in time. Connect again."""


class RevokedError(Exception):
    """The platform does not know this telephone any more; only enrolling it anew helps."""


class Line:
    """One open line. Make it with `opened`."""

    def __init__(self, wire: ClientConnection) -> None:
        self._wire = wire
        self._ids = itertools.count(1)
        self._answers: dict[str, asyncio.Future[dict[str, Any]]] = {}
        self._events: dict[str, Callable[[dict[str, Any]], Awaitable[None]]] = {}

    async def ask(self, query: str, variables: dict[str, Any]) -> dict[str, Any]:
        """The data of the answer. Raises LineError."""
        id = str(next(self._ids))
        answer: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._answers[id] = answer
        try:
            await self._send("subscribe", id=id, payload={"query": query, "variables": variables})
            payload = await asyncio.wait_for(answer, ANSWER_SECONDS)
        except (asyncio.TimeoutError, ConnectionClosed) as error:
            raise LineError("no answer") from error
        finally:
            self._answers.pop(id, None)
        if payload.get("errors"):
            raise LineError(str(payload["errors"][0].get("message")))
        data: dict[str, Any] = payload["data"]
        return data

    async def watch(self, query: str, each: Callable[[dict[str, Any]], Awaitable[None]]) -> None:
        """Have `each` called with the data of every event, one after the other."""
        id = str(next(self._ids))
        self._events[id] = each
        await self._send("subscribe", id=id, payload={"query": query})

    async def serve(self) -> None:
        """Hand on what comes until the line breaks. Raises LineError or RevokedError."""
        try:
            async for text in self._wire:
                await self._take(json.loads(text))
        except ConnectionClosed as closed:
            _judge(closed)
        raise LineError("the platform closed the line")

    async def _take(self, message: dict[str, Any]) -> None:
        id, kind = str(message.get("id", "")), message.get("type")
        if kind == "ping":
            await self._send("pong")
        elif kind in ("next", "error") and id in self._answers and not self._answers[id].done():
            payload = message["payload"]
            self._answers[id].set_result(payload if kind == "next" else {"errors": payload})
        elif kind == "next" and id in self._events:
            if message["payload"].get("errors"):
                raise LineError(str(message["payload"]["errors"][0].get("message")))
            await self._events[id](message["payload"]["data"])
        elif kind in ("error", "complete") and id in self._events:
            raise LineError("the platform ended the subscription")

    async def _send(self, kind: str, **members: Any) -> None:
        try:
            await self._wire.send(json.dumps({"type": kind, **members}))
        except ConnectionClosed as closed:
            raise LineError("the line broke") from closed


async def with_line(enrolment: Enrolment, use: Callable[[Line], Awaitable[None]]) -> None:
    """Open the line and use it until it breaks. Raises LineError, RevokedError, or what `use` raises."""
    secure = trust(enrolment.ca_file) if enrolment.socket.startswith("wss") else None
    try:
        async with connect(
            enrolment.socket, subprotocols=[PROTOCOL], ssl=secure, open_timeout=OPEN_SECONDS, max_size=2**20
        ) as wire:
            payload = {"authorization": f"Bearer {enrolment.token}"}
            await wire.send(json.dumps({"type": "connection_init", "payload": payload}))
            said = json.loads(await asyncio.wait_for(wire.recv(), OPEN_SECONDS))
            if said.get("type") != "connection_ack":
                raise LineError(f"unexpected {said.get('type')}")
            await use(Line(wire))
    except ConnectionClosed as closed:
        _judge(closed)
    except (OSError, InvalidHandshake, asyncio.TimeoutError) as error:
        raise LineError(f"{type(error).__name__}: {error}") from error


def _judge(closed: ConnectionClosed) -> None:
    frame = closed.rcvd
    if frame is not None and frame.code in _REFUSED and frame.reason.startswith("TOKEN_INVALID"):
        raise RevokedError(frame.reason) from closed
    raise LineError("cut" if frame is None else f"{frame.code} {frame.reason}") from closed

"""Sends one request again and again over connections that are kept, and times each answer.

Without an HTTP library: it must cost less than what it measures.
"""

import asyncio
import sys
import time
from dataclasses import dataclass, field
from typing import cast

HEAD_END = b"\r\n\r\n"
LENGTH = b"\r\ncontent-length:"


@dataclass(frozen=True, slots=True)
class Job:
    """What to send, where to, and how often: until `requests` were answered or `seconds` have passed."""

    port: int
    request: bytes
    concurrency: int
    requests: int
    seconds: float
    warm_up_seconds: float


@dataclass(slots=True)
class Outcome:
    """How long each answer took, and all of them together."""

    elapsed: float = 0.0
    latencies: list[float] = field(default_factory=list)


class _Connection(asyncio.Protocol):
    """One request at a time; understands answers that have a Content-Length."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._expected: int | None = None
        self._answer: asyncio.Future[bytes] | None = None
        self._transport: asyncio.WriteTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are not asyncio's by type.
        self._transport = cast("asyncio.WriteTransport", transport)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if self._expected is None:
            end = self._buffer.find(HEAD_END)
            if end < 0:
                return
            head = bytes(self._buffer[:end]).lower()
            if not head.startswith(b"http/1.1 200"):
                self._fail(RuntimeError(bytes(self._buffer).decode(errors="replace")[:2000]))
                return
            length = head.split(LENGTH, 1)[1].split(b"\r\n", 1)[0]
            self._expected = end + len(HEAD_END) + int(length)
        if len(self._buffer) >= self._expected and self._answer is not None:
            self._answer.set_result(bytes(self._buffer[self._buffer.find(HEAD_END) + len(HEAD_END) :]))

    def connection_lost(self, exc: Exception | None) -> None:
        self._fail(exc or ConnectionResetError("the server closed the connection"))

    def _fail(self, error: Exception) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(error)

    async def ask(self, request: bytes) -> bytes:
        """The body of the answer. Raises RuntimeError with its beginning unless its status is 200."""
        if self._transport is None:
            raise ConnectionError("not connected")
        self._buffer.clear()
        self._expected = None
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await self._answer

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()


async def connected(port: int) -> _Connection:
    """A connection to this port of this machine."""
    _, connection = await asyncio.get_running_loop().create_connection(_Connection, "127.0.0.1", port)
    return connection


async def ask_once(port: int, request: bytes) -> bytes:
    """The body of the answer to one request."""
    connection = await connected(port)
    try:
        return await connection.ask(request)
    finally:
        connection.close()


async def run(job: Job) -> Outcome:
    """Warm up, then measure."""
    connections = [await connected(job.port) for _ in range(job.concurrency)]
    try:
        await _rush(connections, job.request, sys.maxsize, job.warm_up_seconds)
        return await _rush(connections, job.request, job.requests, job.seconds)
    finally:
        for connection in connections:
            connection.close()


async def _rush(connections: list[_Connection], request: bytes, requests: int, seconds: float) -> Outcome:
    outcome = Outcome()
    began = time.perf_counter()
    deadline = began + seconds

    async def ask_on(connection: _Connection) -> None:
        asked = time.perf_counter()
        while asked < deadline and len(outcome.latencies) < requests:
            await connection.ask(request)
            answered = time.perf_counter()
            outcome.latencies.append(answered - asked)
            asked = answered

    await asyncio.gather(*map(ask_on, connections))
    outcome.elapsed = time.perf_counter() - began
    return outcome

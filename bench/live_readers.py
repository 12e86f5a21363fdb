"""`python -m bench.live_readers <port> <how many> <messages>`: readers of WebSockets, as cheap as they can be.

`messages` is a JSON list of texts that each reader sends at first. The process says `ready` on standard output once
each reader has the state that its subscription begins with, and a line of JSON at the end of standard input: for each
later event the moments (`time.monotonic()`) at which the first and the last reader had it, and how many had.
"""

import asyncio
import os
import sys
import time
from dataclasses import dataclass, field
from typing import cast

import orjson
import uvloop

CONNECTING_AT_ONCE = 50
HANDSHAKE = (
    b"GET /graphql HTTP/1.1\r\nhost: bench\r\nupgrade: websocket\r\nconnection: upgrade\r\n"
    b"sec-websocket-key: MDEyMzQ1Njc4OWFiY2RlZg==\r\nsec-websocket-version: 13\r\n"
    b"sec-websocket-protocol: graphql-transport-ws\r\n\r\n"
)
TEXT, PING = 0x1, 0x9


@dataclass
class Events:
    """When each event came, to the first and to the last who got it, and to how many."""

    first: list[float] = field(default_factory=list)
    last: list[float] = field(default_factory=list)
    readers: list[int] = field(default_factory=list)
    latest: bytes = b""

    def note(self, number: int) -> None:
        """One more reader has got this event now."""
        now = time.monotonic()
        if number == len(self.first):
            self.first.append(now)
            self.last.append(now)
            self.readers.append(1)
        else:
            self.last[number] = now
            self.readers[number] += 1


class Reader(asyncio.Protocol):
    """Understands as much of RFC 6455 as a server sends."""

    def __init__(self, messages: list[bytes], events: Events) -> None:
        self.warm: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._messages = messages
        self._events = events
        self._buffer = b""
        self._open = False
        self._count = -1 if messages else 0
        self._transport: asyncio.WriteTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are not asyncio's by type.
        self._transport = cast("asyncio.WriteTransport", transport)
        self._transport.write(HANDSHAKE)

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.warm.done():
            self.warm.set_exception(exc or ConnectionResetError(self._buffer.decode(errors="replace")))

    def data_received(self, data: bytes) -> None:
        buffer = self._buffer + data if self._buffer else data
        if not self._open:
            end = buffer.find(b"\r\n\r\n")
            if end < 0:
                self._buffer = buffer
                return
            buffer = buffer[end + 4 :]
            self._open = True
            for message in self._messages:
                self._send(TEXT, message)
            if not self._messages:
                self.warm.set_result(None)
        place = 0
        while len(buffer) - place >= 2:
            head, length = 2, buffer[place + 1]
            if length == 126:
                head, length = 4, int.from_bytes(buffer[place + 2 : place + 4])
            elif length == 127:
                head, length = 10, int.from_bytes(buffer[place + 2 : place + 10])
            if len(buffer) - place < head + length:
                break
            self._take(buffer[place] & 0xF, buffer, place + head, place + head + length)
            place += head + length
        self._buffer = buffer[place:]

    def _take(self, kind: int, buffer: bytes, begin: int, end: int) -> None:
        if kind == PING:
            self._send(0xA, buffer[begin:end])
        elif buffer.startswith(b'{"type":"next"', begin):
            if self._count < 0:
                # The state that a subscription begins with.
                self._count = 0
                self.warm.set_result(None)
            else:
                self._events.note(self._count)
                self._count += 1
            self._events.latest = buffer[begin:end] if self._count <= 1 else self._events.latest
        elif buffer.startswith(b'{"type":"ping"', begin):
            self._send(TEXT, b'{"type":"pong"}')
        elif not buffer.startswith(b'{"type":"connection_ack"', begin):
            raise RuntimeError(buffer[begin:end].decode(errors="replace"))

    def _send(self, kind: int, message: bytes) -> None:
        # Masked by zeros, which change nothing.
        size = len(message)
        length = bytes([0x80 | size]) if size < 126 else b"\xfe" + size.to_bytes(2)
        if self._transport is not None:
            self._transport.write(bytes([0x80 | kind]) + length + bytes(4) + message)


async def read(port: int, count: int, messages: list[bytes]) -> Events:
    """Connect so many readers, say `ready`, and read until standard input ends."""
    loop = asyncio.get_running_loop()
    events = Events()
    readers: list[Reader] = []
    while len(readers) < count:
        some = await asyncio.gather(
            *(
                loop.create_connection(lambda: Reader(messages, events), "127.0.0.1", port)
                for _ in range(min(CONNECTING_AT_ONCE, count - len(readers)))
            )
        )
        batch = [reader for _, reader in some]
        await asyncio.gather(*(reader.warm for reader in batch))
        readers += batch
    print("ready", flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    return events


def main(port: str, count: str, messages: str) -> None:
    """Read, and say when what came."""
    events = uvloop.run(read(int(port), int(count), [each.encode() for each in orjson.loads(messages)]))
    told = {"first": events.first, "last": events.last, "readers": events.readers, "latest": events.latest.decode()}
    sys.stdout.write(orjson.dumps(told).decode() + "\n")
    sys.stdout.flush()
    # Thousands of open connections are closed faster by the kernel.
    os._exit(0)


if __name__ == "__main__":
    main(*sys.argv[1:])

"""The open connections of one process."""

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from typing import Protocol

from domain.callers import Caller
from domain.language import Words
from domain.refusals import RefusalCode
from server.websocket.protocol import CloseCode

CHECKED_AT_ONCE = 500
"""Connections that are looked at before anything else in the process has its turn."""


class Socket(Protocol):
    """An open connection, as those see it who may have to end it."""

    caller: Caller

    def close(self, code: CloseCode, reason: str) -> None:
        """Begin to close. Only the first call counts."""

    def end_credential(self, code: RefusalCode, words: Words) -> None:
        """Close because the credential holds no more."""

    def check(self) -> None:
        """Close if it is time to. Called again and again."""


class Sockets:
    """Knows every connection from its handshake to its end, and looks after all of them in one task."""

    def __init__(self, most: int, *, check_seconds: float = 1.0) -> None:
        self._most = most
        self._check_seconds = check_seconds
        self._checking: asyncio.Task[None] | None = None
        self._open: set[Socket] = set()
        self._none = asyncio.Event()
        self._none.set()
        self.draining = False

    def __len__(self) -> int:
        return len(self._open)

    def __iter__(self) -> Iterator[Socket]:
        return iter(list(self._open))

    @property
    def full(self) -> bool:
        """Whether one more would be too many."""
        return len(self._open) >= self._most

    def add(self, socket: Socket) -> None:
        """It has opened."""
        self._open.add(socket)
        self._none.clear()
        if self._checking is None:
            self._checking = asyncio.create_task(self._check())

    def remove(self, socket: Socket) -> None:
        """It has ended."""
        self._open.discard(socket)
        if not self._open:
            self._none.set()
            if self._checking is not None:
                self._checking.cancel()
                self._checking = None

    async def _check(self) -> None:
        while True:
            await asyncio.sleep(self._check_seconds)
            for number, socket in enumerate(self, 1):
                socket.check()
                if number % CHECKED_AT_ONCE == 0:
                    await asyncio.sleep(0)

    async def drain(self, seconds: float) -> None:
        """Close all with 1001, take no more, and wait for their ends at most so long."""
        self.draining = True
        for socket in self:
            socket.close(CloseCode.GOING_AWAY, "Going away: the server stops, connect again")
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._none.wait()

"""What a connection has yet to send: bounded, so that a slow reader costs its connection and not the memory."""

import asyncio
from collections import deque

from starlette.types import Send

from server.websocket.protocol import CloseCode, Closed

MOST_MESSAGES = 100
MOST_CHARACTERS = 4 * 1024 * 1024
"""Counted before a message is added: one message may always be larger."""


class Outbox:
    """The messages of one connection, in order."""

    def __init__(self, *, most_messages: int = MOST_MESSAGES) -> None:
        self._most = most_messages
        self._waiting: deque[str] = deque()
        self._characters = 0
        self._filled = asyncio.Event()

    def put(self, text: str) -> None:
        """Send this after what waits. Raises Closed (1013) when too much waits already.

        This is the place for latest-state coalescing: a newer state of a subscription that allows it would replace
        its older one here while that still waits, instead of standing behind it.
        """
        if len(self._waiting) >= self._most or self._characters > MOST_CHARACTERS:
            raise Closed(CloseCode.TRY_AGAIN_LATER, "Too slow: messages are not read as fast as they come")
        self._waiting.append(text)
        self._characters += len(text)
        self._filled.set()

    async def deliver(self, send: Send) -> None:
        """Send what comes, until cancelled or the connection is gone."""
        while True:
            await self._filled.wait()
            while self._waiting:
                text = self._waiting.popleft()
                self._characters -= len(text)
                await send({"type": "websocket.send", "text": text})
            self._filled.clear()

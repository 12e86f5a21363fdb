"""What a connection has yet to send: bounded, so that a slow reader costs its connection and not the memory.

Messages are kept in order and are never dropped; too many of them end the connection. Of a state, the latest is kept:
it takes the place of the operation's older one that still waits. A payload that many connections share is one string
for all of them until it is sent.
"""

import asyncio
import time
from collections import deque

from starlette.types import Send

from server.websocket.protocol import CloseCode, Closed

MOST_MESSAGES = 100
MOST_CHARACTERS = 4 * 1024 * 1024
"""Counted before a message is added: one message may always be larger."""


class State:
    """The latest state of one operation: `payload` in the message that begins with `head`. None: it has been sent."""

    __slots__ = ("head", "payload")

    def __init__(self, head: str) -> None:
        self.head = head
        self.payload: str | None = None


class Outbox:
    """What waits in one connection, in order."""

    def __init__(self, *, most_messages: int = MOST_MESSAGES) -> None:
        self._most = most_messages
        self._waiting: deque[str | State] = deque()
        self._messages = 0
        self._characters = 0
        self._filled = asyncio.Event()
        self._sending_since: float | None = None

    def put(self, text: str) -> None:
        """Send this after what waits. Raises Closed (1013) when too much waits already."""
        if self._messages >= self._most or self._characters > MOST_CHARACTERS:
            raise Closed(CloseCode.TRY_AGAIN_LATER, "Too slow: messages are not read as fast as they come")
        self._waiting.append(text)
        self._messages += 1
        self._characters += len(text)
        self._filled.set()

    def put_state(self, state: State, payload: str) -> None:
        """Send this payload after what waits; or in the place of the state's older one, if that still waits."""
        if state.payload is None:
            self._waiting.append(state)
            self._filled.set()
        state.payload = payload

    def stuck_seconds(self) -> float:
        """For how long the peer has not taken what is being sent to it."""
        return 0.0 if self._sending_since is None else time.monotonic() - self._sending_since

    async def deliver(self, send: Send) -> None:
        """Send what comes, until cancelled or the connection is gone."""
        while True:
            await self._filled.wait()
            while self._waiting:
                text = self._next()
                if text is not None:
                    self._sending_since = time.monotonic()
                    await send({"type": "websocket.send", "text": text})
                    self._sending_since = None
            self._filled.clear()

    def _next(self) -> str | None:
        item = self._waiting.popleft()
        if isinstance(item, str):
            self._messages -= 1
            self._characters -= len(item)
            return item
        payload, item.payload = item.payload, None
        return None if payload is None else f"{item.head}{payload}}}"

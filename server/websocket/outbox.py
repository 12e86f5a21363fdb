"""What a connection has yet to send: bounded, so that a slow reader costs its connection and not the memory.

Messages are kept in order and are never dropped; too many of them end the connection. Of a state, the latest is kept:
it takes the place of the operation's older one that still waits. A payload that many connections share is one string
for all of them until it is sent.

What can go out at once does so within the call that brings it; a task exists only while the peer doesn't keep up.
Waking a task for each of thousands was a good part of what an event cost (docs/performance.md).
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Coroutine, Generator
from functools import partial
from types import coroutine
from typing import Any

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
    """What waits in one connection, in order. `failed` is told what sending raises; then nothing more is sent."""

    def __init__(self, send: Send, failed: Callable[[Exception], None], *, most_messages: int = MOST_MESSAGES) -> None:
        self._send = send
        self._failed = failed
        self._most = most_messages
        self._waiting: deque[str | State] = deque()
        self._messages = 0
        self._characters = 0
        self._delivering: asyncio.Task[None] | None = None
        self._sending_since = 0.0

    def put(self, text: str) -> None:
        """Send this after what waits. Raises Closed (1013) when too much waits already."""
        if self._messages >= self._most or self._characters > MOST_CHARACTERS:
            raise Closed(CloseCode.TRY_AGAIN_LATER, "Too slow: messages are not read as fast as they come")
        self._waiting.append(text)
        self._messages += 1
        self._characters += len(text)
        if self._delivering is None:
            self._deliver()

    def put_state(self, state: State, payload: str) -> None:
        """Send this payload after what waits; or in the place of the state's older one, if that still waits."""
        if state.payload is None:
            self._waiting.append(state)
        state.payload = payload
        if self._delivering is None:
            self._deliver()

    def stuck_seconds(self) -> float:
        """For how long the peer has not taken what is being sent to it."""
        return 0.0 if self._delivering is None else time.monotonic() - self._sending_since

    def stop(self) -> "asyncio.Task[None] | None":
        """Send nothing more; the task that has to end for it."""
        self._waiting.clear()
        if self._delivering is not None:
            self._delivering.cancel()
        return self._delivering

    def _deliver(self) -> None:
        """Send what waits; as soon as something can't go out at once, leave it and all that follows to a task."""
        while self._waiting:
            text = self._next()
            if text is None:
                continue
            sending: Any = self._send({"type": "websocket.send", "text": text})
            try:
                waits_for = sending.send(None)
            except StopIteration:
                continue
            except Exception as error:  # noqa: BLE001 - the connection's to judge
                self._waiting.clear()
                self._failed(error)
                return
            self._sending_since = time.monotonic()
            self._delivering = asyncio.create_task(self._go_on(_resumed(sending, waits_for)))
            return

    async def _go_on(self, sending: Coroutine[Any, Any, None]) -> None:
        try:
            await sending
            while self._waiting:
                text = self._next()
                if text is not None:
                    self._sending_since = time.monotonic()
                    await self._send({"type": "websocket.send", "text": text})
        except Exception as error:  # noqa: BLE001 - the connection's to judge
            self._waiting.clear()
            self._failed(error)
        finally:
            self._delivering = None

    def _next(self) -> str | None:
        item = self._waiting.popleft()
        if isinstance(item, str):
            self._messages -= 1
            self._characters -= len(item)
            return item
        payload, item.payload = item.payload, None
        return None if payload is None else f"{item.head}{payload}}}"


@coroutine
def _resumed(begun: Coroutine[Any, Any, None], waits_for: object) -> Generator[Any, Any, None]:
    """The rest of a coroutine that was begun outside of a task and waits for this, to be awaited within one.

    From Python 3.12 on, a task that starts eagerly does the same.
    """
    while True:
        go_on: Callable[[], object]
        try:
            answer = yield waits_for
        except BaseException as error:  # noqa: BLE001 - a cancellation, too, is the begun coroutine's
            go_on = partial(begun.throw, error)
        else:
            go_on = partial(begun.send, answer)
        try:
            waits_for = go_on()
        except StopIteration:
            return

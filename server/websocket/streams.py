"""Subscriptions that many follow: one source, one execution and one encoding for each event, whoever follows.

A stream lives as long as somebody follows it, and ends with the last who leaves: because of a `complete`, a closed
connection or an ended credential. Its events are whole states, so who joins is given the latest one at once.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Hashable
from contextlib import aclosing
from typing import Protocol

from server.metrics import Metrics

AT_ONCE = 50
"""Followers that are served before anything else in the process has its turn."""

OpenSource = Callable[[], AsyncGenerator[str, None]]
"""Begins the subscription. It yields the payloads of its events, encoded."""


class Follower(Protocol):
    """Somebody to whom a stream's states are sent."""

    def offer(self, payload: str) -> None:
        """Send this state, in the place of an older one that still waits."""


class Streams:
    """The shared subscriptions of one process, by what makes them equal."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._streams: dict[Hashable, _Stream] = {}
        metrics.streams.set_function(lambda: len(self._streams))

    async def follow(self, key: Hashable, open_source: OpenSource, follower: Follower) -> None:
        """Serve the follower from the stream of this key, which begins if there is none, until the stream has ended.

        Raises what the source raises. Cancel it to leave.
        """
        stream = self._streams.get(key)
        if stream is None or stream.ended:
            stream = self._streams[key] = _Stream(open_source, self._metrics)
        ending = stream.join(follower)
        try:
            await ending
        finally:
            stream.leave(follower)
            if stream.ended and self._streams.get(key) is stream:
                del self._streams[key]


class _Stream:
    def __init__(self, open_source: OpenSource, metrics: Metrics) -> None:
        self._open_source = open_source
        self._metrics = metrics
        self._followers: dict[Follower, asyncio.Future[None]] = {}
        self._latest: str | None = None
        self.ended = False
        """Whether nobody can join any more."""
        self._task = asyncio.create_task(self._run())

    def join(self, follower: Follower) -> asyncio.Future[None]:
        """Done when the stream has ended."""
        ending = self._followers[follower] = asyncio.get_running_loop().create_future()
        if self._latest is not None:
            follower.offer(self._latest)
        return ending

    def leave(self, follower: Follower) -> None:
        """Send it nothing any more."""
        del self._followers[follower]
        if not self._followers:
            self.ended = True
            self._task.cancel()

    async def _run(self) -> None:
        error: Exception | None = None
        try:
            async with aclosing(self._open_source()) as payloads:
                async for payload in payloads:
                    # A difference that this selection does not show is no event.
                    if payload != self._latest:
                        await self._tell(payload)
        except Exception as failure:  # noqa: BLE001 - whatever it was, each follower raises it
            error = failure
        self.ended = True
        for ending in self._followers.values():
            if ending.cancelled():
                continue
            if error is None:
                ending.set_result(None)
            else:
                ending.set_exception(error)
                # Marks it as seen: a follower that leaves at this very moment asks no more.
                ending.exception()

    async def _tell(self, payload: str) -> None:
        self._latest = payload
        followers = list(self._followers)
        for number, follower in enumerate(followers, 1):
            follower.offer(payload)
            if number % AT_ONCE == 0:
                await asyncio.sleep(0)
        self._metrics.stream_events.inc()
        self._metrics.socket_events.inc(len(followers))

"""The machine behind every subscription whose events are states: read, tell what differs, wait for news, read again.

A new one needs three things, for instance `queueDisplay`:

1. who changes something notes it in its unit of work (`domain/live/changes.py`: `note_queue_change`);
2. a read of the whole state as the subscriber is to see it now, which answers `Seen(state, until)`, and
   `latest_states(stores, [queue_topic(hospital, department)], read, clock, concerns=…)` around it;
3. a field declared with `watches(…, sharing=Sharing.EVERYBODY)` whose method answers that generator.

Equal states are told once, so a state must have an equality that says whether a subscriber would see a difference.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Hashable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

import structlog

from datasources.faults import unavailable_store
from datasources.live.changes import Change
from datasources.live.topics import EVERY_KIND, Concerns, Watch, every_change
from datasources.stores import Stores
from domain.clock import Clock

State = TypeVar("State")

PACE_SECONDS = 0.1
"""Between two reads. The first change after a pause is read at once, a burst so often."""
LOOK_SECONDS = 1.0
"""How often the clock is looked at, which may be a test's; and the state itself while changes are not heard of."""
RECHECK_SECONDS = 30.0
"""Hints get lost, so the state is read now and then even if nothing was heard."""

_log = structlog.get_logger(component="live")


@dataclass(frozen=True, slots=True)
class Seen(Generic[State]):
    """What was read, and the last moment at which it holds if nobody changes anything; None is for ever."""

    state: State
    until: datetime | None = None


Read = Callable[[frozenset[type[Change]]], Awaitable[Seen[State]]]
"""Reads the whole state. It is told what kinds of things may have changed since it last succeeded, at first all."""


async def latest_states(
    stores: Stores, topics: Iterable[Hashable], read: Read[State], clock: Clock, *, concerns: Concerns = every_change
) -> AsyncGenerator[State, None]:
    """The state as it is now, then each state that differs from the one before; those between may be left out.

    The first read raises what it meets. Later ones that meet a store which is down are tried again until it is back.
    """
    with stores.topics.watch(topics, concerns) as watch:
        loop = asyncio.get_running_loop()
        began = loop.time()
        seen = await read(EVERY_KIND)
        yield seen.state
        changed: frozenset[type[Change]] = frozenset()
        while True:
            changed |= await _news(watch, stores, seen.until, clock)
            await asyncio.sleep(max(0.0, began + PACE_SECONDS - loop.time()))
            changed |= watch.take()
            began = loop.time()
            try:
                now_seen = await read(changed)
            except Exception as error:
                store = unavailable_store(error)
                if store is None:
                    raise
                _log.warning("a watched state cannot be read for the moment", store=store, error=type(error).__name__)
                changed = EVERY_KIND
                await asyncio.sleep(LOOK_SECONDS)
                continue
            changed = frozenset()
            if now_seen.state != seen.state:
                yield now_seen.state
            seen = now_seen


async def _news(watch: Watch, stores: Stores, until: datetime | None, clock: Clock) -> frozenset[type[Change]]:
    """Returns when it is time to read again; with what may have changed unheard of."""
    loop = asyncio.get_running_loop()
    recheck = loop.time() + RECHECK_SECONDS
    while True:
        left = LOOK_SECONDS if until is None else min(LOOK_SECONDS, max(0.0, (until - clock()).total_seconds()))
        if await watch.wait(left):
            return frozenset()
        if until is not None and clock() > until:
            return frozenset()
        if not stores.topics.hearing or loop.time() >= recheck:
            return EVERY_KIND

"""A department's queues on a screen, as they move."""

from collections.abc import AsyncGenerator
from datetime import datetime, time, timedelta

from datasources.live.changes import Change, QueueChange
from datasources.live.topics import queue_topic
from datasources.stores import Stores
from domain.booking.policy import BookingPolicy
from domain.booking.queue_display import DisplaySelection, QueueDisplay, queue_display
from domain.clock import Clock
from domain.live.states import Seen, latest_states


def watch_queue_display(
    stores: Stores, policy: BookingPolicy, clock: Clock, selection: DisplaySelection
) -> AsyncGenerator[QueueDisplay, None]:
    """The display now, then each that differs; empty before and after its day."""

    def concerns(change: Change) -> bool:
        return not isinstance(change, QueueChange) or (change.visit_date, change.half_day) == (
            selection.date,
            selection.half_day,
        )

    async def read(_changed: frozenset[type[Change]]) -> Seen[QueueDisplay]:
        now = clock()
        return Seen(await queue_display(stores.sql, policy, selection, now), _holds_until(selection, policy, now))

    topics = [queue_topic(selection.hospital_code, selection.department_code)]
    return latest_states(stores, topics, read, clock, concerns=concerns)


def _holds_until(selection: DisplaySelection, policy: BookingPolicy, now: datetime) -> datetime | None:
    """The last moment before the day begins or ends."""
    begins = datetime.combine(selection.date, time(), policy.zone)
    turns = [begins, begins + timedelta(days=1)]
    return next((turn - timedelta(microseconds=1) for turn in turns if now < turn), None)

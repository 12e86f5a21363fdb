"""What a screen in the waiting hall shows of a department's queues. Everybody may see it, so it names nobody."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from datasources.sql.database import Database
from datasources.sql.session_queues import DisplayedPerson, SessionQueues
from datasources.sql.slot_ledger import HalfDay
from domain.booking.policy import BookingPolicy

MOST_WAITING_SHOWN = 30


@dataclass(frozen=True, slots=True)
class DisplayedQueue:
    """One session's queue: who is called, the latest first, and the first of those who wait."""

    schedule_id: str
    called: Sequence[DisplayedPerson]
    waiting: Sequence[DisplayedPerson]
    waiting_count: int


@dataclass(frozen=True, slots=True)
class QueueDisplay:
    """A department's queues of one half-day, those that anybody is in."""

    hospital_code: str
    department_code: str
    date: date
    half_day: HalfDay
    queues: Sequence[DisplayedQueue]


@dataclass(frozen=True, slots=True)
class DisplaySelection:
    """Which department's half-day."""

    hospital_code: str
    department_code: str
    date: date
    half_day: HalfDay


async def queue_display(
    sql: Database, policy: BookingPolicy, selection: DisplaySelection, now: datetime
) -> QueueDisplay:
    """The display now. Only today's queues are shown: who came on another day is nobody's business."""
    people: Sequence[DisplayedPerson] = []
    if selection.date == now.astimezone(policy.zone).date():
        async with sql.read() as session:
            people = await SessionQueues(session).displayed(
                selection.hospital_code, selection.department_code, selection.date, str(selection.half_day)
            )
    queues = [
        _queue(schedule_id, [person for person in people if person.schedule_id == schedule_id])
        for schedule_id in dict.fromkeys(person.schedule_id for person in people)
    ]
    return QueueDisplay(selection.hospital_code, selection.department_code, selection.date, selection.half_day, queues)


def _queue(schedule_id: str, people: Sequence[DisplayedPerson]) -> DisplayedQueue:
    called = [person for person in people if person.called_at is not None]
    waiting = [person for person in people if person.called_at is None]
    latest_first = sorted(called, key=lambda person: (person.called_at, person.number), reverse=True)
    return DisplayedQueue(schedule_id, latest_first, waiting[:MOST_WAITING_SHOWN], len(waiting))

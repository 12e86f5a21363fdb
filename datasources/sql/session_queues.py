"""Reads and changes of sessions' queues. An entry whose order is no longer CHECKED_IN is in nobody's way."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from datasources.sql.database import fetch
from datasources.sql.queue_entry import QueueEntry


class Queued(NamedTuple):
    """Somebody in a session's queue, in the order of their places."""

    order_id: UUID
    number: int
    place: int
    late: bool
    times_called: int
    called_at: datetime | None
    room: str
    order_state: str
    masked_name: str


class QueuePlace(NamedTuple):
    """How an order stands in its session's queue."""

    ahead: int
    """Those who wait and are called earlier; 0 for whoever is called already."""
    times_called: int
    called_at: datetime | None
    room: str


class DisplayedPerson(NamedTuple):
    """Somebody on a department's display: nothing here names them."""

    schedule_id: str
    number: int
    surname: str
    """The first character of the name, as it was masked."""
    called_at: datetime | None
    times_called: int
    room: str


_OF_SESSION = """
    SELECT e.order_id, e.number, e.place, e.late, e.times_called, e.called_at, e.room, o.state, o.masked_patient_name
      FROM queue_entry e JOIN booking_order o ON o.id = e.order_id
     WHERE e.schedule_id = $1
     ORDER BY e.place, e.number
"""

_PLACES = """
    SELECT e.order_id,
           CASE WHEN e.called_at IS NOT NULL OR mine.state <> 'CHECKED_IN' THEN 0
                ELSE (SELECT count(*) FROM queue_entry w JOIN booking_order o ON o.id = w.order_id
                       WHERE w.schedule_id = e.schedule_id AND w.place < e.place AND w.called_at IS NULL
                         AND o.state = 'CHECKED_IN') END AS ahead,
           e.times_called, e.called_at, e.room
      FROM queue_entry e JOIN booking_order mine ON mine.id = e.order_id
     WHERE e.order_id = ANY ($1::uuid[])
"""

_DISPLAY = """
    SELECT e.schedule_id, e.number, left(o.masked_patient_name, 1), e.called_at, e.times_called, e.room
      FROM slot_ledger l
      JOIN queue_entry e ON e.schedule_id = l.schedule_id
      JOIN booking_order o ON o.id = e.order_id AND o.state = 'CHECKED_IN'
     WHERE l.hospital_code = $1 AND l.department_code = $2 AND l.visit_date = $3 AND l.half_day = $4
     ORDER BY e.schedule_id, e.place, e.number
"""


class SessionQueues:
    """Works inside the session it is given."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def lock(self, schedule_id: str) -> None:
        """Let nobody else change this session's queue until the transaction ends. Taken after the order's row."""
        await self._execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))", {"name": f"queue:{schedule_id}"}
        )

    async def of_session(self, schedule_id: str) -> list[Queued]:
        """Everybody who has checked in for the session, those whose visit is over among them, in order."""
        return [Queued(*row) for row in await fetch(self._session, _OF_SESSION, schedule_id)]

    async def places(self, order_ids: Sequence[UUID]) -> dict[UUID, QueuePlace]:
        """How these orders stand; those that never checked in are missing."""
        rows = await fetch(self._session, _PLACES, list(order_ids))
        return {order_id: QueuePlace(*rest) for order_id, *rest in rows}

    async def displayed(
        self, hospital_code: str, department_code: str, visit_date: date, half_day: str
    ) -> list[DisplayedPerson]:
        """Everybody who waits in a department's half-day or was called and is with the doctor, by session."""
        rows = await fetch(self._session, _DISPLAY, hospital_code, department_code, visit_date, half_day)
        return [DisplayedPerson(*row) for row in rows]

    async def add(self, entry: QueueEntry) -> None:
        """Put somebody into the queue at their place; whoever stood there or behind it moves back by one."""
        await self._make_room(entry.schedule_id, entry.place)
        self._session.add(entry)
        await self._session.flush()

    async def call(self, order_id: UUID, now: datetime, by: str, room: str) -> None:
        """Call somebody."""
        await self._execute(
            "UPDATE queue_entry SET called_at = :now, called_by = :by, room = :room, times_called = times_called + 1"
            " WHERE order_id = :order_id",
            {"order_id": order_id, "now": now, "by": by, "room": room},
        )

    async def put_back(self, schedule_id: str, order_id: UUID, place: int) -> None:
        """Let somebody who was called wait again at this place."""
        await self._make_room(schedule_id, place)
        await self._execute(
            "UPDATE queue_entry SET called_at = NULL, place = :place WHERE order_id = :order_id",
            {"order_id": order_id, "place": place},
        )

    async def _make_room(self, schedule_id: str, place: int) -> None:
        await self._execute(
            "UPDATE queue_entry SET place = place + 1 WHERE schedule_id = :schedule_id AND place >= :place",
            {"schedule_id": schedule_id, "place": place},
        )

    async def _execute(self, statement: str, values: dict[str, object]) -> None:
        await (await self._session.connection()).execute(text(statement), values)

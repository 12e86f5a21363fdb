"""Reads of the waitlist without locks: what is to be done, and what its people are shown."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, case, func, or_
from sqlalchemy.orm import aliased
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from datasources.sql.database import fetch
from datasources.sql.waitlist_entry import OPEN, WaitlistEntry, WaitlistState


class Queue(NamedTuple):
    """A session that people wait for, and what decides whether it is served."""

    schedule_id: str
    hospital_code: str
    hospital_status: str
    visit_date: date


class Candidate(NamedTuple):
    """Whose turn it is while a place is left for them."""

    id: UUID
    person: bytes
    user_id: UUID
    patient_id: UUID


class Shown(NamedTuple):
    """An entry as its owner sees it."""

    entry: WaitlistEntry
    people_ahead: int | None
    """None unless it waits."""


_QUEUE = """
    SELECT l.schedule_id, l.hospital_code, h.status, l.visit_date
      FROM slot_ledger l JOIN hospital_account h ON h.code = l.hospital_code
     WHERE l.schedule_id = $1
       AND EXISTS (SELECT 1 FROM waitlist_entry e
                    WHERE e.schedule_id = l.schedule_id AND e.state IN ('WAITING', 'OFFERED'))
"""

# Waiting entries and offers have an index each; together they are few, however many sessions there are.
_DUE = """
    SELECT l.schedule_id, l.hospital_code, h.status, l.visit_date
      FROM (SELECT e.schedule_id, max(e.place) FILTER (WHERE e.state = 'WAITING') IS NOT NULL AS waited_for,
                   bool_or(e.state = 'OFFERED' AND e.offer_until <= $1) AS lapsing
              FROM waitlist_entry e
             WHERE e.state IN ('WAITING', 'OFFERED') AND e.schedule_id > $3
             GROUP BY e.schedule_id) AS queue
      JOIN slot_ledger l USING (schedule_id)
      JOIN hospital_account h ON h.code = l.hospital_code
     WHERE (queue.lapsing OR l.status <> 'BOOKABLE' OR l.visit_date <= $2
            OR (queue.waited_for AND l.capacity - l.withheld - l.taken > 0))
       AND ($5::text IS NULL OR l.hospital_code = $5)
     ORDER BY l.schedule_id
     LIMIT $4
"""

_CANDIDATE = """
    SELECT e.id, e.person, e.user_id, e.patient_id
      FROM waitlist_entry e JOIN slot_ledger l USING (schedule_id)
     WHERE e.schedule_id = $1 AND e.state = 'WAITING' AND l.capacity - l.withheld - l.taken > 0
     ORDER BY e.place
     LIMIT 1
"""


class WaitlistReads:
    """Questions about the waitlist inside the session it is given."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def queue(self, schedule_id: str) -> Queue | None:
        """The session, if anybody waits for it or has an offer of it."""
        rows = await fetch(self._session, _QUEUE, schedule_id)
        return Queue(*rows[0]) if rows else None

    async def due(
        self, now: datetime, today: date, *, after: str = "", limit: int, hospital_code: str | None = None
    ) -> list[Queue]:
        """Sessions behind `after`, by key, of one hospital or of all, whose waitlist may have something to be done: a
        place is left, an offer is past its end, or the session may have ended."""
        return [Queue(*row) for row in await fetch(self._session, _DUE, now, today, after, limit, hospital_code)]

    async def candidate(self, schedule_id: str) -> Candidate | None:
        """Who is next, if a place is left."""
        rows = await fetch(self._session, _CANDIDATE, schedule_id)
        return Candidate(*rows[0]) if rows else None

    async def known(self, user_id: UUID, id: UUID) -> Shown | None:
        """The account's entry with this id; None if there is none or it is somebody else's."""
        found = await self._shown([col(WaitlistEntry.user_id) == user_id, col(WaitlistEntry.id) == id], limit=1)
        return found[0] if found else None

    async def of_user(self, user_id: UUID, *, ended_since: datetime, limit: int) -> list[Shown]:
        """The account's entries, the latest first: all open ones, and those that ended since."""
        shown = or_(col(WaitlistEntry.state).in_(OPEN), col(WaitlistEntry.ended_at) >= ended_since)
        return await self._shown([col(WaitlistEntry.user_id) == user_id, shown], limit=limit)

    async def _shown(self, where: Sequence[ColumnElement[bool]], *, limit: int) -> list[Shown]:
        before = aliased(WaitlistEntry)
        ahead = (
            select(func.count())
            .select_from(before)
            .where(
                col(before.schedule_id) == col(WaitlistEntry.schedule_id),
                col(before.state) == WaitlistState.WAITING,
                col(before.place) < col(WaitlistEntry.place),
            )
            .scalar_subquery()
        )
        query = (
            select(WaitlistEntry, case((col(WaitlistEntry.state) == WaitlistState.WAITING, ahead)))
            .where(*where)
            .order_by(col(WaitlistEntry.place).desc())
            .limit(limit)
        )
        return [Shown(*row) for row in await self._session.exec(query)]

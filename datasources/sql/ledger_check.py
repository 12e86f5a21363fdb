"""What must agree about sessions, read for many at a time in one statement, so that each is seen at one moment."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from datasources.sql.booking_order import HOLDING
from datasources.sql.database import fetch

_HOLDING = ", ".join(f"'{state}'" for state in HOLDING)

# The states are constants of this code. The orders of a session are found by booking_order_number_once.
_SESSIONS = f"""
    WITH batch AS (
        SELECT * FROM slot_ledger l
         WHERE l.schedule_id > $1 AND ($2::timestamptz IS NULL OR l.updated_at >= $2 OR l.schedule_id = ANY ($3))
         ORDER BY l.schedule_id LIMIT $4
    )
    SELECT b.schedule_id, b.hospital_code, b.revision, b.taken, b.waiting, b.next_number, b.returned_numbers,
           o.numbers, e.offered, e.waiting, o.elsewhere, o.same_person,
           EXISTS (SELECT FROM catalogue_push p WHERE p.hospital_code = b.hospital_code AND p.applied_at IS NULL)
      FROM batch b
     CROSS JOIN LATERAL (
           SELECT coalesce(array_agg(number), '{{}}') AS numbers,
                  coalesce(array_agg(id) FILTER (WHERE elsewhere), '{{}}') AS elsewhere,
                  coalesce(array_agg(id) FILTER (WHERE orders_of_person > 1), '{{}}') AS same_person
             FROM (SELECT o.id, o.number,
                          (o.hospital_code, o.department_code, o.visit_date, o.half_day)
                          IS DISTINCT FROM (b.hospital_code, b.department_code, b.visit_date, b.half_day) AS elsewhere,
                          count(o.person) OVER (PARTITION BY o.person) AS orders_of_person
                     FROM booking_order o
                    WHERE o.schedule_id = b.schedule_id AND o.state IN ({_HOLDING})) AS held) AS o
     CROSS JOIN LATERAL (
           SELECT coalesce(array_agg(w.number) FILTER (WHERE w.state = 'OFFERED'), '{{}}') AS offered,
                  count(*) FILTER (WHERE w.state = 'WAITING') AS waiting
             FROM waitlist_entry w
            WHERE w.schedule_id = b.schedule_id AND w.state IN ('OFFERED', 'WAITING')) AS e
     ORDER BY b.schedule_id
"""  # noqa: S608

_PLACES = """
    SELECT wanted.schedule_id, l.revision,
           EXISTS (SELECT FROM catalogue_push p
                    WHERE p.hospital_code = wanted.hospital_code AND p.applied_at IS NULL)
      FROM unnest($1::text[], $2::text[]) AS wanted(schedule_id, hospital_code)
      LEFT JOIN slot_ledger l ON l.schedule_id = wanted.schedule_id
"""

_LOCK = "SELECT hospital_code, department_code, visit_date FROM slot_ledger WHERE schedule_id = :schedule_id FOR UPDATE"

_RECOUNT = """
    UPDATE slot_ledger SET waiting = entries.count, updated_at = :now
      FROM (SELECT count(*) AS count FROM waitlist_entry
             WHERE schedule_id = :schedule_id AND state = 'WAITING') AS entries
     WHERE schedule_id = :schedule_id AND waiting <> entries.count
"""


class SessionFacts(NamedTuple):
    """One session as the ledger, the orders and the waitlist tell of it at one moment."""

    schedule_id: str
    hospital_code: str
    revision: int
    taken: int
    waiting: int
    next_number: int
    returned_numbers: Sequence[int]
    ordered: Sequence[int]
    """Numbers of the orders that hold one."""
    offered: Sequence[int]
    """Numbers that are offered on the waitlist."""
    entries: int
    """Waitlist entries that wait."""
    elsewhere: Sequence[UUID]
    """Orders that say another place or time than the session."""
    same_person: Sequence[UUID]
    """Orders whose person has another order of the session."""
    push_waiting: bool
    """Whether a push of the hospital is yet to reach MongoDB."""


class CataloguePlace(NamedTuple):
    """What the ledger says of a session whose text is looked for."""

    revision: int | None
    """None: the ledger has no such session."""
    push_waiting: bool


class RecountedSession(NamedTuple):
    """Where a session is whose count was mended."""

    hospital_code: str
    department_code: str
    visit_date: date


class LedgerChecks:
    """Works inside the session it is given."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def sessions(
        self, behind: str, *, changed_since: datetime | None, besides: Sequence[str], most: int
    ) -> list[SessionFacts]:
        """The next sessions in the order of their keys: all, or those changed since then and those `besides`."""
        rows: list[Any] = await fetch(self._session, _SESSIONS, behind, changed_since, list(besides), most)
        return [SessionFacts(*row) for row in rows]

    async def places(self, hospitals: dict[str, str]) -> dict[str, CataloguePlace]:
        """What the ledger says of these sessions now, given with their hospitals."""
        rows = await fetch(self._session, _PLACES, list(hospitals), list(hospitals.values()))
        return {schedule_id: CataloguePlace(revision, waiting) for schedule_id, revision, waiting in rows}

    async def recount_waiting(self, schedule_id: str, now: datetime) -> RecountedSession | None:
        """Count the session's waiting entries anew; None if the session is gone or its count is right by now.

        Whoever changes entries changes the count in the same transaction, so under the row's lock every entry that is
        seen is counted, and every one that isn't brings its own count along.
        """
        connection = await self._session.connection()
        place = (await connection.execute(text(_LOCK), {"schedule_id": schedule_id})).one_or_none()
        if place is None:
            return None
        # Not in one statement with the lock: that would count what was there before the lock was had.
        changed = await connection.execute(text(_RECOUNT), {"schedule_id": schedule_id, "now": now})
        return RecountedSession(*place) if changed.rowcount else None

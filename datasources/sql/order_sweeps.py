"""Which orders the clock, a hospital or an erasure has caught up with: reads for the jobs that move them on.

Each answers ids, to be looked at again under a lock: somebody else may be faster.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import text
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from datasources.sql.booking_order import BookingOrder
from datasources.sql.database import fetch

_LAPSED = """
    SELECT id FROM booking_order
     WHERE lapses_at IS NOT NULL AND lapses_at <= $1 AND id <> ALL ($2)
     ORDER BY lapses_at, id LIMIT $3
"""
# The states stand in the text, not in parameters: so the planner knows that the partial indexes serve.
_MISSED = """
    SELECT o.id, o.person FROM booking_order o JOIN slot_ledger l USING (schedule_id)
     WHERE o.state = 'PAID' AND (o.visit_date < $1 OR (o.visit_date = $1 AND o.half_day = ANY ($2)))
       AND l.status <> 'WITHDRAWN' AND o.id <> ALL ($3)
     ORDER BY o.visit_date, o.half_day, o.id LIMIT $4
"""
_STILL_CHECKED_IN = """
    SELECT id FROM booking_order
     WHERE state = 'CHECKED_IN' AND visit_date < $1 AND id <> ALL ($2)
     ORDER BY visit_date, id LIMIT $3
"""
_WITHDRAWN_SESSIONS = """
    SELECT l.schedule_id FROM slot_ledger l
     WHERE l.status = 'WITHDRAWN' AND l.taken > 0 AND l.visit_date >= $1
       AND EXISTS (SELECT FROM booking_order o
                    WHERE o.schedule_id = l.schedule_id
                      AND o.state IN ('PENDING_HOSPITAL', 'AWAITING_PAYMENT', 'PAID', 'CHECKED_IN'))
     ORDER BY l.visit_date, l.schedule_id LIMIT $2
"""
_HELD_SESSIONS = """
    SELECT DISTINCT schedule_id FROM booking_order
     WHERE schedule_id = ANY (:schedule_ids)
       AND state IN ('PENDING_HOSPITAL', 'AWAITING_PAYMENT', 'PAID', 'CHECKED_IN')
"""
_LIVE_OF_ERASED = """
    SELECT o.id FROM user_account u JOIN booking_order o ON o.user_id = u.id
     WHERE u.status = 'DELETING' AND u.delete_after <= $1
       AND o.state IN ('PENDING_HOSPITAL', 'AWAITING_PAYMENT', 'PAID', 'CHECKED_IN') AND o.id <> ALL ($2)
     ORDER BY o.id LIMIT $3
"""
_LIVE = text("state IN ('PENDING_HOSPITAL', 'AWAITING_PAYMENT', 'PAID', 'CHECKED_IN')")


class DueOrder(NamedTuple):
    """An order that is due."""

    id: UUID


class MissedVisit(NamedTuple):
    """An order whose patient did not come, and who that is."""

    id: UUID
    person: bytes


class OrderSweeps:
    """Works inside the session it is given. `besides` are orders that this run has tried already."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def lapsed(self, now: datetime, besides: Sequence[UUID], limit: int) -> list[DueOrder]:
        """Orders that nobody confirmed or paid in time, the longest overdue first."""
        return [DueOrder(*row) for row in await fetch(self._session, _LAPSED, now, list(besides), limit)]

    async def missed(
        self, today: date, half_days_over: Sequence[str], besides: Sequence[UUID], limit: int
    ) -> list[MissedVisit]:
        """Orders whose half-day is over and whose patient never came. A withdrawn session's are somebody else's."""
        rows = await fetch(self._session, _MISSED, today, list(half_days_over), list(besides), limit)
        return [MissedVisit(*row) for row in rows]

    async def still_checked_in(self, today: date, besides: Sequence[UUID], limit: int) -> list[DueOrder]:
        """Orders of earlier days whose patient came, and of which nobody said more."""
        return [DueOrder(*row) for row in await fetch(self._session, _STILL_CHECKED_IN, today, list(besides), limit)]

    async def withdrawn_sessions(self, since: date, limit: int) -> list[str]:
        """Withdrawn sessions from this date on that still have live orders."""
        return [row[0] for row in await fetch(self._session, _WITHDRAWN_SESSIONS, since, limit)]

    async def held(self, schedule_ids: Sequence[str]) -> set[str]:
        """Those of the sessions that have live orders."""
        found = await (await self._session.connection()).execute(
            text(_HELD_SESSIONS), {"schedule_ids": list(schedule_ids)}
        )
        return {row[0] for row in found}

    async def live_of_due_accounts(self, now: datetime, besides: Sequence[UUID], limit: int) -> list[DueOrder]:
        """Live orders of accounts whose erasure is due."""
        return [DueOrder(*row) for row in await fetch(self._session, _LIVE_OF_ERASED, now, list(besides), limit)]

    async def take_live_of_session(self, schedule_id: str, limit: int) -> list[BookingOrder]:
        """Some live orders of a session, held until the transaction ends; those that others hold are passed over."""
        found = await self._session.exec(
            select(BookingOrder)
            .where(col(BookingOrder.schedule_id) == schedule_id, _LIVE)
            .order_by(col(BookingOrder.id))
            .limit(limit)
            .with_for_update(skip_locked=True, key_share=True)
            .execution_options(populate_existing=True)
        )
        return list(found)

    async def take_live_of_user(self, user_id: UUID) -> list[BookingOrder]:
        """All live orders of an account, held until the transaction ends."""
        found = await self._session.exec(
            select(BookingOrder)
            .where(col(BookingOrder.user_id) == user_id, _LIVE)
            .order_by(col(BookingOrder.id))
            .with_for_update(key_share=True)
            .execution_options(populate_existing=True)
        )
        return list(found)

    async def take(self, id: UUID) -> BookingOrder | None:
        """The order, held until the transaction ends; None if somebody else holds it."""
        found = await self._session.exec(
            select(BookingOrder)
            .where(col(BookingOrder.id) == id)
            .with_for_update(skip_locked=True, key_share=True)
            .execution_options(populate_existing=True)
        )
        return found.one_or_none()

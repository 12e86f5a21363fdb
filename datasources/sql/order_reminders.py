"""Reminders of many orders at once: PostgreSQL writes them into the outbox itself, what is there already it leaves."""

from datetime import date, datetime

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

_REMIND = text("""
    INSERT INTO outgoing_message (id, kind, user_id, variables, subject_kind, subject_id, dedupe_key, state,
                                  next_at, useless_after, created_at)
    SELECT gen_random_uuid(), CAST(:kind AS text), o.user_id, order_message_variables(o), 'order', o.id::text,
           CAST(:kind AS text) || '/' || o.id || '/' || o.visit_date, 'WAITING', :now, :useless_after, :now
      FROM booking_order o
     WHERE o.state = 'PAID' AND o.visit_date = :day AND o.half_day = :half_day AND o.state_changed_at < :before
       AND NOT EXISTS (SELECT 1 FROM outgoing_message m
                        WHERE m.dedupe_key = CAST(:kind AS text) || '/' || o.id || '/' || o.visit_date)
     LIMIT :most
    ON CONFLICT ON CONSTRAINT outgoing_message_dedupe_key DO NOTHING
""")
_REMIND_OF_PAYMENT = text("""
    INSERT INTO outgoing_message (id, kind, user_id, variables, subject_kind, subject_id, dedupe_key, state,
                                  next_at, useless_after, created_at)
    SELECT gen_random_uuid(), CAST(:kind AS text), o.user_id,
           order_message_variables(o) || jsonb_build_object('pay_until', o.lapses_at), 'order', o.id::text,
           CAST(:kind AS text) || '/' || o.id || '/' || extract(epoch FROM o.lapses_at)::bigint, 'WAITING',
           :now, o.lapses_at, :now
      FROM booking_order o
     WHERE o.state = 'AWAITING_PAYMENT' AND o.lapses_at > :now AND o.lapses_at <= :lapses_by
       AND o.state_changed_at <= :waits_since
       AND NOT EXISTS (SELECT 1 FROM outgoing_message m WHERE m.dedupe_key =
                           CAST(:kind AS text) || '/' || o.id || '/' || extract(epoch FROM o.lapses_at)::bigint)
     LIMIT :most
    ON CONFLICT ON CONSTRAINT outgoing_message_dedupe_key DO NOTHING
""")


class OrderReminders:
    """Writes reminders inside the session it is given."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def remind_of_visits(
        self,
        kind: str,
        day: date,
        half_day: str,
        *,
        before: datetime,
        useless_after: datetime,
        now: datetime,
        most: int,
    ) -> int:
        """Remind owners of paid orders of this half-day that have stood so since `before`; how many were new."""
        return await self._run(
            _REMIND,
            kind=kind,
            day=day,
            half_day=half_day,
            before=before,
            useless_after=useless_after,
            now=now,
            most=most,
        )

    async def remind_of_payments(
        self, kind: str, *, lapses_by: datetime, waits_since: datetime, now: datetime, most: int
    ) -> int:
        """Remind owners of orders that lapse unpaid by then and have waited since; how many were new."""
        return await self._run(
            _REMIND_OF_PAYMENT, kind=kind, lapses_by=lapses_by, waits_since=waits_since, now=now, most=most
        )

    async def _run(self, statement: object, **values: object) -> int:
        done = await (await self._session.connection()).execute(statement, values)  # type: ignore[call-overload]
        count: int = done.rowcount
        return count

"""Reminders: of a visit on the evening before and on its day, once each, and of a payment that is about to expire.

Who runs it twice, or dies in the middle and runs it again, reminds nobody twice: each reminder's dedupe key names the
order and the day. It is made of statements that take a thousand orders each.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlmodel.ext.asyncio.session import AsyncSession

from datasources.sql.database import Database
from datasources.sql.order_reminders import OrderReminders
from datasources.sql.slot_ledger import HalfDay
from domain.booking.deadlines import half_day_ends
from domain.booking.policy import BookingPolicy
from domain.messages.kinds import MessageKind

EVENING = time(18, 0)
MORNING = time(8, 0)
PAYMENT_NOTICE = timedelta(minutes=5)
"""So long before an unpaid order lapses its owner is reminded, unless it waits no longer than that."""
BATCH = 1_000


@dataclass(frozen=True, slots=True)
class _Round:
    """The visits of one half-day, and what their owners are reminded with."""

    kind: MessageKind
    day: date
    half_day: HalfDay
    before: datetime
    """Orders that were booked, paid or moved later have just been told of."""
    useless_after: datetime


async def remind_of_visits(database: Database, policy: BookingPolicy, now: datetime) -> int:
    """Remind of tomorrow's visits from the evening on, and of today's from the morning on until their half-day ends;
    how many were reminded."""
    reminded = 0
    for each in rounds_at(policy, now):

        async def remind(session: AsyncSession, each: _Round = each) -> int:
            return await OrderReminders(session).remind_of_visits(
                each.kind,
                each.day,
                each.half_day,
                before=each.before,
                useless_after=each.useless_after,
                now=now,
                most=BATCH,
            )

        reminded += await _all(database, remind)
    return reminded


def rounds_at(policy: BookingPolicy, now: datetime) -> list[_Round]:
    """Whom to remind at this moment. Pure."""
    today = now.astimezone(policy.zone).date()
    tomorrow = today + timedelta(days=1)
    evening = datetime.combine(today, EVENING, policy.zone)
    morning = datetime.combine(today, MORNING, policy.zone)
    rounds = []
    for half_day in HalfDay:
        ends = half_day_ends(today, half_day, policy)
        if now >= evening:
            midnight = datetime.combine(tomorrow, time.min, policy.zone)
            rounds.append(_Round(MessageKind.REMINDER_DAY_BEFORE, tomorrow, half_day, evening, midnight))
        if morning <= now < ends:
            rounds.append(_Round(MessageKind.REMINDER_SAME_DAY, today, half_day, morning, ends))
    return rounds


async def remind_of_payments(database: Database, now: datetime) -> int:
    """Remind of orders that lapse unpaid within minutes; how many were reminded."""

    async def remind(session: AsyncSession) -> int:
        return await OrderReminders(session).remind_of_payments(
            MessageKind.PAYMENT_DUE_SOON,
            lapses_by=now + PAYMENT_NOTICE,
            waits_since=now - PAYMENT_NOTICE,
            now=now,
            most=BATCH,
        )

    return await _all(database, remind)


async def _all(database: Database, remind: Callable[[AsyncSession], Awaitable[int]]) -> int:
    """Batch after batch until nothing is left, each in a transaction of its own."""
    total = 0
    while True:
        async with database.unit_of_work() as session:
            some = await remind(session)
        total += some
        if some == 0:
            return total

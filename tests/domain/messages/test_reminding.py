"""Reminders: the evening before and on the day, once for each order and day, whatever is run again."""

import asyncio
from datetime import date, datetime, timedelta

import pytest

from datasources.sql.booking_order import BookingOrder, OrderState
from datasources.stores import Stores
from domain.booking.order_states import OrderStep
from domain.messages.kinds import VARIABLES, MessageKind
from domain.messages.reminding import remind_of_payments, remind_of_visits, rounds_at
from tests.booked import POLICY, Session, at, new_session
from tests.domain.messages.people import outbox_of
from tests.order_steps import step

VISIT = date(2031, 5, 6)
"""Far from other tests' visits, and from the moment at which the tests' orders are made."""
EVE = VISIT - timedelta(days=1)


async def reminders_of(stores: Stores, order: BookingOrder) -> list[str]:
    """Which reminders the owner gets."""
    told = await outbox_of(stores, order.user_id)
    return [message.kind for message in told if message.kind.startswith(("REMINDER", "PAYMENT_DUE"))]


async def visits(stores: Stores) -> tuple[Session, BookingOrder, BookingOrder]:
    """A morning's and an afternoon's paid order."""
    morning = await new_session(stores, visit_date=VISIT)
    afternoon = await new_session(stores, visit_date=VISIT, half_day="PM")
    return morning, await morning.book(), await afternoon.book()


async def test_a_visit_is_recalled_on_the_evening_before_and_on_its_morning_once_each(stores: Stores) -> None:
    _, morning, afternoon = await visits(stores)

    await remind_of_visits(stores.sql, POLICY, at("17:59", EVE))
    assert await reminders_of(stores, morning) == []
    for _ in range(2):
        await asyncio.gather(*(remind_of_visits(stores.sql, POLICY, at("18:00", EVE)) for _ in range(3)))
    assert await reminders_of(stores, morning) == ["REMINDER_DAY_BEFORE"]
    for _ in range(2):
        await remind_of_visits(stores.sql, POLICY, at("08:00", VISIT))

    for order in (morning, afternoon):
        assert await reminders_of(stores, order) == ["REMINDER_DAY_BEFORE", "REMINDER_SAME_DAY"]
    first = (await outbox_of(stores, morning.user_id))[-1]
    assert first.variables.keys() == VARIABLES[MessageKind.REMINDER_SAME_DAY].keys()


async def test_a_second_run_reminds_nobody(stores: Stores) -> None:
    await visits(stores)

    assert await remind_of_visits(stores.sql, POLICY, at("19:00", EVE)) > 0
    assert await remind_of_visits(stores.sql, POLICY, at("19:01", EVE)) == 0


async def test_nobody_is_reminded_of_a_half_day_that_is_over(stores: Stores) -> None:
    _, morning, afternoon = await visits(stores)

    await remind_of_visits(stores.sql, POLICY, at("12:00", VISIT))

    assert await reminders_of(stores, morning) == []
    assert await reminders_of(stores, afternoon) == ["REMINDER_SAME_DAY"]


async def test_who_cancelled_or_was_just_told_is_not_reminded(stores: Stores) -> None:
    session, cancelled, _ = await visits(stores)
    await step(stores, cancelled.id, OrderStep.CANCEL, at("09:00", EVE))
    paid_late = await session.book(OrderState.AWAITING_PAYMENT)
    await step(stores, paid_late.id, OrderStep.PAY, at("18:30", EVE))

    await remind_of_visits(stores.sql, POLICY, at("19:00", EVE))

    assert await reminders_of(stores, cancelled) == []
    assert await reminders_of(stores, paid_late) == []


async def test_who_has_not_paid_is_reminded_shortly_before_the_order_lapses_once(stores: Stores) -> None:
    order = await (await new_session(stores, visit_date=VISIT)).book(OrderState.AWAITING_PAYMENT)
    assert order.lapses_at is not None

    await remind_of_payments(stores.sql, order.lapses_at - timedelta(minutes=6))
    assert await reminders_of(stores, order) == []
    for minutes in (5, 4):
        await remind_of_payments(stores.sql, order.lapses_at - timedelta(minutes=minutes))
    await remind_of_payments(stores.sql, order.lapses_at)

    assert await reminders_of(stores, order) == ["PAYMENT_DUE_SOON"]
    said = (await outbox_of(stores, order.user_id))[-1].variables
    assert datetime.fromisoformat(said["pay_until"]) == order.lapses_at


@pytest.mark.parametrize(
    ("clock", "kinds"),
    [
        ("07:59", []),
        ("08:00", ["REMINDER_SAME_DAY", "REMINDER_SAME_DAY"]),
        ("12:00", ["REMINDER_SAME_DAY"]),
        ("18:00", ["REMINDER_DAY_BEFORE", "REMINDER_DAY_BEFORE"]),
        ("23:59", ["REMINDER_DAY_BEFORE", "REMINDER_DAY_BEFORE"]),
        ("00:00", []),
    ],
)
def test_the_hours_of_reminders(clock: str, kinds: list[str]) -> None:
    assert [each.kind for each in rounds_at(POLICY, at(clock))] == kinds

"""Orders that nobody pays in time end, once, and a payment at the same moment wins or loses as a whole."""

import asyncio
from datetime import timedelta
from decimal import Decimal

from sqlalchemy import update
from sqlmodel import col

from datasources.sql.booking_order import BookingOrder, OrderState
from datasources.stores import Stores
from domain.booking.lapsing import lapse_due, lapse_order
from domain.booking.order_states import OrderStep, StepNotPossible
from tests.booked import Session, at, new_session
from tests.order_steps import assert_true, events_of, row_of, step

DEADLINE = at("23:00")


async def lapses(stores: Stores, session: Session) -> None:
    """Run the sweeper at the deadline; other tests' orders may lapse with it."""
    await lapse_due(stores.sql, DEADLINE)
    await assert_true(stores, session.schedule_id)


async def test_an_order_lapses_at_its_deadline_and_not_before(stores: Stores) -> None:
    session = await new_session(stores)
    order = await session.book(OrderState.AWAITING_PAYMENT)

    assert not await lapse_order(stores.sql, order.id, DEADLINE - timedelta(seconds=1))
    assert await lapse_order(stores.sql, order.id, DEADLINE)
    assert not await lapse_order(stores.sql, order.id, DEADLINE)

    after = await row_of(stores, order.id)
    assert (after.state, after.lapses_at, after.ended_because) == (OrderState.EXPIRED, None, "LAPSE")
    assert [event.event for event in await events_of(stores, order.id)] == ["PLACED", "LAPSE"]
    await assert_true(stores, session.schedule_id)


async def test_what_the_hospital_left_unanswered_does_not_count_against_the_patient(stores: Stores) -> None:
    session = await new_session(stores)
    order = await session.book(OrderState.PENDING_HOSPITAL)

    await lapses(stores, session)

    after = await row_of(stores, order.id)
    assert (after.state, after.ended_because) == (OrderState.EXPIRED, "HOSPITAL_SILENT")


async def test_what_was_paid_of_a_dearer_session_goes_back(stores: Stores) -> None:
    session = await new_session(stores)
    order = await session.book(OrderState.PAID)
    values = {"paid_amount": Decimal("9.67"), "fee": Decimal("20.00"), "lapses_at": DEADLINE}
    await step(stores, order.id, OrderStep.RESCHEDULE_OWING, at("10:00"), **values)

    await lapses(stores, session)

    after = await row_of(stores, order.id)
    assert (after.state, after.paid_amount) == (OrderState.REFUNDING, Decimal("9.67"))


async def test_many_sweepers_end_each_order_once(stores: Stores) -> None:
    session = await new_session(stores, capacity=60)
    orders = [await session.book(OrderState.AWAITING_PAYMENT) for _ in range(30)]

    await asyncio.gather(*(lapse_due(stores.sql, DEADLINE) for _ in range(4)))
    await lapses(stores, session)

    for order in orders:
        assert [event.event for event in await events_of(stores, order.id)] == ["PLACED", "LAPSE"]


async def test_an_order_that_cannot_be_moved_keeps_no_other_from_it(stores: Stores) -> None:
    session, broken = await new_session(stores), await new_session(stores)
    stuck = await broken.book(OrderState.AWAITING_PAYMENT)
    async with stores.sql.unit_of_work() as writing:
        # A number that was never issued can't come back.
        await writing.exec(update(BookingOrder).where(col(BookingOrder.id) == stuck.id).values(number=99))
    order = await session.book(OrderState.AWAITING_PAYMENT)

    await lapses(stores, session)

    assert (await row_of(stores, order.id)).state == OrderState.EXPIRED
    assert (await row_of(stores, stuck.id)).state == OrderState.AWAITING_PAYMENT
    async with stores.sql.unit_of_work() as writing:
        await writing.exec(update(BookingOrder).where(col(BookingOrder.id) == stuck.id).values(number=1))


async def test_a_payment_at_the_deadline_wins_or_loses_as_a_whole(stores: Stores) -> None:
    session = await new_session(stores, capacity=40)
    orders = [await session.book(OrderState.AWAITING_PAYMENT) for _ in range(20)]

    async def paid(order: BookingOrder) -> bool:
        try:
            await step(stores, order.id, OrderStep.PAY, DEADLINE, paid_amount=Decimal("9.67"))
        except StepNotPossible:
            return False
        return True

    async def both(order: BookingOrder, *, payment_first: bool) -> tuple[bool, bool]:
        tries = [paid(order), lapse_order(stores.sql, order.id, DEADLINE)]
        first, second = await asyncio.gather(*(tries if payment_first else reversed(tries)))
        return (first, second) if payment_first else (second, first)

    outcomes = await asyncio.gather(*(both(order, payment_first=n % 2 == 0) for n, order in enumerate(orders)))
    await lapses(stores, session)

    for order, (was_paid, _) in zip(orders, outcomes, strict=True):
        after = await row_of(stores, order.id)
        expected = (OrderState.PAID, Decimal("9.67")) if was_paid else (OrderState.EXPIRED, Decimal(0))
        assert (after.state, after.paid_amount) == expected
        assert len(await events_of(stores, order.id)) == 2

"""Checking in: when it is open, once, and how many are then ahead."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from datasources.sql.booking_order import BookingOrder, OrderState
from datasources.stores import Stores
from domain.audit.actor import Actor
from domain.booking.check_in import (
    CheckedIn,
    CheckInAnswer,
    CheckInClosed,
    CheckInNotOpen,
    NotPaid,
    OrderEnded,
    check_in_own,
)
from domain.problems import NotFound
from tests.booked import DAY, POLICY, Session, at, new_session
from tests.ledger import assert_ledger_true


async def arrive(session: Session, order: BookingOrder, now: datetime, *, user_id: UUID | None = None) -> CheckInAnswer:
    owner = user_id or order.user_id
    return await check_in_own(session.stores.sql, POLICY, Actor("user", str(owner), now), owner, order.id)


async def events(stores: Stores, order: BookingOrder) -> list[str]:
    async with stores.sql.read() as session:
        connection = await session.connection()
        found = await connection.execute(
            text("SELECT event FROM order_event WHERE order_id = :id ORDER BY id"), {"id": order.id}
        )
        return list(found.scalars())


@pytest.mark.parametrize(
    ("half_day", "clock", "kind"),
    [
        ("AM", "06:59:59", CheckInNotOpen),
        ("AM", "07:00:00", CheckedIn),
        ("AM", "12:00:00", CheckedIn),
        ("AM", "12:00:01", CheckInClosed),
        ("PM", "06:59:59", CheckInNotOpen),
        ("PM", "07:00:00", CheckedIn),
        ("PM", "18:00:00", CheckedIn),
        ("PM", "18:00:01", CheckInClosed),
    ],
)
async def test_it_is_open_from_seven_to_the_end_of_the_half_day(
    stores: Stores, half_day: str, clock: str, kind: type
) -> None:
    session = await new_session(stores, half_day=half_day)
    order = await session.book()
    answer = await arrive(session, order, at(clock))
    assert isinstance(answer, kind), answer
    if isinstance(answer, CheckInNotOpen):
        assert answer.opens_at == at("07:00")
    if isinstance(answer, CheckInClosed):
        assert answer.closed_at == at("12:00" if half_day == "AM" else "18:00")
    expected = OrderState.CHECKED_IN if kind is CheckedIn else OrderState.PAID
    assert (await session.order(order.id)).state == expected


@pytest.mark.parametrize("days", [-1, 1])
async def test_it_is_open_on_no_other_day(stores: Stores, days: int) -> None:
    session = await new_session(stores)
    order = await session.book()
    answer = await arrive(session, order, at("09:00") + timedelta(days=days))
    assert isinstance(answer, CheckInNotOpen if days < 0 else CheckInClosed)


async def test_whoever_has_not_paid_is_told_so(stores: Stores) -> None:
    session = await new_session(stores)
    for state in (OrderState.AWAITING_PAYMENT, OrderState.PENDING_HOSPITAL):
        order = await session.book(state)
        assert await arrive(session, order, at("09:00")) == NotPaid(state, order.lapses_at)


@pytest.mark.parametrize("state", ["CANCELLED", "EXPIRED", "REJECTED", "REFUNDING", "REFUNDED"])
async def test_an_order_that_has_ended_is_told_as_such(stores: Stores, state: str) -> None:
    session = await new_session(stores)
    order = await session.book()
    async with stores.sql.unit_of_work() as work:
        await (await work.connection()).execute(
            text("UPDATE booking_order SET state = :state WHERE id = :id"), {"state": state, "id": order.id}
        )
        await (await work.connection()).execute(
            text("SELECT return_number(:schedule, :number, now())"),
            {"schedule": session.schedule_id, "number": order.number},
        )
    assert await arrive(session, order, at("09:00")) == OrderEnded(OrderState(state))


async def test_somebody_elses_order_is_not_found(stores: Stores) -> None:
    session = await new_session(stores)
    order, other = await session.book(), await session.book()
    assert await arrive(session, order, at("09:00"), user_id=other.user_id) == NotFound()
    assert (await session.order(order.id)).state == OrderState.PAID


async def test_once_more_answers_the_same_at_any_hour(stores: Stores) -> None:
    session = await new_session(stores)
    order = await session.book()
    first = await arrive(session, order, at("08:00"))
    assert isinstance(first, CheckedIn)
    again = await arrive(session, order, at("23:00"))
    assert isinstance(again, CheckedIn)
    assert (again.order.number, again.order.checked_in_at, again.place) == (1, at("08:00"), first.place)
    assert await events(stores, order) == ["PLACED", "CHECK_IN"]


async def test_fifty_at_once_are_one_check_in(stores: Stores) -> None:
    session = await new_session(stores)
    order = await session.book()
    answers = await asyncio.gather(*(arrive(session, order, at("08:00")) for _ in range(50)))
    assert {type(answer) for answer in answers} == {CheckedIn}
    assert await events(stores, order) == ["PLACED", "CHECK_IN"]
    async with stores.sql.read() as read:
        found = await (await read.connection()).execute(
            text("SELECT count(*) FROM queue_entry WHERE order_id = :id"), {"id": order.id}
        )
        assert found.scalar_one() == 1
        await assert_ledger_true(read, session.schedule_id)


async def test_those_ahead_are_those_with_lower_numbers_who_are_there(stores: Stores) -> None:
    session = await new_session(stores)
    orders = [await session.book() for _ in range(5)]
    ahead = []
    for index in (3, 0, 4, 1, 2):
        answer = await arrive(session, orders[index], at("08:00"))
        assert isinstance(answer, CheckedIn)
        assert answer.place is not None
        ahead.append(answer.place.ahead)
    assert ahead == [0, 0, 2, 1, 2]


async def test_a_crowd_that_comes_at_once_stands_by_its_numbers(stores: Stores) -> None:
    session = await new_session(stores, capacity=30)
    orders = [await session.book() for _ in range(30)]
    await asyncio.gather(*(arrive(session, order, at("08:00")) for order in orders))
    answers = await asyncio.gather(*(arrive(session, order, at("08:01")) for order in orders))
    assert [each.place.ahead for each in answers if isinstance(each, CheckedIn) and each.place] == list(range(30))


async def test_another_policys_hours_hold(stores: Stores) -> None:
    session = await new_session(stores, visit_date=DAY)
    order = await session.book()
    early = replace(POLICY, check_in_from=at("06:30").time())
    actor = Actor("user", str(order.user_id), at("06:30"))
    answer = await check_in_own(stores.sql, early, actor, order.user_id, order.id)
    assert isinstance(answer, CheckedIn)

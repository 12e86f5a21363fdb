"""Visits to which nobody came: marked once after the half-day, and the third and sixth of a year bring a ban."""

import asyncio
import secrets
from datetime import date, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import update
from sqlmodel import col, select

from datasources.sql.booking_ban import BookingBan
from datasources.sql.booking_order import BookingOrder, OrderState
from datasources.sql.slot_ledger import SlotLedger
from datasources.stores import Stores
from domain.audit.actor import Actor
from domain.booking.bans import BookingBanLifted, NoShowExcused, excuse_no_show, lift_ban
from domain.booking.no_shows import complete_visits, mark_missed_visits
from domain.booking.order_states import OrderStep
from domain.certificates.kinds import Certificate
from tests.booked import DAY, POLICY, Session, at, new_session
from tests.order_steps import assert_true, events_of, row_of, step

NOON = at("12:00")
AFTER_NOON = NOON + timedelta(seconds=1)
STAFF = UUID(int=5)


def somebody() -> Certificate:
    """A person whom no other test knows."""
    return Certificate("30", f"N{secrets.randbelow(10**9):09}")


async def missed(stores: Stores, who: Certificate, day: date) -> BookingOrder:
    """A visit of this person on a morning of its own to which they don't come."""
    order = await (await new_session(stores, visit_date=day)).book(certificate=who)
    await mark_missed_visits(stores.sql, POLICY, at("12:00:01", day))
    return await row_of(stores, order.id)


async def bans_of(stores: Stores, order: BookingOrder) -> list[BookingBan]:
    """The person's bans, the first first."""
    async with stores.sql.read() as session:
        found = await session.exec(
            select(BookingBan).where(col(BookingBan.person) == order.person).order_by(col(BookingBan.since))
        )
        return list(found)


async def test_who_did_not_come_is_marked_when_the_half_day_is_over(stores: Stores) -> None:
    morning, afternoon = await new_session(stores), await new_session(stores, half_day="PM")
    orders = [await session.book() for session in (morning, afternoon)]

    # At the very second one can still check in.
    await mark_missed_visits(stores.sql, POLICY, NOON)
    assert [(await row_of(stores, order.id)).state for order in orders] == ["PAID", "PAID"]
    await mark_missed_visits(stores.sql, POLICY, AFTER_NOON)
    assert [(await row_of(stores, order.id)).state for order in orders] == ["NO_SHOW", "PAID"]
    await mark_missed_visits(stores.sql, POLICY, at("18:00:01"))
    assert [(await row_of(stores, order.id)).state for order in orders] == ["NO_SHOW", "NO_SHOW"]

    await assert_true(stores, morning.schedule_id, afternoon.schedule_id)


async def test_marking_again_and_by_many_marks_once(stores: Stores) -> None:
    session = await new_session(stores)
    orders = [await session.book() for _ in range(10)]

    await asyncio.gather(*(mark_missed_visits(stores.sql, POLICY, AFTER_NOON) for _ in range(3)))

    for order in orders:
        assert [event.event for event in await events_of(stores, order.id)] == ["PLACED", "MISS"]


async def test_who_was_there_or_whose_session_was_withdrawn_missed_nothing(stores: Stores) -> None:
    session, withdrawn = await new_session(stores), await new_session(stores)
    there, sent_away = await session.book(), await withdrawn.book()
    await step(stores, there.id, OrderStep.CHECK_IN, at("08:00"))
    async with stores.sql.unit_of_work() as writing:
        which = col(SlotLedger.schedule_id) == withdrawn.schedule_id
        await writing.exec(update(SlotLedger).where(which).values(status="WITHDRAWN"))

    await mark_missed_visits(stores.sql, POLICY, AFTER_NOON)

    assert [(await row_of(stores, order.id)).state for order in (there, sent_away)] == ["CHECKED_IN", "PAID"]


async def test_who_was_never_seen_off_has_completed_the_visit_on_the_next_day(stores: Stores) -> None:
    order = await (await new_session(stores)).book()
    await step(stores, order.id, OrderStep.CHECK_IN, at("08:00"))

    await complete_visits(stores.sql, POLICY, at("23:59"))
    assert (await row_of(stores, order.id)).state == OrderState.CHECKED_IN
    await complete_visits(stores.sql, POLICY, at("00:00", DAY + timedelta(days=1)))
    await complete_visits(stores.sql, POLICY, at("00:01", DAY + timedelta(days=1)))

    assert (await row_of(stores, order.id)).state == OrderState.COMPLETED
    assert [event.event for event in await events_of(stores, order.id)] == ["PLACED", "CHECK_IN", "COMPLETE"]


async def test_the_third_and_the_sixth_of_a_year_bring_a_ban(stores: Stores) -> None:
    who = somebody()
    days = [date(2026, 11, 20) + timedelta(days=n) for n in range(7)]

    for count, day in enumerate(days, start=1):
        order = await missed(stores, who, day)
        expected = [
            (number, at("12:00:01", days[number - 1]), lasting)
            for number, lasting in ((3, timedelta(days=90)), (6, timedelta(days=180)))
            if number <= count
        ]
        bans = await bans_of(stores, order)
        assert [(ban.no_shows, ban.since, ban.until - ban.since) for ban in bans] == expected
        assert {ban.year for ban in bans} <= {2026}


async def test_each_year_counts_by_itself(stores: Stores) -> None:
    who = somebody()
    days = [date(2026, 12, 30), date(2026, 12, 31), date(2027, 1, 1), date(2027, 1, 2)]

    orders = [await missed(stores, who, day) for day in days]
    assert await bans_of(stores, orders[0]) == []
    await missed(stores, who, date(2027, 1, 3))

    assert [(ban.year, ban.no_shows) for ban in await bans_of(stores, orders[0])] == [(2027, 3)]


async def test_three_that_are_marked_at_once_bring_one_ban(stores: Stores) -> None:
    who = somebody()
    sessions: list[Session] = [await new_session(stores) for _ in range(3)]
    orders = [await session.book(certificate=who) for session in sessions]

    await asyncio.gather(*(mark_missed_visits(stores.sql, POLICY, AFTER_NOON) for _ in range(4)))

    assert [ban.no_shows for ban in await bans_of(stores, orders[0])] == [3]


async def test_an_excused_visit_counts_no_more_and_a_ban_stays_until_it_is_lifted(stores: Stores) -> None:
    who = somebody()
    orders = [await missed(stores, who, DAY + timedelta(days=n)) for n in range(3)]
    (ban,) = await bans_of(stores, orders[0])
    now = at("13:00", DAY + timedelta(days=2))
    staff = Actor("staff", str(STAFF), now)

    excused = await excuse_no_show(stores.sql, None, orders[0].id, "医院系统故障", staff)
    assert isinstance(excused, NoShowExcused)
    assert excused.order.state == OrderState.COMPLETED
    assert [each.lifted_at for each in await bans_of(stores, orders[0])] == [None]

    lifted = [await lift_ban(stores.sql, ban.id, "医院系统故障", staff) for _ in range(2)]
    assert all(isinstance(each, BookingBanLifted) for each in lifted)
    assert [(each.lifted_at, each.lifted_by) for each in await bans_of(stores, orders[0])] == [(now, STAFF)]

    # Three again, of which one is excused: the count that has banned once does not ban again.
    await missed(stores, who, DAY + timedelta(days=3))
    assert len(await bans_of(stores, orders[0])) == 1


@pytest.mark.parametrize("moment", ["2026-12-31T12:00:01+08:00", "2026-12-31T18:00:01+08:00"])
async def test_the_last_day_of_a_year_is_of_that_year(stores: Stores, moment: str) -> None:
    half_day = "AM" if "T12" in moment else "PM"
    order = await (await new_session(stores, visit_date=date(2026, 12, 31), half_day=half_day)).book()

    await mark_missed_visits(stores.sql, POLICY, datetime.fromisoformat(moment))

    assert (await row_of(stores, order.id)).state == OrderState.NO_SHOW

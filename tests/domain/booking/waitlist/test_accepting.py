"""Taking what was offered: one order with the number that was held, by the same rules as any other."""

import asyncio
import secrets
from datetime import timedelta
from decimal import Decimal

from sqlmodel import col, update

from datasources.sql.booking_order import BookingOrder, OrderState
from datasources.sql.booking_orders import BookingOrders
from datasources.sql.hospital_account import HospitalAccount
from datasources.sql.user_account import UserAccount, UserStatus
from datasources.sql.waitlist_entry import WaitlistEntry, WaitlistState
from datasources.stores import Stores
from domain.booking.placing import Placed
from domain.booking.refused import (
    AccountBeingDeleted,
    AlreadyBooked,
    FeeChanged,
    SessionNotBookable,
)
from domain.booking.waitlist.accepting import AcceptAnswer
from domain.booking.waitlist.refused import OfferEnded
from domain.problems import IdempotencyKeyReused, InvalidInput, NotFound
from tests.waited import FEE, NOW, Waited, waited

HALF_AN_HOUR = timedelta(minutes=30)


async def offered(stores: Stores) -> tuple[Waited, WaitlistEntry]:
    """A session whose one place is offered to the first of two."""
    session = await waited(stores)
    first = await session.join()
    await session.join()
    await session.cancel()
    return session, await session.entry(first.id)


async def order_of(session: Waited, answer: AcceptAnswer) -> BookingOrder:
    assert isinstance(answer, Placed), answer
    async with session.stores.sql.read() as sql:
        order = await BookingOrders(sql).get(answer.order_id)
    assert order is not None
    return order


async def test_the_held_number_becomes_an_order(stores: Stores) -> None:
    session, entry = await offered(stores)

    order = await order_of(session, await session.accept(entry, fee=FEE))

    assert (order.number, order.state, order.fee) == (1, OrderState.AWAITING_PAYMENT, FEE)
    assert (order.user_id, order.patient_id) == (entry.user_id, entry.patient_id)
    assert order.lapses_at == NOW + timedelta(minutes=15)
    accepted = await session.entry(entry.id)
    assert (accepted.state, accepted.order_id, accepted.person) == (WaitlistState.ACCEPTED, order.id, None)
    assert (await session.ledger()).taken == 1
    await session.assert_true()


async def test_a_hospital_that_answers_orders_itself_is_asked(stores: Stores) -> None:
    session, entry = await offered(stores)
    async with stores.sql.unit_of_work() as sql:
        await sql.exec(
            update(HospitalAccount)
            .where(col(HospitalAccount.code) == session.hospital_code)
            .values(booking_mode="CONFIRM")
        )

    order = await order_of(session, await session.accept(entry))

    assert order.state == OrderState.PENDING_HOSPITAL


async def test_accepted_many_times_at_once_it_is_one_order(stores: Stores) -> None:
    session, entry = await offered(stores)

    answers = await asyncio.gather(*(session.accept(entry) for _ in range(8)))
    again = await session.accept(entry)

    orders = {answer.order_id for answer in (*answers, again) if isinstance(answer, Placed)}
    assert len(orders) == 1
    assert [answer.replayed for answer in answers if isinstance(answer, Placed)].count(False) == 1
    assert len(answers) == sum(isinstance(answer, Placed) for answer in answers)
    await session.assert_true()


async def test_an_offer_past_its_end_cannot_be_accepted(stores: Stores) -> None:
    session, entry = await offered(stores)

    session.now = NOW + HALF_AN_HOUR
    assert await session.accept(entry) == OfferEnded(WaitlistState.LAPSED)
    await session.run_job()
    assert await session.accept(entry) == OfferEnded(WaitlistState.LAPSED)

    assert await session.states() == [WaitlistState.LAPSED, WaitlistState.OFFERED]
    await session.assert_true()


async def test_an_offer_can_be_accepted_until_its_last_moment(stores: Stores) -> None:
    session, entry = await offered(stores)

    session.now = NOW + HALF_AN_HOUR - timedelta(microseconds=1)

    assert isinstance(await session.accept(entry), Placed)
    await session.assert_true()


async def test_accepting_and_lapsing_at_once_one_of_them_wins(stores: Stores) -> None:
    for _ in range(10):
        session, entry = await offered(stores)
        late = Waited(stores, session.hospital_code, session.schedule_id, session.desk, NOW + HALF_AN_HOUR)

        answer, _ = await asyncio.gather(session.accept(entry), late.run_job())

        state = (await session.entry(entry.id)).state
        assert (isinstance(answer, Placed), state) in [
            (True, WaitlistState.ACCEPTED),
            (False, WaitlistState.LAPSED),
        ]
        await session.assert_true()


async def test_without_an_offer_there_is_nothing_to_accept(stores: Stores) -> None:
    session = await waited(stores)
    entry = await session.join()
    assert await session.accept(entry) == OfferEnded(WaitlistState.WAITING)

    await session.leave(entry)

    assert await session.accept(entry) == OfferEnded(WaitlistState.LEFT)
    await session.assert_true()


async def test_nobody_accepts_somebody_elses_offer(stores: Stores) -> None:
    session, entry = await offered(stores)
    stranger = await session.person()

    assert isinstance(await session.accept(entry, user_id=stranger.user_id), NotFound)

    assert (await session.entry(entry.id)).state == WaitlistState.OFFERED
    await session.assert_true()


async def test_nobody_is_charged_what_they_did_not_see(stores: Stores) -> None:
    session, entry = await offered(stores)
    await session.set_ledger(fee=Decimal("12.00"))

    assert await session.accept(entry, fee=FEE) == FeeChanged(Decimal("12.00"))

    assert isinstance(await session.accept(entry, fee=Decimal("12.00")), Placed)
    await session.assert_true()


async def test_the_rule_is_judged_again(stores: Stores) -> None:
    session, entry = await offered(stores)
    await session.set_ledger(status="CLOSED")
    assert isinstance(await session.accept(entry), SessionNotBookable)
    await session.set_ledger(status="BOOKABLE")
    session.now = NOW + timedelta(days=4)
    assert await session.accept(entry) == OfferEnded(WaitlistState.LAPSED)
    session.now = NOW
    async with stores.sql.unit_of_work() as sql:
        await sql.exec(
            update(UserAccount).where(col(UserAccount.id) == entry.user_id).values(status=UserStatus.DELETING)
        )
    assert isinstance(await session.accept(entry), AccountBeingDeleted)
    assert (await session.entry(entry.id)).state == WaitlistState.OFFERED
    await session.assert_true()


async def test_who_booked_the_same_half_day_meanwhile_cannot_accept_but_keeps_the_offer(stores: Stores) -> None:
    session = await waited(stores)
    person = await session.person()
    entry = await session.join(person)
    await session.cancel()
    same_half_day = await session.another(department=(await session.ledger()).department_code)
    placed = await same_half_day.try_to_book(person)
    assert isinstance(placed, Placed)

    assert await session.accept(entry) == AlreadyBooked(placed.order_id)

    assert await session.states() == [WaitlistState.OFFERED]
    await session.assert_true()


async def test_one_key_makes_one_order(stores: Stores) -> None:
    session, entry = await offered(stores)
    key = secrets.token_hex(8)
    other = await waited(stores)
    person = await other.person()
    second = await other.join(person)
    await other.cancel()
    async with stores.sql.unit_of_work() as sql:
        await sql.exec(update(WaitlistEntry).where(col(WaitlistEntry.id) == second.id).values(user_id=entry.user_id))

    assert isinstance(await session.accept(entry, key), Placed)
    assert await other.accept(await other.entry(second.id), key) == IdempotencyKeyReused(key)

    assert isinstance(await session.accept(entry, ""), InvalidInput)
    await session.assert_true()
    await other.assert_true()

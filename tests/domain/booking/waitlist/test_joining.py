"""Joining: only where nothing is left, by whoever could book, one after the other."""

import asyncio
import secrets
from datetime import timedelta

import pytest
from sqlmodel import col, update

from datasources.sql.hospital_account import HospitalAccount
from datasources.sql.user_account import UserAccount, Verification
from datasources.sql.waitlist_entry import WaitlistState
from datasources.stores import Stores
from domain.booking.placing import Placed
from domain.booking.refused import (
    AlreadyBooked,
    BookingClosed,
    BookingLimitReached,
    BookingNotOpen,
    HospitalNotBookable,
    RealNameNeeded,
    SessionNotBookable,
)
from domain.booking.waitlist.joining import Joined
from domain.booking.waitlist.refused import AlreadyWaiting, TooManyWaits, WaitlistNotNeeded
from domain.problems import IdempotencyKeyReused, InvalidInput, NotFound
from tests.waited import NOW, Person, waited


async def test_thirty_who_join_at_once_get_places_of_their_own_in_the_order_of_arrival(stores: Stores) -> None:
    session = await waited(stores)
    first = await session.join()
    people = [await session.person() for _ in range(30)]

    entries = await asyncio.gather(*(session.join(person) for person in people))
    last = await session.join()

    places = [entry.place or 0 for entry in entries]
    assert len(set(places)) == 30
    assert (first.place or 0) < min(places)
    assert max(places) < (last.place or 0)
    assert (await session.ledger()).waiting == 32
    await session.assert_true()


async def test_an_entry_shows_the_name_masked(stores: Stores) -> None:
    session = await waited(stores)

    entry = await session.join()

    assert (entry.masked_patient_name, entry.joined_at, entry.state) == ("欧*娜", NOW, WaitlistState.WAITING)


async def test_nobody_waits_while_numbers_are_left(stores: Stores) -> None:
    session = await waited(stores)
    await session.set_ledger(capacity=2)

    answer = await session.try_to_join(await session.person())

    assert answer == WaitlistNotNeeded(session.schedule_id)
    await session.assert_true()


async def test_a_place_that_the_waiting_have_not_taken_yet_is_no_place_for_others(stores: Stores) -> None:
    session = await waited(stores)
    await session.join()
    await session.cancel(serve=False)

    assert isinstance(await session.try_to_join(await session.person()), Joined)
    await session.assert_true()


async def test_the_same_call_again_answers_the_same_entry(stores: Stores) -> None:
    session = await waited(stores)
    person, other, key = await session.person(), await session.person(), secrets.token_hex(8)

    answers = await asyncio.gather(*(session.try_to_join(person, key) for _ in range(5)))

    assert all(isinstance(answer, Joined) for answer in answers)
    assert len({answer.entry_id for answer in answers if isinstance(answer, Joined)}) == 1
    assert sum(not answer.replayed for answer in answers if isinstance(answer, Joined)) == 1
    assert isinstance(await session.try_to_join(Person(person.user_id, other.patient_id), key), IdempotencyKeyReused)
    assert isinstance(await session.try_to_join(other, key), Joined)
    await session.assert_true()


async def test_one_key_for_two_sessions_at_once_makes_one_entry(stores: Stores) -> None:
    one = await waited(stores)
    two = await one.another()
    await two.fill(1)
    person, key = await one.person(), secrets.token_hex(8)
    second = await one.person(account=person)

    answers = await asyncio.gather(one.try_to_join(person, key), two.try_to_join(second, key))

    assert sorted(type(answer).__name__ for answer in answers) == ["IdempotencyKeyReused", "Joined"]
    await one.assert_true()
    await two.assert_true()


async def test_one_person_waits_once_whoever_joins_for_them(stores: Stores) -> None:
    session = await waited(stores)
    certificate = secrets.token_bytes(16)
    person, by_another_account = await session.person(certificate), await session.person(certificate)

    answers = await asyncio.gather(*(session.try_to_join(person) for _ in range(4)))

    [joined] = [answer for answer in answers if isinstance(answer, Joined)]
    assert [answer for answer in answers if answer is not joined] == [AlreadyWaiting(joined.entry_id)] * 3
    assert await session.try_to_join(by_another_account) == AlreadyWaiting(None)
    await session.assert_true()


async def test_nobody_waits_for_more_than_three_sessions(stores: Stores) -> None:
    sessions = [await waited(stores) for _ in range(5)]
    certificate = secrets.token_bytes(16)
    accounts = [await sessions[0].person(certificate) for _ in range(5)]

    answers = await asyncio.gather(
        *(session.try_to_join(person) for session, person in zip(sessions, accounts, strict=True))
    )

    assert sorted(type(answer).__name__ for answer in answers) == ["Joined"] * 3 + ["TooManyWaits"] * 2
    assert TooManyWaits(3) in answers
    for session in sessions:
        await session.assert_true()


async def test_an_entry_that_is_over_counts_no_longer(stores: Stores) -> None:
    session = await waited(stores, most_waits=1)
    person = await session.person()
    entry = await session.join(person)
    assert isinstance(await session.try_to_join(person), AlreadyWaiting)

    await session.leave(entry)

    assert isinstance(await session.try_to_join(person), Joined)
    await session.assert_true()


async def test_the_booking_rule_holds_for_who_waits(stores: Stores) -> None:
    session = await waited(stores)
    person = await session.person()

    session.now = NOW - timedelta(days=4)
    assert isinstance(await session.try_to_join(person), BookingNotOpen)
    session.now = NOW + timedelta(days=4)
    assert isinstance(await session.try_to_join(person), BookingClosed)
    session.now = NOW
    for status in ("CLOSED", "WITHDRAWN"):
        await session.set_ledger(status=status)
        assert isinstance(await session.try_to_join(person), SessionNotBookable)
    await session.set_ledger(status="BOOKABLE")
    async with stores.sql.unit_of_work() as sql:
        await sql.exec(
            update(HospitalAccount).where(col(HospitalAccount.code) == session.hospital_code).values(status="OFFLINE")
        )
    assert isinstance(await session.try_to_join(person), HospitalNotBookable)
    await session.assert_true()


async def test_who_may_not_book_may_not_wait(stores: Stores) -> None:
    session = await waited(stores, most_per_week=1)
    unknown, booked = await session.person(), await session.person()
    async with stores.sql.unit_of_work() as sql:
        await sql.exec(
            update(UserAccount).where(col(UserAccount.id) == unknown.user_id).values(verification=Verification.PENDING)
        )
    same_half_day = await session.another(department=(await session.ledger()).department_code)
    placed = await same_half_day.try_to_book(booked)
    assert isinstance(placed, Placed)
    elsewhere = await session.another()
    await elsewhere.fill(1)

    assert await session.try_to_join(unknown) == RealNameNeeded(Verification.PENDING)
    assert await session.try_to_join(booked) == AlreadyBooked(placed.order_id)
    assert isinstance(await elsewhere.try_to_join(booked), BookingLimitReached)
    await session.assert_true()


async def test_nobody_waits_for_somebody_elses_patient(stores: Stores) -> None:
    session = await waited(stores)
    owner, stranger = await session.person(), await session.person()

    answer = await session.try_to_join(Person(stranger.user_id, owner.patient_id))

    assert isinstance(answer, NotFound)
    assert await session.states() == []


@pytest.mark.parametrize("key", ["", "k" * 129])
async def test_a_key_has_one_to_128_characters(stores: Stores, key: str) -> None:
    session = await waited(stores)

    problem = await session.try_to_join(await session.person(), key)

    assert isinstance(problem, InvalidInput)
    assert [field.field for field in problem.fields] == ["idempotencyKey"]

"""Places that come free are offered in turn, by day, and pass on when nobody takes them."""

import asyncio
import uuid
from datetime import date, datetime, timedelta

import pytest

from datasources.mongo.documents import HospitalDocument
from datasources.sql.booking_ban import BookingBan
from datasources.sql.hospital_account import HospitalAccount
from datasources.sql.waitlist_entries import WaitlistEntries
from datasources.sql.waitlist_entry import WaitlistState
from datasources.stores import Stores
from domain.booking.lapsing import lapse_order
from domain.booking.placing import Placed
from domain.booking.refused import SlotSoldOut
from domain.booking.waitlist.rules import WaitlistEnd
from tests.waited import NOW, ZONE, Person, Waited, waited

WAITING, OFFERED, ACCEPTED = WaitlistState.WAITING, WaitlistState.OFFERED, WaitlistState.ACCEPTED
LAPSED, LEFT, ENDED = WaitlistState.LAPSED, WaitlistState.LEFT, WaitlistState.ENDED
HALF_AN_HOUR = timedelta(minutes=30)


def at(clock: str, day: int = 20) -> datetime:
    return datetime.fromisoformat(f"2026-11-{day}T{clock}").replace(tzinfo=ZONE)


async def test_a_place_that_comes_back_is_offered_to_the_first(stores: Stores) -> None:
    session = await waited(stores)
    first, second = await session.join(), await session.join()

    await session.cancel()

    assert await session.states() == [OFFERED, WAITING]
    offered = await session.entry(first.id)
    assert (offered.number, offered.offered_at, offered.offer_until) == (1, NOW, NOW + HALF_AN_HOUR)
    assert (await session.entry(second.id)).number is None
    await session.assert_true()


async def test_as_many_places_are_offered_as_are_left(stores: Stores) -> None:
    session = await waited(stores, capacity=2)
    for _ in range(4):
        await session.join()

    await session.set_ledger(capacity=5)
    assert await session.serve() == 3

    assert await session.states() == [OFFERED, OFFERED, OFFERED, WAITING]
    await session.assert_true()


async def test_withheld_numbers_that_come_back_are_offered(stores: Stores) -> None:
    session = await waited(stores)
    await session.set_ledger(capacity=2, withheld=1)
    await session.join()
    assert await session.serve() == 0

    await session.set_ledger(withheld=0)
    await session.run_job()

    assert await session.states() == [OFFERED]
    await session.assert_true()


async def test_an_offer_that_nobody_takes_passes_on_and_ends_with_the_last(stores: Stores) -> None:
    session = await waited(stores)
    first, second = await session.join(), await session.join()
    await session.cancel()

    session.now = NOW + HALF_AN_HOUR - timedelta(seconds=1)
    await session.run_job()
    assert await session.states() == [OFFERED, WAITING]

    session.now = NOW + HALF_AN_HOUR
    await session.run_job()
    assert await session.states() == [LAPSED, OFFERED]
    assert (await session.entry(first.id)).ended_because == WaitlistEnd.OFFER_LAPSED
    assert (await session.entry(second.id)).number == 1

    session.now += HALF_AN_HOUR
    await session.run_job()
    assert await session.states() == [LAPSED, LAPSED]
    assert (await session.ledger()).remaining == 1
    assert isinstance(await session.try_to_book(await session.person()), Placed)
    await session.assert_true()


async def test_nobody_is_offered_a_place_at_night_and_it_is_kept_for_the_morning(stores: Stores) -> None:
    session = await waited(stores)
    await session.join()
    session.now = at("22:00:00")
    await session.cancel()
    assert await session.run_job() == 0
    assert await session.states() == [WAITING]
    assert isinstance(await session.try_to_book(await session.person()), SlotSoldOut)

    session.now = at("06:59:59", 21)
    await session.run_job()
    assert await session.states() == [WAITING]

    session.now = at("07:00:00", 21)
    await session.run_job()
    assert await session.states() == [OFFERED]
    await session.assert_true()


async def test_an_offer_of_the_evening_lasts_into_the_quiet_hours(stores: Stores) -> None:
    session = await waited(stores)
    first, _ = await session.join(), await session.join()
    session.now = at("21:50:00")
    await session.cancel()
    assert (await session.entry(first.id)).offer_until == at("22:20:00")

    session.now = at("22:19:59")
    await session.run_job()
    assert await session.states() == [OFFERED, WAITING]

    session.now = at("22:20:00")
    await session.run_job()
    assert await session.states() == [LAPSED, WAITING]

    session.now = at("07:00:00", 21)
    await session.run_job()
    assert await session.states() == [LAPSED, OFFERED]
    await session.assert_true()


async def test_no_offer_outlasts_the_booking_of_its_session(stores: Stores) -> None:
    session = await waited(stores, visit_date=date(2026, 11, 20))
    first, _ = await session.join(), await session.join()
    session.now = at("11:20:00")
    await session.cancel()
    assert (await session.entry(first.id)).offer_until == at("11:30:00")

    session.now = at("11:30:00")
    await session.run_job()
    assert await session.states() == [LAPSED, WAITING]

    session.now = at("11:30:01")
    await session.run_job()
    assert await session.states() == [LAPSED, ENDED]
    await session.assert_true()


@pytest.mark.parametrize(
    ("status", "because"),
    [("WITHDRAWN", WaitlistEnd.SESSION_WITHDRAWN), ("CLOSED", WaitlistEnd.SESSION_CLOSED)],
)
async def test_waiting_ends_with_its_session(stores: Stores, status: str, because: WaitlistEnd) -> None:
    session = await waited(stores)
    entries = [await session.join(), await session.join()]
    await session.cancel()
    await session.set_ledger(status=status)

    await session.run_job()

    ended = [await session.entry(entry.id) for entry in entries]
    assert [(entry.state, entry.ended_because, entry.person) for entry in ended] == [(ENDED, because, None)] * 2
    ledger = await session.ledger()
    assert (ledger.taken, ledger.waiting) == (0, 0)
    await session.assert_true()


async def test_waiting_ends_when_booking_closes_though_the_hospital_is_not_listed(stores: Stores) -> None:
    session = await waited(stores, visit_date=date(2026, 11, 20))
    await session.join()
    hospital = await HospitalDocument.get(session.hospital_code)
    assert hospital is not None
    await hospital.set({"listed": False})

    session.now = at("23:59:59")
    await session.run_job()
    assert await session.states() == [WAITING]

    session.now = at("00:00:00", 21)
    await session.run_job()
    assert await session.states() == [ENDED]
    await session.assert_true()


async def test_a_hospital_that_is_offline_offers_nothing_until_it_is_back(stores: Stores) -> None:
    session = await waited(stores)
    await session.join()
    await _set_status(session, "OFFLINE")
    await session.cancel()
    assert await session.states() == [WAITING]

    await _set_status(session, "ONLINE")
    await session.run_job()

    assert await session.states() == [OFFERED]
    await session.assert_true()


async def test_who_may_not_book_when_their_turn_comes_is_passed_over(stores: Stores) -> None:
    session = await waited(stores)
    banned, booked = await session.person(), await session.person()
    first, second, _ = await session.join(banned), await session.join(booked), await session.join()
    await _ban(stores, banned, first.person)
    same_half_day = await session.another(department=(await session.ledger()).department_code)
    assert isinstance(await same_half_day.try_to_book(booked), Placed)

    await session.cancel()

    assert await session.states() == [ENDED, ENDED, OFFERED]
    reasons = [(await session.entry(entry.id)).ended_because for entry in (first, second)]
    assert reasons == [WaitlistEnd.PATIENT_BANNED, WaitlistEnd.ALREADY_BOOKED]
    await session.assert_true()


async def test_a_returned_place_goes_to_the_first_and_never_to_the_public(stores: Stores) -> None:
    session = await waited(stores, capacity=3)
    entries = [await session.join() for _ in range(3)]
    public = [await session.person() for _ in range(50)]

    answers = await asyncio.gather(session.cancel(), *(session.try_to_book(person) for person in public))

    assert all(isinstance(answer, SlotSoldOut) for answer in answers[1:])
    assert await session.states() == [OFFERED, WAITING, WAITING]
    assert (await session.entry(entries[0].id)).number == 1
    await session.assert_true()


async def test_many_workers_offer_each_place_once(stores: Stores) -> None:
    session = await waited(stores, capacity=4)
    for _ in range(6):
        await session.join()
    for _ in range(3):
        await session.cancel(serve=False)

    await asyncio.gather(*(session.run_job() for _ in range(8)), *(session.serve() for _ in range(4)))

    assert await session.states() == [OFFERED, OFFERED, OFFERED, WAITING, WAITING, WAITING]
    assert await session.run_job() == 0
    await session.assert_true()


async def test_what_a_killed_process_left_undone_the_next_run_does_once(stores: Stores) -> None:
    session = await waited(stores, capacity=2)
    for _ in range(3):
        await session.join()
    await session.cancel(serve=False)
    await session.cancel(serve=False)
    with pytest.raises(KilledError):
        await _die_while_offering(session)
    assert await session.states() == [WAITING, WAITING, WAITING]

    assert [await session.run_job() for _ in range(3)][1:] == [0, 0]

    assert await session.states() == [OFFERED, OFFERED, WAITING]
    await session.assert_true()


async def test_a_session_that_somebody_is_busy_with_is_left_for_the_next_run(stores: Stores) -> None:
    session = await waited(stores)
    await session.join()
    await session.cancel(serve=False)
    async with stores.sql.unit_of_work() as sql:
        await WaitlistEntries(sql).lock_ledger(session.schedule_id)
        await session.run_job()
        assert await session.states() == [WAITING]

    await session.run_job()

    assert await session.states() == [OFFERED]
    await session.assert_true()


async def test_an_order_of_the_waitlist_that_lapses_serves_the_next(stores: Stores) -> None:
    session = await waited(stores)
    first, _ = await session.join(), await session.join()
    await session.cancel()
    accepted = await session.accept(first)
    assert isinstance(accepted, Placed)
    session.now += timedelta(minutes=15)

    assert await lapse_order(stores.sql, accepted.order_id, session.now)
    await session.run_job()

    assert await session.states() == [ACCEPTED, OFFERED]
    await session.assert_true()


class KilledError(Exception):
    """The process dies here."""


async def _die_while_offering(session: Waited) -> None:
    async with session.stores.sql.unit_of_work() as sql:
        entries = WaitlistEntries(sql)
        await entries.lock_ledger(session.schedule_id)
        entry = await entries.first_waiting(session.schedule_id)
        assert entry is not None
        await entries.offer(entry, 1, NOW + HALF_AN_HOUR, NOW)
        raise KilledError


async def _ban(stores: Stores, banned: Person, person: bytes | None) -> None:
    async with stores.sql.unit_of_work() as sql:
        sql.add(
            BookingBan(
                id=uuid.uuid4(),
                person=person,
                patient_id=banned.patient_id,
                year=2026,
                no_shows=3,
                since=NOW,
                until=NOW + timedelta(days=90),
            )
        )


async def _set_status(session: Waited, status: str) -> None:
    async with session.stores.sql.unit_of_work() as sql:
        account = await sql.get(HospitalAccount, session.hospital_code)
        assert account is not None
        account.status = status

"""The moment of release: thousands ask for a hundred places."""

import asyncio
import secrets
from collections import Counter

from sqlmodel import select

from datasources.sql.booking_order import BookingOrder
from domain.booking.desk import BookingDesk, BookingRequest
from domain.booking.placing import Placed, place_order
from server.settings import Settings
from tests.booking import Booker, OpenSession, ledger_of, new_bookers, new_session
from tests.platform import Platform
from tests.storms.processes import desks, watched

ASKING, PLACES = 2_000, 100


def request(booker: Booker, session: OpenSession) -> BookingRequest:
    return BookingRequest(booker.user_key, booker.patient_key, session.key, secrets.token_hex(8))


async def test_two_thousand_ask_for_a_hundred_places(platform: Platform, settings: Settings) -> None:
    session = await new_session(platform, capacity=PLACES)
    bookers = await new_bookers(platform.stores, platform.ring, ASKING)
    async with desks(settings, platform, 3) as several, watched(platform.stores, session) as looks:

        async def ask(desk: BookingDesk, booker: Booker) -> str:
            answer = await place_order(desk, request(booker, session), platform.clock())
            return type(answer).__name__

        answers = await asyncio.gather(
            *(ask(several[index % len(several)], booker) for index, booker in enumerate(bookers))
        )

    assert Counter(answers) == {"Placed": PLACES, "SlotSoldOut": ASKING - PLACES}
    assert looks() > 0
    async with platform.stores.sql.read() as reading:
        orders = (await reading.exec(select(BookingOrder).where(BookingOrder.schedule_id == session.key))).all()
    assert sorted(order.number for order in orders) == list(range(1, PLACES + 1))
    assert len({order.user_id for order in orders}) == PLACES
    row = await ledger_of(platform.stores, session)
    assert (row.taken, row.remaining) == (PLACES, 0)


async def test_fifty_attempts_of_one_account_over_several_processes_make_one_order(
    platform: Platform, settings: Settings
) -> None:
    session = await new_session(platform)
    [booker] = await new_bookers(platform.stores, platform.ring, 1)
    async with desks(settings, platform, 3) as several:
        answers = await asyncio.gather(
            *(place_order(several[index % 3], request(booker, session), platform.clock()) for index in range(50))
        )
    assert sum(isinstance(answer, Placed) for answer in answers) == 1
    assert {type(answer).__name__ for answer in answers} <= {"Placed", "AttemptInProgress", "AlreadyBooked"}
    assert (await ledger_of(platform.stores, session)).taken == 1

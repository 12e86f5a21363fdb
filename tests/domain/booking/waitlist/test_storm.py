"""Everything at once: whatever the order of events, each number is somebody's or nobody's, never two people's."""

import asyncio
import random
from datetime import timedelta

import pytest

from datasources.sql.waitlist_entry import OPEN, WaitlistState
from datasources.stores import Stores
from domain.booking.placing import Placed
from tests.waited import Person, Waited, waited

PEOPLE = 16
STEPS = 12


@pytest.mark.parametrize("seed", range(2))
async def test_in_any_order_of_events_the_ledger_holds(stores: Stores, seed: int) -> None:
    chance = random.Random(seed)
    session = await waited(stores, capacity=3)
    begin = session.now
    people = [await session.person() for _ in range(PEOPLE)]
    for person in people[:10]:
        await session.join(person)
    watching = asyncio.create_task(_watch(session))

    async def live(person: Person) -> None:
        for _ in range(STEPS):
            await _event(session, person, chance)

    await asyncio.gather(*(live(person) for person in people))

    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)
    assert watching.cancelled(), watching.exception()
    await session.assert_true()
    assert WaitlistState.ACCEPTED in await session.states()
    # Once everything is over, nothing is held for anybody.
    session.now = begin + timedelta(days=5)
    await session.run_job()
    assert not set(await session.states()) & set(OPEN)
    assert (await session.ledger()).waiting == 0
    await session.assert_true()


async def _event(session: Waited, person: Person, chance: random.Random) -> None:
    match chance.choices(["join", "accept", "leave", "cancel", "book", "later"], [4, 4, 1, 4, 4, 1])[0]:
        case "join":
            await session.try_to_join(person)
        case "accept":
            for entry in await session.entries(WaitlistState.OFFERED):
                accepted = await session.accept(entry)
                if isinstance(accepted, Placed) and not accepted.replayed:
                    session.orders.append(accepted.order_id)
        case "leave":
            for entry in (await session.entries(*OPEN))[:1]:
                await session.leave(entry)
        case "cancel":
            if session.orders:
                await session.cancel(serve=chance.random() < 0.5)
        case "book":
            placed = await session.try_to_book(person)
            if isinstance(placed, Placed):
                session.orders.append(placed.order_id)
        case "later":
            session.now += timedelta(minutes=chance.randrange(10))
            await session.run_job()


async def _watch(session: Waited) -> None:
    while True:
        await session.assert_true()
        await asyncio.sleep(0.05)

"""The storm: people who book, parts that are killed, and the verdict."""

import asyncio
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlmodel import select

from datasources.sql.booking_order import HOLDING, BookingOrder, OrderState
from domain.global_id import NodeKind, global_id
from tests.booking import OpenSession, new_bookable_hospital, new_bookers, new_session
from tests.chaos.house import PARTS, House
from tests.chaos.money import check_money
from tests.chaos.people import Person, PromiseBrokenError, Tally
from tests.ledger import assert_ledger_true
from tests.platform import Platform

DAYS_AHEAD = 3
FEES = ("0", "9.67")
"""Every other session of a half-day is to be paid for."""

GIVEN_BACK = (OrderState.CANCELLED, OrderState.REFUNDING, OrderState.REFUNDED)

Say = Callable[[str], None]


@dataclass(frozen=True)
class Weather:
    """How many, how long, and what is killed."""

    people: int = 120
    sessions: int = 8
    places: int = 10
    rounds: int = 2
    """How often each part is killed."""
    calm_seconds: float = 2.0
    """Between two kills."""
    seed: int = 1


async def storm(house: House, weather: Weather, say: Say) -> Tally:
    """Let it storm, then check every promise. Raises PromiseBrokenError."""
    platform = house.platform
    now = datetime.now(UTC)
    hospital = await new_bookable_hospital(platform)
    day = (now.astimezone(platform.booking_policy.zone) + timedelta(days=DAYS_AHEAD)).date().isoformat()
    sessions = [
        await new_session(
            platform,
            hospital,
            date=day,
            halfDay="PM" if index % 2 else "AM",
            capacity=weather.places,
            fee=FEES[index // 2 % len(FEES)],
        )
        for index in range(weather.sessions)
    ]
    bookers = await new_bookers(platform.stores, platform.ring, weather.people, now=now)
    people = [Person(booker) for booker in bookers]
    say(f"{weather.people} people ask for {weather.sessions * weather.places} places of {weather.sessions} sessions")

    tally, over = Tally(), asyncio.Event()
    living = [asyncio.create_task(person.live(house, sessions, tally, over)) for person in people]
    try:
        await _kill_in_turn(house, weather, tally, say)
    finally:
        over.set()
        await asyncio.gather(*living)
    say(f"answers: {', '.join(f'{count} {name}' for name, count in tally.answers.most_common())}")
    if tally.unclean:
        first = tally.unclean[0]
        logged = await asyncio.to_thread(house.said_of, str(first["extensions"].get("requestId")))
        raise PromiseBrokenError(f"{len(tally.unclean)} answers were faults, the first: {first}\n{logged}")
    orders = await _check(platform, sessions, people, say)
    await check_money(house, orders, say)
    return tally


async def _kill_in_turn(house: House, weather: Weather, tally: Tally, say: Say) -> None:
    dice = random.Random(weather.seed)
    for _ in range(weather.rounds):
        for part in dice.sample(sorted(PARTS), k=len(PARTS)):
            await asyncio.sleep(weather.calm_seconds)
            before = tally.answers["OrderCreated"]
            seconds = await house.kill(part)
            say(f"killed -9: {part:10}  whole again after {seconds:.1f} s  ({before} orders so far)")
    await asyncio.sleep(weather.calm_seconds)


async def _check(platform: Platform, sessions: Sequence[OpenSession], people: Sequence[Person], say: Say) -> list[UUID]:
    orders: dict[str, BookingOrder] = {}
    async with platform.stores.sql.read() as reading:
        for session in sessions:
            await assert_ledger_true(reading, session.key)
            found = await reading.exec(select(BookingOrder).where(BookingOrder.schedule_id == session.key))
            orders |= {global_id(NodeKind.ORDER, order.id): order for order in found}
    say(f"the ledgers of {len(sessions)} sessions are true; {len(orders)} orders were made in them")

    of_user: dict[UUID, set[str]] = {}
    for id, order in orders.items():
        if OrderState(order.state) in HOLDING:
            of_user.setdefault(order.user_id, set()).add(id)
    for person in people:
        held = of_user.get(person.booker.user_key, set())
        if held != set(person.held):
            raise PromiseBrokenError(f"promised {sorted(person.held)}, kept {sorted(held)}")
        for id, number in person.held.items():
            if orders[id].number != number:
                raise PromiseBrokenError(f"order {id} was promised number {number} and has {orders[id].number}")
        for id in person.ended:
            if OrderState(orders[id].state) not in GIVEN_BACK:
                raise PromiseBrokenError(f"order {id} was cancelled and is {orders[id].state}")
    kept = sum(len(person.held) for person in people)
    given_back = sum(len(person.ended) for person in people)
    say(f"every promise is kept: {kept} orders held with their numbers, {given_back} given back; none more, none less")
    return [order.id for order in orders.values()]

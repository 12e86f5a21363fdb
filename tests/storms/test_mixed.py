"""Booking, cancelling, lapsing, moving, waiting and withdrawing, all at once, in orders that Hypothesis draws."""

import asyncio
import secrets
from collections.abc import Awaitable
from datetime import timedelta
from typing import Any
from uuid import UUID

from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlmodel import col, select

from datasources.sql.booking_order import HOLDING, LIVE, BookingOrder, OrderState
from datasources.sql.waitlist_entry import OPEN, WaitlistEntry
from domain.audit.actor import Actor
from domain.booking.cancelling import cancel_order
from domain.booking.desk import BookingDesk, BookingRequest
from domain.booking.lapsing import lapse_order
from domain.booking.placing import Placed, place_order
from domain.booking.rescheduling import RescheduleRequest, reschedule_order
from domain.booking.waitlist.accepting import AcceptRequest, accept_offer
from domain.booking.waitlist.joining import Joined, JoinRequest, join_waitlist
from domain.booking.waitlist.leaving import leave_waitlist
from domain.booking.waitlist.offering import serve_waitlist
from domain.booking.withdrawing import cancel_withdrawn
from server.settings import Settings
from tests.booking import VISIT_DATE, Booker, OpenSession, ledger_of, new_bookable_hospital, new_bookers, new_session
from tests.platform import Platform
from tests.storms.processes import desks, watched

PEOPLE = 12

ACTS = ("book", "book", "book", "cancel", "cancel", "lapse", "move", "wait", "leave", "accept", "serve", "withdraw")
storm = st.lists(
    st.tuples(st.sampled_from(ACTS), st.integers(0, PEOPLE - 1), st.integers(0, 1), st.integers(0, 4)),
    min_size=30,
    max_size=90,
)


class Storm:
    """Twelve people and two sessions of one department, in the morning and in the afternoon."""

    def __init__(
        self, platform: Platform, several: list[BookingDesk], people: list[Booker], sessions: list[OpenSession]
    ) -> None:
        self.platform = platform
        self.desks = several
        self.people = people
        self.sessions = sessions
        self.orders: dict[int, UUID] = {}
        self.waits: dict[int, UUID] = {}

    def act(self, name: str, who: int, which: int) -> Awaitable[object]:
        """One act of one person, at one of the sessions."""
        acts: dict[str, Any] = {
            "book": self.book,
            "cancel": self.cancel,
            "lapse": self.lapse,
            "move": self.move,
            "wait": self.wait,
            "leave": self.leave,
            "accept": self.accept,
            "serve": self.serve,
            "withdraw": self.withdraw,
        }
        result: Awaitable[object] = acts[name](who, which)
        return result

    def desk(self, who: int) -> BookingDesk:
        return self.desks[who % len(self.desks)]

    def actor(self, who: int) -> Actor:
        return Actor("user", str(self.people[who].user_key), self.platform.clock())

    async def book(self, who: int, which: int) -> object:
        person = self.people[who]
        wanted = BookingRequest(person.user_key, person.patient_key, self.sessions[which].key, secrets.token_hex(8))
        answer = await place_order(self.desk(who), wanted, self.platform.clock())
        if isinstance(answer, Placed):
            self.orders[who] = answer.order_id
        return answer

    async def cancel(self, who: int, _which: int) -> object:
        if who not in self.orders:
            return None
        person, database = self.people[who], self.desk(who).stores.sql
        key = secrets.token_hex(8)
        return await cancel_order(database, person.user_key, self.orders[who], key, "", self.actor(who))

    async def lapse(self, who: int, _which: int) -> object:
        if who not in self.orders:
            return None
        return await lapse_order(
            self.desk(who).stores.sql, self.orders[who], self.platform.clock() + timedelta(hours=1)
        )

    async def move(self, who: int, which: int) -> object:
        if who not in self.orders:
            return None
        wanted = RescheduleRequest(
            self.people[who].user_key, self.orders[who], self.sessions[which].key, secrets.token_hex(8)
        )
        return await reschedule_order(self.desk(who), wanted, self.actor(who))

    async def wait(self, who: int, which: int) -> object:
        person = self.people[who]
        wanted = JoinRequest(person.user_key, person.patient_key, self.sessions[which].key, secrets.token_hex(8))
        answer = await join_waitlist(self.desk(who), wanted, self.platform.clock())
        if isinstance(answer, Joined):
            self.waits[who] = answer.entry_id
        return answer

    async def leave(self, who: int, _which: int) -> object:
        if who not in self.waits:
            return None
        desk = self.desk(who)
        return await leave_waitlist(
            desk.stores, desk.policy, self.people[who].user_key, self.waits[who], self.platform.clock()
        )

    async def accept(self, who: int, _which: int) -> object:
        if who not in self.waits:
            return None
        wanted = AcceptRequest(self.people[who].user_key, self.waits[who], secrets.token_hex(8))
        answer = await accept_offer(self.desk(who), wanted, self.platform.clock())
        if isinstance(answer, Placed):
            self.orders[who] = answer.order_id
        return answer

    async def serve(self, who: int, which: int) -> object:
        desk = self.desk(who)
        return await serve_waitlist(desk.stores, desk.policy, self.sessions[which].key, self.platform.clock())

    async def withdraw(self, who: int, which: int) -> object:
        # Seldom, or nothing else would ever happen.
        if who != 0:
            return None
        session = self.sessions[which]
        pushed = await self.platform.push(session.hospital, "withdrawSchedules", {"codes": [session.external_id]})
        await cancel_withdrawn(self.desk(who).stores.sql, VISIT_DATE, self.platform.clock())
        return pushed


@hypothesis_settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(acts=storm)
async def test_whatever_happens_at_once_the_ledger_is_true(
    platform: Platform, settings: Settings, acts: list[tuple[str, int, int, int]]
) -> None:
    hospital = await new_bookable_hospital(platform)
    sessions = [await new_session(platform, hospital, capacity=3, halfDay=half) for half in ("AM", "PM")]
    people = await new_bookers(platform.stores, platform.ring, PEOPLE)
    async with desks(settings, platform, 2) as several, watched(platform.stores, *sessions):
        storm = Storm(platform, several, people, sessions)
        running: list[asyncio.Task[object]] = []
        for name, who, which, pause in acts:
            running.append(asyncio.ensure_future(storm.act(name, who, which)))
            for _ in range(pause):
                await asyncio.sleep(0.001)
        await asyncio.gather(*running)

    await everything_adds_up(platform, storm)


async def everything_adds_up(platform: Platform, storm: Storm) -> None:
    """Once it is over: no number is held by nobody, no person holds two of a half-day, no withdrawn session is held."""
    for session in storm.sessions:
        await cancel_withdrawn(platform.stores.sql, VISIT_DATE, platform.clock())
        row = await ledger_of(platform.stores, session)
        async with platform.stores.sql.read() as reading:
            orders = list(await reading.exec(select(BookingOrder).where(BookingOrder.schedule_id == session.key)))
            entries = list(
                await reading.exec(
                    select(WaitlistEntry).where(
                        WaitlistEntry.schedule_id == session.key, col(WaitlistEntry.state).in_(OPEN)
                    )
                )
            )
        holding = [order for order in orders if OrderState(order.state) in HOLDING]
        offered = [entry for entry in entries if entry.state == "OFFERED"]
        assert row.taken == len(holding) + len(offered) <= row.capacity
        assert row.waiting == len(entries) - len(offered)
        assert len({order.user_id for order in holding}) == len(holding)
        if row.status == "WITHDRAWN":
            assert not [order for order in orders if OrderState(order.state) in LIVE]

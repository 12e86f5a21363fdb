"""A full session that people wait for, and the people: by the use cases themselves, without the graph."""

import secrets
import uuid
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import SecretBytes
from sqlmodel import col, select, update

from datasources.keys import schedule_key
from datasources.mongo.documents import BookingRule, HospitalDocument, ScheduleDocument
from datasources.sealing import KeyRing
from datasources.sql.booking_orders import BookingOrders
from datasources.sql.hospital_account import HospitalAccount
from datasources.sql.patient import Patient
from datasources.sql.slot_ledger import SlotLedger
from datasources.sql.user_account import UserAccount, Verification
from datasources.sql.waitlist_entry import WaitlistEntry, WaitlistState
from datasources.stores import Stores
from domain.audit.actor import Actor
from domain.booking.desk import BookingDesk, BookingRequest
from domain.booking.order_states import OrderStep
from domain.booking.placing import Placed, PlacingAnswer, place_order
from domain.booking.policy import BookingPolicy
from domain.booking.transitions import take_step
from domain.booking.waitlist.accepting import AcceptAnswer, AcceptRequest, accept_offer
from domain.booking.waitlist.joining import JoinAnswer, Joined, JoinRequest, join_waitlist
from domain.booking.waitlist.leaving import leave_waitlist
from domain.booking.waitlist.offering import serve_due, serve_waitlist
from domain.problems import NotFound
from tests.consents import health_data_consent
from tests.ledger import assert_ledger_true

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 20, 10, 0, tzinfo=ZONE)
DAY = date(2026, 11, 23)
RING = KeyRing.of(bytes(range(32)))
FEE = Decimal("9.67")


@dataclass(frozen=True)
class Person:
    """Somebody with an account of their own, known by real name, and themselves as its patient."""

    user_id: UUID
    patient_id: UUID


@dataclass
class Waited:
    """A session, and what happens to it. The clock stands until a test moves it."""

    stores: Stores
    hospital_code: str
    schedule_id: str
    desk: BookingDesk
    now: datetime = NOW
    orders: list[UUID] = field(default_factory=list)

    async def another(self, *, department: str | None = None, capacity: int = 1) -> "Waited":
        """Another session of the same hospital and half-day, in a department of its own unless one is named."""
        return await _session(replace(self, orders=[]), DAY, capacity, department or secrets.token_hex(4))

    async def person(self, certificate: bytes | None = None, *, account: Person | None = None) -> Person:
        """Somebody new with an account of their own, or another patient of this account. Two with one certificate are
        the same human being."""
        user, patient = uuid.uuid4() if account is None else account.user_id, uuid.uuid4()
        async with self.stores.sql.unit_of_work() as session:
            if account is None:
                made = UserAccount(id=user, phone_index=secrets.token_bytes(16), created_at=NOW)
                made.verification = Verification.VERIFIED
                session.add(made)
                await session.flush()
                session.add(health_data_consent(user, NOW))
            session.add(
                Patient(
                    id=patient,
                    user_id=user,
                    sealed_name=RING.seal("patient.sealed_name", str(patient), SecretBytes("欧阳娜".encode())),
                    certificate_kind="10",
                    sealed_certificate=b"-",
                    certificate_index=certificate or secrets.token_bytes(16),
                    sealed_phone=b"-",
                    sex="UNSTATED",
                    created_at=NOW,
                    updated_at=NOW,
                )
            )
        return Person(user, patient)

    async def try_to_book(self, person: Person) -> PlacingAnswer:
        """What createOrder answers to them."""
        request = BookingRequest(person.user_id, person.patient_id, self.schedule_id, secrets.token_hex(8))
        return await place_order(self.desk, request, self.now)

    async def fill(self, count: int) -> None:
        """So many people take a number each."""
        for _ in range(count):
            answer = await self.try_to_book(await self.person())
            assert isinstance(answer, Placed), answer
            self.orders.append(answer.order_id)

    async def cancel(self, order_id: UUID | None = None, *, serve: bool = True) -> None:
        """Give a number back, the first one if none is named; the waitlist is served unless the process dies."""
        async with self.stores.sql.unit_of_work() as session:
            order = await BookingOrders(session).get(order_id or self.orders.pop(0), for_change=True)
            assert order is not None
            actor = Actor("user", str(order.user_id), self.now)
            await take_step(session, order, OrderStep.CANCEL, actor)
        if serve:
            await self.serve()

    async def try_to_join(self, person: Person, key: str | None = None) -> JoinAnswer:
        """What joinWaitlist answers to them."""
        request = JoinRequest(person.user_id, person.patient_id, self.schedule_id, _key(key))
        return await join_waitlist(self.desk, request, self.now)

    async def join(self, person: Person | None = None) -> WaitlistEntry:
        """The entry of somebody who joined."""
        answer = await self.try_to_join(person or await self.person())
        assert isinstance(answer, Joined), answer
        return await self.entry(answer.entry_id)

    async def leave(self, entry: WaitlistEntry, user_id: UUID | None = None) -> UUID | NotFound:
        """What leaveWaitlist answers to its owner, or to this account."""
        return await leave_waitlist(self.stores, self.desk.policy, user_id or entry.user_id, entry.id, self.now)

    async def accept(
        self, entry: WaitlistEntry, key: str | None = None, *, user_id: UUID | None = None, fee: Decimal | None = None
    ) -> AcceptAnswer:
        """What acceptWaitlistOffer answers to its owner, or to this account."""
        request = AcceptRequest(user_id or entry.user_id, entry.id, _key(key), fee)
        return await accept_offer(self.desk, request, self.now)

    async def serve(self) -> int:
        """What follows a commit that freed places."""
        return await serve_waitlist(self.stores, self.desk.policy, self.schedule_id, self.now)

    async def run_job(self) -> int:
        """One run of the worker's job."""
        return await serve_due(self.stores, self.desk.policy, self.now)

    async def entry(self, id: UUID) -> WaitlistEntry:
        """The entry as it now is."""
        async with self.stores.sql.read() as session:
            return (await session.exec(select(WaitlistEntry).where(col(WaitlistEntry.id) == id))).one()

    async def entries(self, *states: WaitlistState) -> list[WaitlistEntry]:
        """The session's entries that stand so, in the order in which they joined."""
        async with self.stores.sql.read() as session:
            found = await session.exec(
                select(WaitlistEntry)
                .where(col(WaitlistEntry.schedule_id) == self.schedule_id, col(WaitlistEntry.state).in_(states))
                .order_by(col(WaitlistEntry.place))
            )
            return list(found)

    async def states(self) -> list[WaitlistState]:
        """Where each entry of the session stands, in the order in which they joined."""
        return [WaitlistState(entry.state) for entry in await self.entries(*WaitlistState)]

    async def ledger(self) -> SlotLedger:
        """The ledger's row as it now is."""
        async with self.stores.sql.read() as session:
            return (await session.exec(select(SlotLedger).where(col(SlotLedger.schedule_id) == self.schedule_id))).one()

    async def set_ledger(self, **columns: Any) -> None:
        """What a push of the hospital does."""
        async with self.stores.sql.unit_of_work() as session:
            await session.exec(
                update(SlotLedger).where(col(SlotLedger.schedule_id) == self.schedule_id).values(**columns)
            )

    async def assert_true(self) -> None:
        """The ledger's equation holds."""
        async with self.stores.sql.read() as session:
            await assert_ledger_true(session, self.schedule_id)


async def waited(
    stores: Stores, *, capacity: int = 1, visit_date: date = DAY, rule: BookingRule | None = None, **policy: Any
) -> Waited:
    """A session of a hospital of its own, every number of which is taken."""
    code = f"w{secrets.token_hex(6)}"
    async with stores.sql.unit_of_work() as session:
        session.add(HospitalAccount(code=code, name="测试医院"))
    await HospitalDocument(
        id=code,
        code=code,
        name="测试医院",
        pinyin="ceshiyiyuan",
        initials="csyy",
        booking_rule=rule or BookingRule(),
        updated_at=NOW,
    ).insert()
    desk = BookingDesk(stores, RING, BookingPolicy(zone=ZONE, **policy))
    made = await _session(Waited(stores, code, "", desk), visit_date, capacity, secrets.token_hex(4))
    await made.fill(capacity)
    return made


def _key(key: str | None) -> str:
    return secrets.token_hex(8) if key is None else key


async def _session(waited: Waited, visit_date: date, capacity: int, department: str) -> Waited:
    external_id = secrets.token_hex(6)
    waited.schedule_id = schedule_key(waited.hospital_code, external_id)
    async with waited.stores.sql.unit_of_work() as session:
        session.add(
            SlotLedger(
                schedule_id=waited.schedule_id,
                hospital_code=waited.hospital_code,
                department_code=department,
                external_id=external_id,
                visit_date=visit_date,
                half_day="AM",
                fee=FEE,
                capacity=capacity,
                updated_at=NOW,
            )
        )
    await ScheduleDocument(
        id=waited.schedule_id,
        hospital_code=waited.hospital_code,
        external_id=external_id,
        doctor_name="安二",
        updated_at=NOW,
    ).insert()
    return waited

"""Sessions and orders made by the very statements that booking uses, without the graph."""

import secrets
import uuid
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from uuid_utils.compat import uuid7

from datasources.sealing import KeyRing
from datasources.sql.booking_order import BookingOrder, OrderState
from datasources.sql.booking_orders import BookingOrders
from datasources.sql.booking_statements import Attempt, Outcome, book_numbers
from datasources.sql.hospital_account import HospitalAccount, HospitalAccounts
from datasources.sql.patient import Patient
from datasources.sql.slot_ledger import SlotLedger
from datasources.sql.user_account import UserAccount
from datasources.stores import Stores
from domain.booking.policy import BookingPolicy
from domain.certificates.kinds import Certificate
from domain.patients.sealed_details import certificate_index

DAY = date(2026, 11, 20)
POLICY = BookingPolicy(zone=ZoneInfo("Asia/Shanghai"))
NO_LIMITS = {"week": 100, "month": 100, "quarter": 100}
RING = KeyRing.of(bytes(range(32)))


def at(clock: str, day: date = DAY) -> datetime:
    """This time of the day in the platform's zone."""
    return datetime.fromisoformat(f"{day.isoformat()}T{clock}").replace(tzinfo=POLICY.zone)


@dataclass
class Session:
    """A session of a hospital of its own, and those who booked it."""

    stores: Stores
    hospital_code: str
    schedule_id: str
    visit_date: date
    half_day: str
    department_code: str = "memory"
    orders: list[UUID] = field(default_factory=list)

    async def book(self, state: OrderState = OrderState.PAID, **whose: Any) -> BookingOrder:
        """The next number, for somebody new, or for whoever has this certificate."""
        order = await self.try_to_book(state, **whose)
        assert order is not None, "nothing is left"
        return order

    async def try_to_book(
        self,
        state: OrderState = OrderState.PAID,
        *,
        ring: KeyRing = RING,
        certificate: Certificate | None = None,
        user_id: UUID | None = None,
        name: str = "张*",
    ) -> BookingOrder | None:
        """The same; None if nothing is left."""
        certificate = certificate or Certificate("30", f"E{secrets.randbelow(10**9):09}")
        person = certificate_index(ring, certificate)
        user, patient = await _person(self.stores, certificate, person, user_id)
        lapses_at = None
        if state in (OrderState.PENDING_HOSPITAL, OrderState.AWAITING_PAYMENT):
            lapses_at = at("23:00", self.visit_date)
        attempt = self._attempt(user, patient, person, state, lapses_at, name)
        (taken,) = await book_numbers(self.stores.sql, [attempt], NO_LIMITS, datetime.now(UTC))
        if taken.outcome is Outcome.SOLD_OUT:
            return None
        assert taken.outcome is Outcome.TAKEN, taken
        self.orders.append(attempt.id)
        return await self.order(attempt.id)

    async def attempt(self, state: OrderState, lapses_at: datetime | None) -> Attempt:
        """What asks for a number for somebody new."""
        certificate = Certificate("30", f"E{secrets.randbelow(10**9):09}")
        person = certificate_index(RING, certificate)
        user, patient = await _person(self.stores, certificate, person, None)
        return self._attempt(user, patient, person, state, lapses_at, "张*")

    def _attempt(
        self,
        user_id: UUID,
        patient_id: UUID,
        person: bytes,
        state: OrderState,
        lapses_at: datetime | None,
        name: str,
    ) -> Attempt:
        return Attempt(
            id=uuid7(),
            order_number=f"{self.visit_date:%y%m%d}{secrets.randbelow(10**10):010}",
            user_id=user_id,
            patient_id=patient_id,
            person=person,
            masked_patient_name=name,
            schedule_id=self.schedule_id,
            hospital_code=self.hospital_code,
            department_code=self.department_code,
            visit_date=self.visit_date,
            half_day=self.half_day,
            state=str(state),
            fee=Decimal(0),
            lapses_at=lapses_at,
            cancel_until=at("15:30", self.visit_date),
            fetch_time=None,
            fetch_address="门诊楼三层",
            texts={},
            idempotency_key=uuid.uuid4().hex,
            request_hash=bytes(32),
        )

    async def order(self, id: UUID) -> BookingOrder:
        """The order as it now is."""
        async with self.stores.sql.read() as session:
            order = await BookingOrders(session).get(id)
        assert order is not None
        return order


async def new_session(
    stores: Stores,
    *,
    capacity: int = 20,
    visit_date: date = DAY,
    half_day: str = "AM",
    hospital_code: str | None = None,
) -> Session:
    """A session in the ledger, of a new hospital unless one is named. Its numbers are free."""
    code = hospital_code or f"b{secrets.token_hex(6)}"
    external_id = secrets.token_hex(6)
    async with stores.sql.unit_of_work() as session:
        if hospital_code is None:
            await HospitalAccounts(session).add(HospitalAccount(code=code, name="测试医院"))
        ledger = SlotLedger(
            schedule_id=f"{code}:{external_id}",
            hospital_code=code,
            department_code=Session.department_code,
            external_id=external_id,
            visit_date=visit_date,
            half_day=half_day,
            fee=Decimal(0),
            capacity=capacity,
            updated_at=datetime.now(UTC),
        )
        session.add(ledger)
    return Session(stores, code, ledger.schedule_id, visit_date, half_day)


async def _person(stores: Stores, certificate: Certificate, index: bytes, user_id: UUID | None) -> tuple[UUID, UUID]:
    now, user, patient = datetime.now(UTC), user_id or uuid.uuid4(), uuid.uuid4()
    async with stores.sql.unit_of_work() as session:
        if user_id is None:
            session.add(UserAccount(id=user, phone_index=secrets.token_bytes(16), created_at=now))
            await session.flush()
        session.add(
            Patient(
                id=patient,
                user_id=user,
                sealed_name=b"-",
                certificate_kind=certificate.kind,
                sealed_certificate=b"-",
                certificate_index=index,
                sealed_phone=b"-",
                sex="UNSTATED",
                created_at=now,
                updated_at=now,
            )
        )
    return user, patient

"""Booking in tests: people who may book, sessions that can be booked, and asking for numbers."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from datasources.keys import schedule_key
from datasources.sealing import KeyRing
from datasources.sql.patient import Patient, Sex
from datasources.sql.slot_ledger import SlotLedger
from datasources.sql.user_account import UserAccount, Verification
from datasources.stores import Stores
from domain.certificates.kinds import Certificate
from domain.global_id import NodeKind, global_id
from domain.identity.accounts import Account, Origin
from domain.identity.sessions import start_session
from domain.patients.details import PatientDetails
from domain.patients.sealed_details import write_details
from tests.consents import health_data_consent
from tests.platform import MORNING, Hospital, Platform
from tests.verifications import new_resident_id

RULE = {"cycle": 10, "releaseTime": "08:30", "stopTime": "11:30", "quitDay": -1, "quitTime": "15:30"}
VISIT_DATE = date(2026, 11, 25)
"""Five days after the tests' morning: released, and far from its deadlines."""

REFUSED = """... on Problem { code message } ... on BookingNotOpen { opensAt } ... on BookingClosed { closedAt }
  ... on AlreadyBooked { orderId } ... on BookingLimitReached { period most } ... on PatientBanned { until }
  ... on ConsentNeeded { kind version }
  ... on RealNameNeeded { verification } ... on SessionNotBookable { status } ... on SlotSoldOut { scheduleId }"""
ORDER = """id orderNumber state isLive number date halfDay fee { amount currency } paid { amount } lapsesAt cancelUntil
  isCancellable fetchAddress hospitalCode departmentCode hospitalName hospitalAddress departmentName doctorName
  doctorTitle patientName createdAt checkedInAt"""
CREATE = f"""mutation ($input: CreateOrderInput!) {{ createOrder(input: $input) {{ __typename
  ... on OrderCreated {{ replayed order {{ {ORDER} }} }} {REFUSED}
  ... on FeeChanged {{ fee {{ amount }} }} ... on InvalidInput {{ fields {{ field code }} }} }} }}"""


@dataclass(frozen=True)
class Booker:
    """An account that may book, with one patient and an access token."""

    user_key: UUID
    patient_key: UUID
    token: str

    @property
    def user_id(self) -> str:
        """The account's global id."""
        return global_id(NodeKind.USER, self.user_key)

    @property
    def patient_id(self) -> str:
        """The patient's global id."""
        return global_id(NodeKind.PATIENT, self.patient_key)


@dataclass(frozen=True)
class OpenSession:
    """A session of the test's own."""

    hospital: Hospital
    external_id: str

    @property
    def key(self) -> str:
        """Under which both stores keep it."""
        return schedule_key(self.hospital.code, self.external_id)

    @property
    def id(self) -> str:
        """The global id."""
        return global_id(NodeKind.SCHEDULE, self.key)


async def new_bookers(
    stores: Stores,
    ring: KeyRing,
    count: int,
    *,
    verification: Verification = Verification.VERIFIED,
    now: datetime = MORNING,
) -> list[Booker]:
    """So many accounts with a patient each, signed in; made at once, as signing in thousands would take minutes."""
    bookers = []
    async with stores.sql.unit_of_work() as session:
        for _ in range(count):
            user, patient = uuid4(), uuid4()
            session.add(UserAccount(id=user, verification=verification))
            await session.flush()
            session.add(health_data_consent(user, now))
            await add_patient_row(stores, ring, user, patient, session=session)
            tokens = await start_session(session, ring, Account.of_user(user), Origin(now))
            bookers.append(Booker(user, patient, tokens.access_token.get_secret_value()))
    return bookers


async def new_booker(platform: Platform, **columns: Any) -> Booker:
    """One of them."""
    return (await new_bookers(platform.stores, platform.ring, 1, **columns))[0]


async def add_patient_row(
    stores: Stores, ring: KeyRing, user: UUID, patient: UUID, *, number: str | None = None, session: Any = None
) -> None:
    """Another patient of the account, by default with a certificate that nobody else has."""
    if session is None:
        async with stores.sql.unit_of_work() as own:
            await add_patient_row(stores, ring, user, patient, number=number, session=own)
        return
    row = Patient(id=patient, user_id=user, certificate_kind="10", created_at=MORNING, updated_at=MORNING)
    certificate = Certificate("10", number or new_resident_id(), birth_date=date(1980, 1, 1), sex=Sex.FEMALE)
    details = PatientDetails("张三丰", certificate, Sex.FEMALE, date(1980, 1, 1), "+8613800005678")
    write_details(ring, row, details)
    session.add(row)
    await session.flush()


async def new_bookable_hospital(platform: Platform, **entry: Any) -> Hospital:
    """A hospital with one department, 11, whose rule releases ten days ahead."""
    hospital = await platform.new_hospital(name="长春测试医院", bookingRule=RULE, address="长春市某路1号", **entry)
    pushed = await platform.push(
        hospital, "upsertDepartment", {"department": {"code": "11", "name": "心内科", "address": "门诊楼3层"}}
    )
    assert pushed["__typename"] == "DepartmentUpserted", pushed
    return hospital


async def new_session(platform: Platform, hospital: Hospital | None = None, **changes: Any) -> OpenSession:
    """A session of the hospital's department, by default with 20 numbers at 9.67 on VISIT_DATE's morning."""
    hospital = hospital or await new_bookable_hospital(platform)
    entry = {
        "externalId": f"s{secrets.token_hex(4)}",
        "departmentCode": "11",
        "date": VISIT_DATE.isoformat(),
        "halfDay": "AM",
        "capacity": 20,
        "fee": "9.67",
        "doctorName": "林一鸣",
        "doctorTitle": "主任医师",
    } | changes
    pushed = await platform.push(hospital, "upsertSchedule", {"schedule": entry})
    assert pushed["__typename"] == "ScheduleUpserted", pushed
    return OpenSession(hospital, str(entry["externalId"]))


async def book(platform: Platform, booker: Booker, session: OpenSession, **changes: Any) -> Any:
    """The answer to `createOrder`, under a key of its own unless one is given."""
    input = {
        "scheduleId": session.id,
        "patientId": booker.patient_id,
        "idempotencyKey": secrets.token_hex(8),
    } | changes
    return (await platform.data(CREATE, {"input": input}, bearer=booker.token))["createOrder"]


async def booked(platform: Platform, booker: Booker, session: OpenSession, **changes: Any) -> dict[str, Any]:
    """The order that was made."""
    answer = await book(platform, booker, session, **changes)
    assert answer["__typename"] == "OrderCreated", answer
    order: dict[str, Any] = answer["order"]
    return order


async def ledger_of(stores: Stores, session: OpenSession) -> SlotLedger:
    """The session's ledger row as it is now."""
    async with stores.sql.read() as reading:
        row = await reading.get(SlotLedger, session.key)
    assert row is not None
    return row


async def take_back_health_data(platform: Platform, booker: Booker) -> None:
    """The booker no longer agrees to the use of health data."""
    withdraw = "mutation { withdrawConsent(input: {kind: HEALTH_DATA}) { __typename } }"
    await platform.data(withdraw, bearer=booker.token)


async def agree_to(platform: Platform, booker: Booker, needed: Mapping[str, Any]) -> None:
    """Agree to what a ConsentNeeded problem names."""
    give = "mutation ($input: GiveConsentInput!) { giveConsent(input: $input) { __typename } }"
    given = {"kind": needed["kind"], "version": needed["version"]}
    await platform.data(give, {"input": given}, bearer=booker.token)

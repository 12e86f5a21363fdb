"""Checking in at the hospital: by the order's QR code, its number, or the patient's certificate.

The hospital comes from who calls, never from what is read, so one hospital's counter does nothing to another's orders
and learns nothing of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from datasources.cache.tries import Tries
from datasources.sealing import KeyRing
from datasources.sql.audit_entry import AuditLog
from datasources.sql.booking_orders import BookingOrders
from datasources.sql.check_in_reads import CheckInReads
from datasources.stores import Stores
from domain.audit.actor import Actor
from domain.booking.check_in import CheckedIn, CheckInAnswer, CheckInClosed, CheckInRefusal, check_in
from domain.booking.check_in_code import PREFIX, read_check_in_code
from domain.booking.policy import BookingPolicy
from domain.certificates.faults import CertificateFault
from domain.certificates.kinds import Certificate, CertificateKind, read_certificate
from domain.patients.sealed_details import certificate_index
from domain.problems import InvalidInput, NotFound

MISSES_OF_A_SYSTEM = 300
"""A hospital's system speaks for all its machines, and people without an order try their cards there."""
MISSES_OF_A_PERSON = 30
TRIES_SECONDS = 600

LONGEST_CODE = 100


@dataclass(frozen=True, slots=True)
class Counter:
    """A hospital's counter or ticket machine, and what checking in there works with."""

    stores: Stores
    ring: KeyRing
    policy: BookingPolicy
    hospital_code: str
    actor: Actor


@dataclass(frozen=True, slots=True)
class TooManyMisses:
    """The caller named too many orders or people that are not there; nothing was looked up."""

    retry_after_seconds: int


@dataclass(frozen=True, slots=True)
class PatientCheckedIn:
    """Every visit of the patient at this hospital on this day that could be checked in, the morning's first."""

    visits: Sequence[CheckedIn]


CodeAnswer = CheckInAnswer | TooManyMisses
CertificateAnswer = PatientCheckedIn | CheckInRefusal | NotFound | InvalidInput | TooManyMisses


async def check_in_by_code(counter: Counter, text: str) -> CodeAnswer:
    """Check in the order whose QR code or number this is."""
    text = text.strip()
    if len(text) > LONGEST_CODE:
        return NotFound()
    if not text.startswith(PREFIX):
        return await _by_number(counter, "".join(text.split()))
    said = read_check_in_code(counter.ring, text)
    if said is None:
        return NotFound()
    if counter.actor.now > said.expires_at:
        return CheckInClosed(said.expires_at)
    return await _check_in(counter, said.order_id, by="code")


async def check_in_by_certificate(counter: Counter, kind: str, number: str) -> CertificateAnswer:
    """Check in every visit that whoever has this certificate has here today.

    If none can be, the answer is why not, of the one that comes first.
    """
    today = counter.actor.now.astimezone(counter.policy.zone).date()
    certificate = read_certificate(kind, number, today)
    if isinstance(certificate, CertificateFault):
        return InvalidInput([certificate.of_field("certificateNumber")])
    wait = await _take_try(counter)
    if wait is not None:
        return TooManyMisses(wait)
    async with counter.stores.sql.read() as session:
        ids = await CheckInReads(session).of_person(counter.hospital_code, _indexes(counter.ring, certificate), today)
    answers = [await _check_in(counter, id, by="certificate") for id in ids]
    if not answers:
        await _note_miss(counter, by="certificate")
        return NotFound()
    await _tries(counter).give_back(_caller(counter))
    visits = [answer for answer in answers if isinstance(answer, CheckedIn)]
    return PatientCheckedIn(visits) if visits else next(each for each in answers if not isinstance(each, CheckedIn))


async def _by_number(counter: Counter, order_number: str) -> CodeAnswer:
    wait = await _take_try(counter)
    if wait is not None:
        return TooManyMisses(wait)
    async with counter.stores.sql.read() as session:
        id = await CheckInReads(session).by_number(counter.hospital_code, order_number)
    if id is None:
        await _note_miss(counter, by="order_number")
        return NotFound()
    await _tries(counter).give_back(_caller(counter))
    return await _check_in(counter, id, by="order_number")


async def _check_in(counter: Counter, id: UUID, *, by: str) -> CheckInAnswer:
    actor = counter.actor
    async with counter.stores.sql.unit_of_work() as session:
        order = await BookingOrders(session).of_hospital(counter.hospital_code, id, for_change=True)
        if order is None:
            return NotFound()
        was_there = order.checked_in_at is not None
        answer = await check_in(session, counter.policy, actor, order, by=by)
        if isinstance(answer, CheckedIn) and not was_there:
            act = actor.act("ORDER_CHECKED_IN", "order", id, hospital_code=counter.hospital_code, detail={"by": by})
            await AuditLog(session).append(act)
        return answer


def _indexes(ring: KeyRing, certificate: Certificate) -> list[bytes]:
    """A household book carries the number of the resident ID that its holder has, or will have."""
    same_number = (CertificateKind.RESIDENT_ID, CertificateKind.HOUSEHOLD_BOOK)
    kinds = same_number if certificate.kind in same_number else (certificate.kind,)
    return [certificate_index(ring, Certificate(str(kind), certificate.number)) for kind in kinds]


async def _take_try(counter: Counter) -> int | None:
    most = MISSES_OF_A_SYSTEM if counter.actor.kind == "hospital_system" else MISSES_OF_A_PERSON
    return await _tries(counter).take(_caller(counter), most=most, seconds=TRIES_SECONDS)


async def _note_miss(counter: Counter, *, by: str) -> None:
    """The log knows that somebody was looked for, not whom."""
    code = counter.hospital_code
    async with counter.stores.sql.unit_of_work() as session:
        await AuditLog(session).append(
            counter.actor.act(
                "ORDER_CHECKED_IN", "hospital", code, result="NOT_FOUND", hospital_code=code, detail={"by": by}
            )
        )


def _caller(counter: Counter) -> str:
    return f"{counter.actor.kind}:{counter.actor.id}"


def _tries(counter: Counter) -> Tries:
    return Tries(counter.stores.redis, "check-in")

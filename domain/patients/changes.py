"""Adding, changing and removing patients. Each works inside the transaction it is given and is audited there."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession
from uuid_utils.compat import uuid7

from datasources.sealing import KeyRing
from datasources.sql.audit_entry import AuditLog
from datasources.sql.consent import ConsentKind
from datasources.sql.patient import Patient, Patients
from domain.audit.actor import Actor
from domain.booking.waitlist.ending import end_waits_of_patient, remove_waits_of_patient
from domain.certificates.kinds import Certificate, normal_number, read_certificate
from domain.language import Words
from domain.patients.consent import ConsentNeeded, consent_lacking
from domain.patients.details import GivenPatient, PatientDetails
from domain.patients.known_values import known_values
from domain.patients.live_orders import has_live_orders
from domain.patients.rules import checked
from domain.patients.sealed_details import certificate_index, read_details, write_details
from domain.problems import FieldProblem, InvalidInput, NotFound, ProblemCode
from domain.refusals import Refusal, RefusalCode

MOST_PATIENTS = 6
"""Per account."""

_TWICE = Words("此账号下已有使用该证件的就诊人。", "The account already has a patient with this certificate.")
_NOT_ACTIVE = Words("账号当前不可用，请重新登录。", "The account is not in use; sign in again.")


@dataclass(frozen=True, slots=True)
class TooManyPatients:
    """The account has as many patients as it may have."""

    most: int = MOST_PATIENTS


@dataclass(frozen=True, slots=True)
class PatientHasLiveOrders:
    """The patient has orders under way, which forbids the change."""


@dataclass(frozen=True, slots=True)
class Owner:
    """An account's owner at work on their own patients."""

    user_id: UUID
    actor: Actor
    today: date
    """The platform's date."""


async def add_patient(
    session: AsyncSession, ring: KeyRing, owner: Owner, given: GivenPatient
) -> Patient | InvalidInput | TooManyPatients | ConsentNeeded:
    """Add a patient to the owner's account. Calls at once queue on the account, so the limit holds exactly."""
    details = checked(given, await known_values(session, given), owner.today)
    if not isinstance(details, PatientDetails):
        return InvalidInput(details)
    patients = Patients(session)
    await _lock(patients, owner)
    lacking = await consent_lacking(session, owner.user_id, ConsentKind.HEALTH_DATA)
    if lacking is not None:
        return lacking
    index = certificate_index(ring, details.certificate)
    if await patients.has_certificate(owner.user_id, details.certificate.kind, index):
        return _twice()
    if await patients.count(owner.user_id) >= MOST_PATIENTS:
        return TooManyPatients()
    now = owner.actor.now
    row = Patient(
        id=uuid7(),
        user_id=owner.user_id,
        certificate_kind=details.certificate.kind,
        created_at=now,
        updated_at=now,
    )
    write_details(ring, row, details)
    await patients.store(row)
    await _record(session, owner, "PATIENT_ADDED", row.id)
    return row


async def update_patient(
    session: AsyncSession, ring: KeyRing, owner: Owner, id: UUID, changes: Mapping[str, Any]
) -> Patient | InvalidInput | NotFound | PatientHasLiveOrders | ConsentNeeded:
    """Change some of a patient's details: `changes` are fields of GivenPatient. What isn't named stays as it is."""
    patients = Patients(session)
    await _lock(patients, owner)
    row = await patients.own(owner.user_id, id, for_change=True)
    if row is None:
        return NotFound()
    lacking = await consent_lacking(session, owner.user_id, ConsentKind.HEALTH_DATA)
    if lacking is not None:
        return lacking
    before = read_details(ring, row)
    given = _changed(before, changes, owner.today)
    details = checked(given, await known_values(session, given), owner.today)
    if not isinstance(details, PatientDetails):
        return InvalidInput(details)
    index = certificate_index(ring, details.certificate)
    if (row.certificate_kind, row.certificate_index) != (details.certificate.kind, index):
        if await has_live_orders(session, row.id):
            return PatientHasLiveOrders()
        if await patients.has_certificate(owner.user_id, details.certificate.kind, index, besides=row.id):
            return _twice()
        await end_waits_of_patient(session, row.id, owner.actor.now)
    write_details(ring, row, details)
    row.updated_at = owner.actor.now
    await patients.store(row)
    await _record(session, owner, "PATIENT_CHANGED", row.id, {"fields": sorted(changes)})
    return row


async def remove_patient(session: AsyncSession, owner: Owner, id: UUID) -> UUID | NotFound | PatientHasLiveOrders:
    """Remove a patient. The row stays for lawful records, with everything personal erased."""
    patients = Patients(session)
    row = await patients.own(owner.user_id, id, for_change=True)
    if row is None:
        return NotFound()
    if await has_live_orders(session, id):
        return PatientHasLiveOrders()
    if not await patients.erase(owner.user_id, id, owner.actor.now):
        return NotFound()
    await remove_waits_of_patient(session, id, owner.actor.now)
    await _record(session, owner, "PATIENT_REMOVED", id)
    return id


def _changed(before: PatientDetails, changes: Mapping[str, Any], today: date) -> GivenPatient:
    """The details with the changes put in. A new certificate that tells birth date and sex replaces the old ones,
    unless they are named as well and so have to agree with it."""
    given = replace(before.as_given(), **changes)
    same = given.certificate_kind == before.certificate.kind and (
        normal_number(given.certificate_number) == before.certificate.number
    )
    if same:
        return given
    read = read_certificate(given.certificate_kind, given.certificate_number, today)
    if isinstance(read, Certificate):
        if read.birth_date is not None and "birth_date" not in changes:
            given = replace(given, birth_date=None)
        if read.sex is not None and "sex" not in changes:
            given = replace(given, sex=None)
    return given


async def _lock(patients: Patients, owner: Owner) -> None:
    if not await patients.lock_account(owner.user_id):
        raise Refusal(RefusalCode.UNAUTHENTICATED, _NOT_ACTIVE)


def _twice() -> InvalidInput:
    return InvalidInput([FieldProblem("certificateNumber", ProblemCode.DUPLICATE, _TWICE)])


async def _record(
    session: AsyncSession, owner: Owner, action: str, id: UUID, detail: dict[str, Any] | None = None
) -> None:
    await AuditLog(session).append(owner.actor.act(action, "patient", id, detail=detail))

"""Applying to join: handed in by a signed-in account, corrected after a rejection, or taken back."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from pydantic import SecretBytes, SecretStr
from sqlalchemy.exc import IntegrityError
from sqlmodel.ext.asyncio.session import AsyncSession
from uuid_utils.compat import uuid7

from datasources.sealing import KeyRing
from datasources.sql.audit_entry import AuditLog
from datasources.sql.database import Database
from datasources.sql.hospital_application import (
    REGISTRATION_ONCE,
    ApplicationState,
    HospitalApplication,
    HospitalApplications,
)
from datasources.sql.hospital_application_reads import HospitalApplicationReads
from datasources.sql.patient import Patients
from datasources.sql.stored_file import KEPT_FOR, FileOwner, FilePurpose, FileState, OwnerKind, StoredFiles
from datasources.sql.stored_file_reads import StoredFileReads
from domain.language import Words
from domain.messages.of_hospital import tell_of_application
from domain.onboarding.details import GivenHospital, HospitalDetails, checked_details
from domain.onboarding.receipt import code_hash, new_code, new_number
from domain.patients.changes import Owner
from domain.problems import FieldProblem, InvalidInput, NotFound, ProblemCode
from domain.refusals import Refusal, RefusalCode

MOST_WAITING = 3
"""Applications of one account that wait for a decision at a time."""
MOST_PER_DAY = 5
SEALED_NAME = "hospital_application.sealed_contact_name"
SEALED_PHONE = "hospital_application.sealed_contact_phone"

_NOT_ACTIVE = Words("账号当前不可用，请重新登录。", "The account is not in use; sign in again.")
_NO_LICENCE = Words(
    "没有这份证照文件。请以用途 HOSPITAL_LICENCE 上传，就绪后再提交。",
    "There is no such licence; upload it for HOSPITAL_LICENCE and hand it in once it is READY.",
)
_LICENCE_IN_USE = Words("这份文件已用于另一申请，请重新上传。", "Another application uses this file; upload it anew.")


@dataclass(frozen=True, slots=True)
class HospitalApplied:
    """The application was taken. The receipt's code is shown this once."""

    application: HospitalApplication
    receipt_code: SecretStr


@dataclass(frozen=True, slots=True)
class HospitalKnown:
    """A live application, or a hospital of the platform's, has the same registration number."""

    own_number: str | None
    """The number of that application, where it is the caller's own."""


@dataclass(frozen=True, slots=True)
class TooManyApplications:
    """The account has as many applications waiting, or handed in on one date, as it may."""

    most: int


@dataclass(frozen=True, slots=True)
class ApplicationNotChangeable:
    """The application stands where this cannot be done to it."""

    state: ApplicationState
    decided_at: datetime | None


ApplyAnswer = HospitalApplied | InvalidInput | HospitalKnown | TooManyApplications
ResubmitAnswer = (
    HospitalApplication | InvalidInput | NotFound | HospitalKnown | TooManyApplications | ApplicationNotChangeable
)
WithdrawAnswer = HospitalApplication | NotFound | ApplicationNotChangeable


Answer = TypeVar("Answer")


class _LicenceTakenMeanwhile(Exception):  # noqa: N818 - unwinds the transaction, and is an answer then
    """A file was deleted or used between its check and its use."""


async def apply_to_join(
    database: Database, ring: KeyRing, owner: Owner, given: GivenHospital, *, day_began: datetime
) -> ApplyAnswer:
    """Hand in an application. Calls at once queue on the account, so the limits hold exactly. `day_began` is when the
    platform's date began."""
    code = new_code()

    async def write(
        session: AsyncSession,
    ) -> HospitalApplication | InvalidInput | HospitalKnown | TooManyApplications:
        details = await _judged(session, owner, given, None, day_began)
        if not isinstance(details, HospitalDetails):
            return details
        now, id = owner.actor.now, uuid7()
        application = HospitalApplication(
            id=id,
            number=new_number(),
            receipt_hash=code_hash(code),
            user_id=owner.user_id,
            applied_at=now,
            submitted_at=now,
            **_values(ring, id, details),
        )
        await HospitalApplications(session).add(application)
        await _hold(session, owner, application, "HOSPITAL_APPLIED")
        return application

    answer = await _unless_taken(database, owner, write)
    return HospitalApplied(answer, SecretStr(code)) if isinstance(answer, HospitalApplication) else answer


async def resubmit_application(
    database: Database, ring: KeyRing, owner: Owner, id: UUID, given: GivenHospital, *, day_began: datetime
) -> ResubmitAnswer:
    """Hand a rejected application in again, corrected. Its number and its receipt stay."""

    async def write(session: AsyncSession) -> ResubmitAnswer:
        reads = HospitalApplicationReads(session)
        before = await reads.by_id(id, user_id=owner.user_id, for_change=True)
        if before is None:
            return NotFound()
        if before.state != ApplicationState.REJECTED:
            return _not_changeable(before)
        details = await _judged(session, owner, given, id, day_began)
        if not isinstance(details, HospitalDetails):
            return details
        values = _values(ring, id, details)
        await HospitalApplications(session).submit_again(id, owner.user_id, values, owner.actor.now)
        after = await reads.by_id(id)
        assert after is not None
        await StoredFiles(session).release_from_use(used_by(id))
        await _hold(session, owner, after, "HOSPITAL_APPLIED_AGAIN")
        return after

    return await _unless_taken(database, owner, write)


async def withdraw_application(database: Database, owner: Owner, id: UUID) -> WithdrawAnswer:
    """Take an application back: the contact person's name and phone go, and the licences are let go of."""
    async with database.unit_of_work() as session:
        reads = HospitalApplicationReads(session)
        before = await reads.by_id(id, user_id=owner.user_id, for_change=True)
        if before is None:
            return NotFound()
        if not await HospitalApplications(session).withdraw(id, owner.user_id):
            return _not_changeable(before)
        await StoredFiles(session).release_from_use(used_by(id))
        await AuditLog(session).append(owner.actor.act("HOSPITAL_APPLICATION_WITHDRAWN", "hospital_application", id))
        return await reads.by_id(id) or NotFound()


async def own_applications(database: Database, user_id: UUID, *, most: int) -> Sequence[HospitalApplication]:
    """The account's applications, the latest first."""
    async with database.read() as session:
        return await HospitalApplicationReads(session).of_user(user_id, most=most)


def used_by(id: UUID) -> str:
    """What a licence's file says it is needed by."""
    return f"{KEPT_FOR}{id}"


async def _unless_taken(
    database: Database, owner: Owner, write: Callable[[AsyncSession], Awaitable[Answer]]
) -> Answer | InvalidInput | HospitalKnown:
    """What `write` answers, with the account's row locked meanwhile."""
    try:
        async with database.unit_of_work() as session:
            if not await Patients(session).lock_account(owner.user_id):
                raise Refusal(RefusalCode.UNAUTHENTICATED, _NOT_ACTIVE)
            return await write(session)
    except _LicenceTakenMeanwhile:
        return InvalidInput([FieldProblem("licenceFileIds", ProblemCode.STILL_IN_USE, _LICENCE_IN_USE)])
    except IntegrityError as error:
        if REGISTRATION_ONCE not in str(error.orig):
            raise
        # Another account handed the same number in between its check and here.
        return HospitalKnown(None)


async def _judged(
    session: AsyncSession, owner: Owner, given: GivenHospital, id: UUID | None, day_began: datetime
) -> HospitalDetails | InvalidInput | HospitalKnown | TooManyApplications:
    """The details of what may be handed in; `id` is of the application that is corrected."""
    reads = HospitalApplicationReads(session)
    waiting, today = await reads.counts_of(owner.user_id, since=day_began)
    if waiting >= MOST_WAITING or today >= MOST_PER_DAY:
        return TooManyApplications(MOST_WAITING if waiting >= MOST_WAITING else MOST_PER_DAY)
    details = await checked_details(session, given)
    faults = await _licence_faults(session, owner, given.licences, id)
    if isinstance(details, list):
        return InvalidInput([*details, *faults])
    if faults:
        return InvalidInput(faults)
    known = await reads.live_with(details.registration_number)
    if known is not None:
        return HospitalKnown(known.number if known.user_id == owner.user_id else None)
    return details


async def _hold(session: AsyncSession, owner: Owner, application: HospitalApplication, action: str) -> None:
    """Take the licences into use, tell the applicant, and record it; last in the transaction."""
    held = await StoredFiles(session).take_into_use(
        application.licence_file_ids,
        owner=_files_of(owner),
        purpose=FilePurpose.HOSPITAL_LICENCE,
        used_by=used_by(application.id),
    )
    if not held:
        raise _LicenceTakenMeanwhile
    await tell_of_application(session, application, owner.actor.now)
    detail = {"registration_number": application.registration_number}
    await AuditLog(session).append(owner.actor.act(action, "hospital_application", application.id, detail=detail))


async def _licence_faults(
    session: AsyncSession, owner: Owner, ids: Sequence[UUID], id: UUID | None
) -> list[FieldProblem]:
    found = await StoredFileReads(session).by_ids(list(ids), owner=_files_of(owner))
    free = {None} if id is None else {None, used_by(id)}
    for file_id in ids:
        file = found.get(file_id)
        if file is None or (file.purpose, file.state) != (FilePurpose.HOSPITAL_LICENCE, FileState.READY):
            return [FieldProblem("licenceFileIds", ProblemCode.NOT_FOUND, _NO_LICENCE)]
        if file.used_by not in free:
            return [FieldProblem("licenceFileIds", ProblemCode.STILL_IN_USE, _LICENCE_IN_USE)]
    return []


def _values(ring: KeyRing, id: UUID, details: HospitalDetails) -> dict[str, Any]:
    row = str(id)
    return {
        "name": details.name,
        "level": details.level,
        "region_code": details.region_code,
        "address": details.address,
        "registration_number": details.registration_number,
        "phone": details.phone,
        "api_base": details.api_base,
        "sealed_contact_name": ring.seal(SEALED_NAME, row, SecretBytes(details.contact_name.encode())),
        "sealed_contact_phone": ring.seal(SEALED_PHONE, row, SecretBytes(details.contact_phone.encode())),
        "licence_file_ids": list(details.licences),
    }


def _not_changeable(application: HospitalApplication) -> ApplicationNotChangeable:
    return ApplicationNotChangeable(ApplicationState(application.state), application.decided_at)


def _files_of(owner: Owner) -> FileOwner:
    return FileOwner(OwnerKind.USER, owner.user_id)

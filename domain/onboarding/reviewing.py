"""Reviewers look into an application and decide it, once. Approving opens the hospital's account and nothing more:
whoever applied takes the hospital over, so a reviewer never holds a key or a password of it."""

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlmodel.ext.asyncio.session import AsyncSession

from datasources.sealing import KeyRing
from datasources.sql.audit_entry import AuditLog
from datasources.sql.database import Database
from datasources.sql.hospital_account import HospitalAccount, HospitalAccounts, HospitalStatus
from datasources.sql.hospital_application import ApplicationState, HospitalApplication, HospitalApplications
from datasources.sql.hospital_application_reads import HospitalApplicationReads
from datasources.sql.stored_file import FileState
from datasources.sql.stored_file_reads import StoredFileReads
from datasources.storage.file_storage import FileStorage
from datasources.stores import Stores
from domain.audit.actor import Actor
from domain.files.links import FileLink, signed_link
from domain.hospitals.accounts import is_hospital_code
from domain.language import Words
from domain.messages.of_hospital import tell_of_application
from domain.onboarding.applying import SEALED_NAME, SEALED_PHONE, ApplicationNotChangeable
from domain.problems import FieldProblem, InvalidInput, NotFound, ProblemCode

LONGEST_REASON = 300
LONGEST_REVEAL_REASON = 200

_NO_REASON = Words("请写明 1 至 {most} 字的原因。", "Give a reason of 1 to {most} characters.")
_BAD_CODE = Words(
    "医院编码须为 1 至 64 位字母、数字、点、连字符或下划线。",
    "A hospital's code has 1 to 64 letters, digits, dots, hyphens or underscores.",
)
_CODE_TAKEN = Words("编码 {code} 已被另一家医院使用，请另选。", "Another hospital has the code {code}; choose another.")


@dataclass(frozen=True, slots=True)
class ApplicationContact:
    """The contact person in clear, of which there is a record."""

    application: HospitalApplication
    name: str
    phone: str


DecideAnswer = HospitalApplication | InvalidInput | NotFound | ApplicationNotChangeable
RevealAnswer = ApplicationContact | InvalidInput | NotFound


async def approve_application(
    database: Database, actor: Actor, staff_id: UUID, id: UUID, hospital_code: str | None
) -> DecideAnswer:
    """Approve an application and open the hospital's account, offline. Without a code, the hospital's is its
    registration number. Of two reviewers at once one decides."""
    given = (hospital_code or "").strip()
    if given and not is_hospital_code(given):
        return InvalidInput([FieldProblem("hospitalCode", ProblemCode.MALFORMED, _BAD_CODE)])
    code = given
    try:
        async with database.unit_of_work() as session:
            before = await _undecided(session, id)
            if not isinstance(before, HospitalApplication):
                return before
            code = given or before.registration_number
            account = HospitalAccount(
                code=code, name=before.name, status=HospitalStatus.OFFLINE, status_changed_at=actor.now
            )
            await HospitalAccounts(session).add(account)
            await HospitalApplications(session).approve(id, by=staff_id, now=actor.now, hospital_code=code)
            return await _decided(session, actor, id, "HOSPITAL_APPROVED", code, {})
    except IntegrityError as error:
        if "hospital_account_pkey" not in str(error.orig):
            raise
        return InvalidInput([FieldProblem("hospitalCode", ProblemCode.DUPLICATE, _CODE_TAKEN, {"code": code})])


async def reject_application(database: Database, actor: Actor, staff_id: UUID, id: UUID, reason: str) -> DecideAnswer:
    """Reject an application, in words that its applicant reads."""
    reason = reason.strip()
    if not 1 <= len(reason) <= LONGEST_REASON:
        return InvalidInput([FieldProblem("reason", ProblemCode.MISSING, _NO_REASON, {"most": LONGEST_REASON})])
    async with database.unit_of_work() as session:
        before = await _undecided(session, id)
        if not isinstance(before, HospitalApplication):
            return before
        await HospitalApplications(session).reject(id, by=staff_id, now=actor.now, reason=reason)
        return await _decided(session, actor, id, "HOSPITAL_REJECTED", None, {"reason": reason})


async def view_licence(
    stores: Stores, files: FileStorage, actor: Actor, id: UUID, file_id: UUID
) -> FileLink | NotFound:
    """A link to one of the application's licences. The log knows who looked, or there is no link."""
    async with stores.sql.unit_of_work() as session:
        application = await HospitalApplicationReads(session).by_id(id)
        if application is None or file_id not in application.licence_file_ids:
            return NotFound()
        file = await StoredFileReads(session).by_id(file_id)
        if file is None or file.state != FileState.READY:
            return NotFound()
        detail = {"file": str(file_id)}
        await AuditLog(session).append(actor.act("HOSPITAL_LICENCE_VIEWED", "hospital_application", id, detail=detail))
    return signed_link(files, actor, file, inline=True)


async def reveal_contact(database: Database, ring: KeyRing, actor: Actor, id: UUID, reason: str) -> RevealAnswer:
    """The contact person's name and phone, to be called. Recorded with the reason."""
    reason = reason.strip()
    if not 1 <= len(reason) <= LONGEST_REVEAL_REASON:
        most = {"most": LONGEST_REVEAL_REASON}
        return InvalidInput([FieldProblem("reason", ProblemCode.MISSING, _NO_REASON, most)])
    async with database.unit_of_work() as session:
        application = await HospitalApplicationReads(session).by_id(id)
        contact = None if application is None else contact_of(ring, application)
        if application is None or contact is None:
            return NotFound()
        act = actor.act("HOSPITAL_CONTACT_REVEALED", "hospital_application", id, detail={"reason": reason})
        await AuditLog(session).append(act)
    return ApplicationContact(application, *contact)


def contact_of(ring: KeyRing, application: HospitalApplication) -> tuple[str, str] | None:
    """The contact person's name and phone; None once they are erased."""
    name, phone, row = application.sealed_contact_name, application.sealed_contact_phone, str(application.id)
    if name is None or phone is None:
        return None
    return (
        ring.open(SEALED_NAME, row, name).get_secret_value().decode(),
        ring.open(SEALED_PHONE, row, phone).get_secret_value().decode(),
    )


async def _undecided(session: AsyncSession, id: UUID) -> HospitalApplication | NotFound | ApplicationNotChangeable:
    found = await HospitalApplicationReads(session).by_id(id, for_change=True)
    if found is None:
        return NotFound()
    if found.state != ApplicationState.SUBMITTED:
        return ApplicationNotChangeable(ApplicationState(found.state), found.decided_at)
    return found


async def _decided(
    session: AsyncSession,
    actor: Actor,
    id: UUID,
    action: Literal["HOSPITAL_APPROVED", "HOSPITAL_REJECTED"],
    hospital_code: str | None,
    detail: dict[str, str],
) -> HospitalApplication:
    after = await HospitalApplicationReads(session).by_id(id)
    assert after is not None
    await tell_of_application(session, after, actor.now)
    act = actor.act(action, "hospital_application", id, hospital_code=hospital_code, detail=detail)
    await AuditLog(session).append(act)
    return after

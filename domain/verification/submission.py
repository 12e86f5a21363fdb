"""Handing in name, certificate and pictures, to be known by real name."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession
from uuid_utils.compat import uuid7

from datasources.sealing import KeyRing
from datasources.sql.audit_entry import AuditLog
from datasources.sql.consent import ConsentKind
from datasources.sql.database import Database
from datasources.sql.patient import Patients
from datasources.sql.stored_file import FileOwner, FilePurpose, FileState, OwnerKind, StoredFile, StoredFiles
from datasources.sql.stored_file_reads import StoredFileReads
from datasources.sql.user_account import UserAccounts, Verification
from datasources.sql.verification_reads import VerificationReads
from datasources.sql.verification_request import VerificationRequest, VerificationRequests, VerificationRequestState
from domain.certificates.kinds import Certificate
from domain.language import Words
from domain.patients.changes import Owner
from domain.patients.consent import CURRENT_VERSIONS, ConsentNeeded, consent_lacking
from domain.patients.known_values import known_certificate_kind
from domain.patients.rules import checked_identity
from domain.problems import FieldProblem, InvalidInput, ProblemCode
from domain.refusals import Refusal, RefusalCode
from domain.verification.identity import TWO_SIDED, GivenIdentity, used_by, write_identity

MOST_PER_DAY = 5
"""Submissions of one account on one date of the platform."""

_NOT_ACTIVE = Words("账号当前不可用，请重新登录。", "The account is not in use; sign in again.")
_BACK_MISSING = Words("请同时提交证件背面（国徽面）照片。", "Hand in a picture of the certificate's back as well.")
_SAME_PICTURE = Words("正面与背面须是两张照片。", "Front and back must be two pictures.")
_NO_PICTURE = Words(
    "没有这张证件照片。请以用途 IDENTITY_PICTURE 上传，就绪后再提交。",
    "There is no such identity picture; upload it for IDENTITY_PICTURE and hand it in once it is READY.",
)
_PICTURE_IN_USE = Words(
    "这张照片已用于另一次提交，请重新上传。", "Another submission uses this picture; upload it anew."
)


@dataclass(frozen=True, slots=True)
class VerificationUnderWay:
    """An earlier submission is not decided yet."""

    submitted_at: datetime


@dataclass(frozen=True, slots=True)
class AlreadyVerified:
    """The account's owner is known by real name already."""


@dataclass(frozen=True, slots=True)
class TooManySubmissions:
    """The account has handed in as often as it may on one date."""

    most: int = MOST_PER_DAY


SubmitAnswer = (
    VerificationRequest | InvalidInput | ConsentNeeded | VerificationUnderWay | AlreadyVerified | TooManySubmissions
)


class _PictureTakenMeanwhile(Exception):  # noqa: N818 - unwinds the transaction, and is an answer then
    """A picture was deleted or used between its check and its use."""


async def submit_verification(
    database: Database, ring: KeyRing, owner: Owner, given: GivenIdentity, *, day_began: datetime
) -> SubmitAnswer:
    """Hand in a request. Calls at once queue on the account, so one of them is taken and the limits hold exactly.

    `day_began` is when the platform's date began.
    """
    try:
        async with database.unit_of_work() as session:
            return await _submit(session, ring, owner, given, day_began)
    except _PictureTakenMeanwhile:
        return InvalidInput([FieldProblem("frontFileId", ProblemCode.STILL_IN_USE, _PICTURE_IN_USE)])


async def _submit(
    session: AsyncSession, ring: KeyRing, owner: Owner, given: GivenIdentity, day_began: datetime
) -> SubmitAnswer:
    if not await Patients(session).lock_account(owner.user_id):
        raise Refusal(RefusalCode.UNAUTHENTICATED, _NOT_ACTIVE)
    hindrance = await _hindrance(session, owner, day_began)
    if hindrance is not None:
        return hindrance
    known = await known_certificate_kind(session, given.certificate_kind)
    identity = checked_identity(given.name, given.certificate_kind, given.certificate_number, known, owner.today)
    faults = identity if isinstance(identity, list) else []
    faults = [*faults, *await _picture_faults(session, owner, given)]
    if faults or isinstance(identity, list):
        return InvalidInput(faults)
    return await _stored(session, ring, owner, given, *identity)


async def _hindrance(
    session: AsyncSession, owner: Owner, day_began: datetime
) -> ConsentNeeded | VerificationUnderWay | AlreadyVerified | TooManySubmissions | None:
    reads = VerificationReads(session)
    account = await UserAccounts(session).get(owner.user_id)
    if account is not None and account.verification == Verification.VERIFIED:
        return AlreadyVerified()
    for latest in await reads.of_user(owner.user_id, most=1):
        if latest.state == VerificationRequestState.PENDING:
            return VerificationUnderWay(latest.submitted_at)
    if await reads.count_of_user(owner.user_id, since=day_began) >= MOST_PER_DAY:
        return TooManySubmissions()
    return await consent_lacking(session, owner.user_id, ConsentKind.IDENTITY_PICTURES)


async def _picture_faults(session: AsyncSession, owner: Owner, given: GivenIdentity) -> list[FieldProblem]:
    ids = [id for _, id in given.pictures]
    found = await StoredFileReads(session).by_ids(ids, owner=_files_of(owner))
    faults = []
    for field, id in given.pictures:
        file = found.get(id)
        if file is None or not _is_ready_picture(file):
            faults.append(FieldProblem(field, ProblemCode.NOT_FOUND, _NO_PICTURE))
        elif file.used_by is not None:
            faults.append(FieldProblem(field, ProblemCode.STILL_IN_USE, _PICTURE_IN_USE))
    if given.back is None and given.certificate_kind in TWO_SIDED:
        faults.append(FieldProblem("backFileId", ProblemCode.MISSING, _BACK_MISSING))
    elif given.back == given.front:
        faults.append(FieldProblem("backFileId", ProblemCode.DUPLICATE, _SAME_PICTURE))
    return faults


async def _stored(
    session: AsyncSession, ring: KeyRing, owner: Owner, given: GivenIdentity, name: str, certificate: Certificate
) -> VerificationRequest:
    request = VerificationRequest(
        id=uuid7(),
        user_id=owner.user_id,
        certificate_kind=certificate.kind,
        front_file_id=given.front,
        back_file_id=given.back,
        consent_version=CURRENT_VERSIONS[ConsentKind.IDENTITY_PICTURES],
        submitted_at=owner.actor.now,
    )
    write_identity(ring, request, name, certificate)
    held = await StoredFiles(session).take_into_use(
        [id for _, id in given.pictures],
        owner=_files_of(owner),
        purpose=FilePurpose.IDENTITY_PICTURE,
        used_by=used_by(request.id),
    )
    if not held:
        raise _PictureTakenMeanwhile
    await VerificationRequests(session).add(request)
    await UserAccounts(session).change_verification(
        owner.user_id,
        Verification.PENDING,
        from_states=(Verification.NONE, Verification.REJECTED),
    )
    detail = {"request": str(request.id)}
    await AuditLog(session).append(owner.actor.act("VERIFICATION_SUBMITTED", "user", owner.user_id, detail=detail))
    return request


def _files_of(owner: Owner) -> FileOwner:
    return FileOwner(OwnerKind.USER, owner.user_id)


def _is_ready_picture(file: StoredFile) -> bool:
    return (file.purpose, file.state) == (FilePurpose.IDENTITY_PICTURE, FileState.READY)

"""Reviewers decide a request, once: the account changes in the same transaction, and the log knows who decided."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from pydantic import SecretBytes
from sqlalchemy.exc import IntegrityError
from sqlmodel.ext.asyncio.session import AsyncSession

from datasources.sealing import KeyRing
from datasources.sql.database import Database
from datasources.sql.staff_account import StaffAccounts
from datasources.sql.stored_file import StoredFiles
from datasources.sql.user_account import UserAccounts, Verification
from datasources.sql.verification_reads import VerificationReads
from datasources.sql.verification_request import (
    CERTIFICATE_ONCE,
    VerificationRejection,
    VerificationRequest,
    VerificationRequests,
    VerificationRequestState,
)
from domain.audit.actor import Actor
from domain.language import Words
from domain.masking import mask_name
from domain.problems import FieldProblem, InvalidInput, NotFound, ProblemCode
from domain.verification.identity import read_identity, used_by
from domain.verification.notice import tell_owner

LONGEST_NOTE = 200
ACCOUNTS_NAME = "user_account.sealed_name"

_NO_REJECTION = Words("请选择驳回原因。", "Say why it is rejected.")
_NOT_REJECTED = Words("通过时不填驳回原因与说明。", "Who is verified is told no reason; leave this out.")
_NO_NOTE = Words("原因为“其他”时请写明。", "Explain in the note what OTHER stands for.")
_LONG_NOTE = Words("说明最多 {most} 个字。", "A note has at most {most} characters.")
_CONTROL = Words("含有控制字符，请去掉。", "It holds control characters; remove them.")


class VerificationDecision(StrEnum):
    """What a reviewer decides."""

    VERIFY = "VERIFY"
    REJECT = "REJECT"


@dataclass(frozen=True, slots=True)
class Verdict:
    """A decision with its reason; `note` are the reviewer's own words to the person."""

    decision: VerificationDecision
    rejection: VerificationRejection | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class AlreadyDecided:
    """Somebody decided the request before."""

    state: VerificationRequestState
    decided_at: datetime
    decided_by: UUID
    decided_by_name: str


@dataclass(frozen=True, slots=True)
class CertificateVerifiedElsewhere:
    """Another account, not said whose, is verified by the same certificate."""


DecideAnswer = VerificationRequest | InvalidInput | NotFound | AlreadyDecided | CertificateVerifiedElsewhere


async def decide_verification(
    database: Database, ring: KeyRing, actor: Actor, staff_id: UUID, id: UUID, verdict: Verdict
) -> DecideAnswer:
    """Decide a pending request. Of two reviewers at once one decides, and the other learns who did."""
    problems = verdict_problems(verdict)
    if problems:
        return InvalidInput(problems)
    try:
        async with database.unit_of_work() as session:
            return await _decide(session, ring, actor, staff_id, id, verdict)
    except IntegrityError as error:
        if CERTIFICATE_ONCE not in str(error.orig):
            raise
        return CertificateVerifiedElsewhere()


def verdict_problems(verdict: Verdict) -> list[FieldProblem]:
    """What is wrong with a verdict. Pure."""
    note = verdict.note.strip()
    if verdict.decision is VerificationDecision.VERIFY:
        given = {"rejection": verdict.rejection, "note": note}
        return [FieldProblem(field, ProblemCode.OUT_OF_RANGE, _NOT_REJECTED) for field, value in given.items() if value]
    problems = []
    if verdict.rejection is None:
        problems.append(FieldProblem("rejection", ProblemCode.MISSING, _NO_REJECTION))
    if verdict.rejection is VerificationRejection.OTHER and not note:
        problems.append(FieldProblem("note", ProblemCode.MISSING, _NO_NOTE))
    if len(note) > LONGEST_NOTE:
        problems.append(FieldProblem("note", ProblemCode.TOO_LONG, _LONG_NOTE, {"most": LONGEST_NOTE}))
    if not note.isprintable():
        problems.append(FieldProblem("note", ProblemCode.MALFORMED, _CONTROL))
    return problems


async def _decide(
    session: AsyncSession, ring: KeyRing, actor: Actor, staff_id: UUID, id: UUID, verdict: Verdict
) -> VerificationRequest | NotFound | AlreadyDecided:
    reads = VerificationReads(session)
    there = await reads.by_id(id)
    if there is None:
        return NotFound()
    users = UserAccounts(session)
    await users.lock(there.user_id)
    verified = verdict.decision is VerificationDecision.VERIFY
    decided = await VerificationRequests(session).decide(
        id,
        VerificationRequestState.VERIFIED if verified else VerificationRequestState.REJECTED,
        by=staff_id,
        now=actor.now,
        rejection=verdict.rejection,
        note=verdict.note.strip() or None,
    )
    if decided is None:
        # An erased account took its request with it while we waited, or its owner took it back.
        there = await reads.by_id(id)
        if there is None or there.state == VerificationRequestState.WITHDRAWN:
            return NotFound()
        return await _decided_before(session, there)
    await _change_account(users, ring, decided)
    if not verified:
        # So that its owner may hand them in again, or delete them.
        await StoredFiles(session).release_from_use(used_by(id))
    await tell_owner(session, actor, decided)
    return decided


async def _change_account(users: UserAccounts, ring: KeyRing, decided: VerificationRequest) -> None:
    identity = read_identity(ring, decided)
    from_states = (Verification.PENDING,)
    if decided.state == VerificationRequestState.REJECTED:
        changed = await users.change_verification(decided.user_id, Verification.REJECTED, from_states=from_states)
    else:
        name = "" if identity is None else identity.name
        changed = await users.change_verification(
            decided.user_id,
            Verification.VERIFIED,
            from_states=from_states,
            sealed_name=ring.seal(ACCOUNTS_NAME, str(decided.user_id), SecretBytes(name.encode())),
            masked_name=mask_name(name),
        )
    if changed is None:
        raise ValueError(f"user {decided.user_id} has a pending request {decided.id} but does not wait for it")


async def _decided_before(session: AsyncSession, request: VerificationRequest) -> AlreadyDecided:
    if request.decided_at is None or request.decided_by is None:
        raise ValueError(f"request {request.id} is {request.state} and was not decided")
    by = await StaffAccounts(session).get(request.decided_by)
    return AlreadyDecided(
        VerificationRequestState(request.state),
        request.decided_at,
        request.decided_by,
        "" if by is None else by.name,
    )

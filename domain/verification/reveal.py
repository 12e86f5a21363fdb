"""Showing name and number in clear to the reviewer who compares them with the pictures: with a reason, on record."""

from dataclasses import dataclass
from uuid import UUID

from datasources.sealing import KeyRing
from datasources.sql.audit_entry import AuditLog
from datasources.sql.database import Database
from datasources.sql.verification_reads import VerificationReads
from domain.audit.actor import Actor
from domain.language import Words
from domain.problems import FieldProblem, InvalidInput, NotFound, ProblemCode
from domain.verification.identity import Identity, read_identity
from domain.verification.views import VerificationView, reviewers_view

LONGEST_REASON = 200

_NO_REASON = Words("请写明查看原因，至多 {most} 字。", "Say why you look at it, in at most {most} characters.")


@dataclass(frozen=True, slots=True, repr=False)
class ClearRequest:
    """A request with name and number in clear."""

    request: VerificationView
    identity: Identity


async def reveal_verification(
    database: Database, ring: KeyRing, actor: Actor, id: UUID, reason: str
) -> ClearRequest | InvalidInput | NotFound:
    """Name and number of a request. The entry in the audit log is committed before the answer leaves."""
    reason = reason.strip()
    if not 1 <= len(reason) <= LONGEST_REASON:
        return InvalidInput([FieldProblem("reason", ProblemCode.MISSING, _NO_REASON, {"most": LONGEST_REASON})])
    async with database.unit_of_work() as session:
        reads = VerificationReads(session)
        row = await reads.by_id(id)
        identity = None if row is None else read_identity(ring, row)
        if row is None or identity is None:
            return NotFound()
        elsewhere = bool(await reads.verified_elsewhere([row]))
        detail = {"request": str(id), "reason": reason}
        await AuditLog(session).append(actor.act("VERIFICATION_REVEALED", "user", row.user_id, detail=detail))
    return ClearRequest(reviewers_view(ring, row, verified_elsewhere=elsewhere), identity)

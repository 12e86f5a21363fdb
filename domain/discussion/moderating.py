"""What moderators decide. Each decision is audited with its reason."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from datasources.sql.audit_entry import AuditLog
from datasources.sql.contribution import ContributionState
from datasources.sql.contribution_reads import ContributionReads, Moderated
from datasources.sql.contributions import Contributions
from datasources.sql.database import Database
from domain.audit.actor import Actor
from domain.booking.reasons import plain_note
from domain.language import Words
from domain.problems import FieldProblem, InvalidInput, NotFound, ProblemCode

_NO_REASON = Words("隐藏时请写明原因，作者会看到。", "Say why it is hidden; the author sees it.")


class Decision(StrEnum):
    """What becomes of a contribution."""

    SHOW = "SHOW"
    HIDE = "HIDE"


@dataclass(frozen=True, slots=True)
class Decided:
    """The contribution as it now is."""

    moderated: Moderated


async def decide(
    database: Database, actor: Actor, id: UUID, decision: Decision, reason: str
) -> Decided | NotFound | InvalidInput:
    """Show a contribution to everybody, or to its author alone. Its open reports are settled by that."""
    reason = plain_note(reason)
    hides = decision is Decision.HIDE
    if hides and not reason:
        return InvalidInput([FieldProblem("reason", ProblemCode.MISSING, _NO_REASON)])
    state = ContributionState.HIDDEN if hides else ContributionState.VISIBLE
    async with database.unit_of_work() as session:
        staff_id = UUID(actor.id)
        if await Contributions(session).decide(id, state, reason if hides else "", staff_id, actor.now) is None:
            return NotFound()
        action = "CONTRIBUTION_HIDDEN" if hides else "CONTRIBUTION_SHOWN"
        await AuditLog(session).append(actor.act(action, "contribution", id, detail={"reason": reason}))
        decided = await ContributionReads(session).moderated(id)
    return NotFound() if decided is None else Decided(decided)

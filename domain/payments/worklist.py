"""Dealing with what stands on finance's worklist: once, with a reason, in the audit log."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from datasources.sql.audit_entry import AuditLog
from datasources.sql.booking_orders import BookingOrders
from datasources.sql.database import Database
from datasources.sql.finance_item import FinanceItem, FinanceItemState, FinanceKind
from datasources.sql.finance_items import FinanceItems
from datasources.sql.refund import RefundRowState
from datasources.sql.refunds import Refunds
from domain.audit.actor import Actor
from domain.language import Words
from domain.payments.giving_back import refund_arrived
from domain.problems import FieldProblem, InvalidInput, NotFound, ProblemCode

LONGEST_NOTE = 500
ENDED = (RefundRowState.DONE, RefundRowState.REPLACED)
"""Refunds of which nothing is left to be done."""

_NO_NOTE = Words("请写明处理经过，至多 {most} 字。", "Say what was done, in at most {most} characters.")
_NO_REFUND = Words("只有异常的退款可以重新查询。", "Only a refund that is ABNORMAL can be asked about again.")
_STILL_ASKED = Words(
    "平台仍在用同一退款单号重试；请先在支付平台处理原因（如充值），或等它成为异常再人工了结。",
    "The platform still asks for this refund under its number. Remove the cause at the provider (its balance, say), or "
    "wait until it is ABNORMAL.",
)


class Resolution(StrEnum):
    """How a matter was dealt with."""

    SETTLED_BY_HAND = "SETTLED_BY_HAND"
    ASK_AGAIN = "ASK_AGAIN"
    NO_ACTION = "NO_ACTION"


@dataclass(frozen=True, slots=True)
class MatterResolved:
    """The matter as it now is, dealt with by this call or before."""

    item: FinanceItem


ResolveAnswer = MatterResolved | NotFound | InvalidInput


async def resolve_matter(database: Database, id: int, resolution: Resolution, note: str, actor: Actor) -> ResolveAnswer:
    """Mark a matter as dealt with. An abnormal refund is thereby DONE, or asked about again."""
    note = note.strip()
    if not 1 <= len(note) <= LONGEST_NOTE:
        return InvalidInput([FieldProblem("note", ProblemCode.MISSING, _NO_NOTE, {"most": LONGEST_NOTE})])
    async with database.unit_of_work() as session:
        items = FinanceItems(session)
        seen = await items.get(id)
        if seen is None:
            return NotFound()
        # Orders are locked before anything of theirs.
        if seen.order_id is not None:
            await BookingOrders(session).get(seen.order_id, for_change=True)
        item = await items.take(id)
        if item is None:
            return NotFound()
        if item.state == FinanceItemState.RESOLVED:
            return MatterResolved(item)
        problem = await _obstacle(session, item, resolution)
        if problem is not None:
            return InvalidInput([problem])
        resolved = await items.resolve(id, UUID(actor.id), str(resolution), note, actor.now)
        await _act(session, item, resolution, actor)
        detail = {"kind": item.kind, "trade": item.trade_number, "refund": item.refund_number, "how": str(resolution)}
        await AuditLog(session).append(actor.act("FINANCE_ITEM_RESOLVED", "finance_item", id, detail=detail))
        return MatterResolved(resolved or item)


async def _obstacle(session: AsyncSession, item: FinanceItem, resolution: Resolution) -> FieldProblem | None:
    if resolution is Resolution.NO_ACTION:
        return None
    if item.kind != FinanceKind.REFUND_ABNORMAL:
        wrong = resolution is Resolution.ASK_AGAIN
        return FieldProblem("resolution", ProblemCode.OUT_OF_RANGE, _NO_REFUND) if wrong else None
    refund = await Refunds(session).by_number(item.refund_number, for_change=True)
    if refund is not None and refund.state not in (RefundRowState.ABNORMAL, *ENDED):
        words = _STILL_ASKED if resolution is Resolution.SETTLED_BY_HAND else _NO_REFUND
        return FieldProblem("resolution", ProblemCode.OUT_OF_RANGE, words)
    return None


async def _act(session: AsyncSession, item: FinanceItem, resolution: Resolution, actor: Actor) -> None:
    """What becomes of an abnormal refund. The order's row is held."""
    if item.kind != FinanceKind.REFUND_ABNORMAL or item.order_id is None or resolution is Resolution.NO_ACTION:
        return
    order = await BookingOrders(session).get(item.order_id)
    refund = await Refunds(session).by_number(item.refund_number, for_change=True)
    if order is None or refund is None or refund.state != RefundRowState.ABNORMAL:
        return
    if resolution is Resolution.SETTLED_BY_HAND:
        await refund_arrived(session, order, refund, actor.now, actor)
    else:
        asked = {"state": RefundRowState.PROCESSING, "next_at": actor.now}
        await Refunds(session).change(refund.id, asked, from_states=[RefundRowState.ABNORMAL])

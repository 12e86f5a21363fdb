"""Payments, refunds, the worklist and the sums, for people in finance."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from datasources.payments.beijing import ZONE
from datasources.payments.channel import Provider
from datasources.sql.audit_entry import AuditLog
from datasources.sql.finance_item import FinanceItem, ReconciledDay
from datasources.sql.finance_item_reads import FinanceItemReads, ItemCriteria, ReconciledDays
from datasources.sql.money_reads import MoneyCriteria, MoneyReads, MoneyTotal, PaymentLine, RefundLine, TotalsBy
from domain.global_id import NodeKind, global_id
from domain.language import Words
from domain.money import Money
from domain.page import Page
from domain.payments import finance_exports, worklist
from domain.payments.finance_exports import ExportKind, ExportLink
from domain.payments.follow_up import reconcile_soon, refund_soon
from domain.payments.worklist import MatterResolved, Resolution, ResolveAnswer
from domain.permissions import Permission
from domain.problems import FieldProblem, InvalidInput, NotFound, ProblemCode
from domain.refusals import Refusal, RefusalCode
from resolvers.audit import actor
from resolvers.context import RequestContext
from resolvers.listing import by_id, by_number, sql_page
from resolvers.staff_callers import staff_with

MOST_DAYS = 366
MOST_TOTALS = 5_000
MOST_COMPARED = 100
COMPARED_BACK = timedelta(days=90)

_BAD_SPAN = Words("起止日期须按先后给出，至多 {most} 天。", "Give the first day and the last, at most {most} days.")
_TOO_MANY = Words(
    "结果超过 {most} 行，请缩短日期或按医院汇总，或导出。",
    "That makes more than {most} rows: ask for fewer days, sum by hospital, or export.",
)
_BAD_DAY = Words(
    "只能对账昨天及之前 90 天内的日期。", "Only a day of the last 90 can be compared, yesterday at the latest."
)
_NOT_HERE = Words("本平台没有接入该渠道。", "This installation has no account at that provider.")


@dataclass(frozen=True, slots=True)
class ReconciliationRequested:
    """The worker was told."""

    provider: Provider
    day: date


async def payments(
    context: RequestContext, criteria: MoneyCriteria, first: int, after: str | None
) -> Page[PaymentLine]:
    """Payments, the newest first."""
    staff_with(context, Permission.READ_FINANCE)
    return await sql_page(
        context,
        by_id("financePayments", lambda line: line.id),
        first,
        after,
        read=lambda session, behind, limit: MoneyReads(session).payments(criteria, behind, limit),
        count=lambda session: MoneyReads(session).payment_count(criteria),
    )


async def refunds(context: RequestContext, criteria: MoneyCriteria, first: int, after: str | None) -> Page[RefundLine]:
    """Refunds, the newest first."""
    staff_with(context, Permission.READ_FINANCE)
    return await sql_page(
        context,
        by_number("financeRefunds", lambda line: line.id),
        first,
        after,
        read=lambda session, behind, limit: MoneyReads(session).refunds(criteria, behind, limit),
        count=lambda session: MoneyReads(session).refund_count(criteria),
    )


async def items(context: RequestContext, criteria: ItemCriteria, first: int, after: str | None) -> Page[FinanceItem]:
    """The worklist, the newest first."""
    staff_with(context, Permission.READ_FINANCE)
    return await sql_page(
        context,
        by_number("financeItems", lambda item: item.id),
        first,
        after,
        read=lambda session, behind, limit: FinanceItemReads(session).page(criteria, behind, limit),
        count=lambda session: FinanceItemReads(session).count(criteria),
    )


async def totals(
    context: RequestContext,
    first: date,
    last: date,
    by: TotalsBy,
    provider: Provider | None,
    hospital_code: str | None,
) -> list[MoneyTotal]:
    """Sums of some days."""
    staff_with(context, Permission.READ_FINANCE)
    if not 0 <= (last - first).days < MOST_DAYS:
        raise Refusal(RefusalCode.BAD_REQUEST, _BAD_SPAN, most=MOST_DAYS)
    criteria = MoneyCriteria(
        provider=provider,
        hospital_code=hospital_code,
        since=datetime.combine(first, time(), context.zone),
        before=datetime.combine(last + timedelta(days=1), time(), context.zone),
    )
    async with context.stores.sql.read() as session:
        found = await MoneyReads(session).totals(criteria, by, context.zone.key, MOST_TOTALS + 1)
    if len(found) > MOST_TOTALS:
        raise Refusal(RefusalCode.BAD_REQUEST, _TOO_MANY, most=MOST_TOTALS)
    return found


async def reconciled_days(context: RequestContext, provider: Provider | None) -> list[ReconciledDay]:
    """The last days that were compared."""
    staff_with(context, Permission.READ_FINANCE)
    async with context.stores.sql.read() as session:
        return await ReconciledDays(session).latest(provider, MOST_COMPARED)


async def resolve(context: RequestContext, id: str, resolution: Resolution, note: str) -> ResolveAnswer:
    """Mark a matter as dealt with."""
    staff_with(context, Permission.EDIT_FINANCE)
    if not id.isdecimal() or len(id) > 18:
        return NotFound()
    answer = await worklist.resolve_matter(context.stores.sql, int(id), resolution, note, actor(context))
    if isinstance(answer, MatterResolved) and resolution is Resolution.ASK_AGAIN:
        await refund_soon(context.stores)
    return answer


async def reconcile(context: RequestContext, provider: Provider, day: date) -> ReconciliationRequested | InvalidInput:
    """Have a day compared, once more if it was."""
    staff_with(context, Permission.EDIT_FINANCE)
    if context.payments.channel(provider) is None:
        return InvalidInput([FieldProblem("provider", ProblemCode.UNKNOWN_REFERENCE, _NOT_HERE)])
    today = context.clock().astimezone(ZONE).date()
    if not today - COMPARED_BACK <= day < today:
        return InvalidInput([FieldProblem("day", ProblemCode.OUT_OF_RANGE, _BAD_DAY)])
    asker = actor(context)
    async with context.stores.sql.unit_of_work() as session:
        detail = {"provider": str(provider), "day": str(day)}
        await AuditLog(session).append(asker.act("RECONCILIATION_ASKED", "reconciled_day", day, detail=detail))
    await reconcile_soon(context.stores, provider, day)
    return ReconciliationRequested(provider, day)


async def export(context: RequestContext, kind: ExportKind, first: date, last: date) -> ExportLink | InvalidInput:
    """A link to a workbook."""
    staff_with(context, Permission.READ_FINANCE)
    links = context.files.links
    return await finance_exports.export_link(context.stores, links, kind, first, last, context.language, actor(context))


def item_order_id(item: FinanceItem) -> str | None:
    """Global id of the order that it is about."""
    return None if item.order_id is None else global_id(NodeKind.ORDER, item.order_id)


def line_order_id(line: PaymentLine | RefundLine) -> str:
    """Global id of the order."""
    return global_id(NodeKind.ORDER, line.order_id)


def resolved_by(item: FinanceItem) -> str | None:
    """Global id of the member of staff."""
    return None if item.resolved_by is None else global_id(NodeKind.STAFF, item.resolved_by)


def amount_or_none(amount: Decimal | None) -> Money | None:
    """As money."""
    return None if amount is None else Money(Decimal(amount))


def net(total: MoneyTotal) -> Money:
    """What came less what went."""
    return Money(total.paid - total.refunded)

"""What people in finance take away as a workbook: by a link made for one of them, noted in the audit log."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from datasources.sql.audit_entry import AuditLog
from datasources.sql.finance_item_reads import FinanceItemReads, ItemCriteria
from datasources.sql.money_reads import MoneyCriteria, MoneyReads, TotalsBy
from datasources.storage.object_store import LINK_SECONDS
from datasources.storage.signed_links import SignedLinks
from datasources.stores import Stores
from domain.audit.actor import Actor
from domain.language import Language, Words
from domain.problems import FieldProblem, InvalidInput, ProblemCode
from domain.workbook import Cell, workbook

PATH = "/finance/exports"
MOST_DAYS = 366
MOST_ROWS = 100_000

_BAD_DAYS = Words("起止日期须按先后给出，至多 {most} 天。", "Give the first day and the last, at most {most} days.")
_TITLES = {
    "PAYMENTS": Words("支付", "Payments"),
    "REFUNDS": Words("退款", "Refunds"),
    "ITEMS": Words("待处理", "Worklist"),
    "SETTLEMENT": Words("结算", "Settlement"),
}
_PAYMENT_HEADS = (
    Words("支付单号", "Payment"),
    Words("订单号", "Order"),
    Words("医院编码", "Hospital code"),
    Words("医院", "Hospital"),
    Words("渠道", "Provider"),
    Words("渠道单号", "Provider's number"),
    Words("状态", "State"),
    Words("金额", "Amount"),
    Words("已退", "Refunded"),
    Words("创建时间", "Created"),
    Words("支付时间", "Paid"),
)
_REFUND_HEADS = (
    Words("退款单号", "Refund"),
    Words("支付单号", "Payment"),
    Words("订单号", "Order"),
    Words("医院编码", "Hospital code"),
    Words("医院", "Hospital"),
    Words("渠道", "Provider"),
    Words("渠道单号", "Provider's number"),
    Words("状态", "State"),
    Words("金额", "Amount"),
    Words("原因", "Reason"),
    Words("渠道答复", "Problem"),
    Words("创建时间", "Created"),
    Words("到账时间", "Arrived"),
)
_ITEM_HEADS = (
    Words("编号", "Number"),
    Words("种类", "Kind"),
    Words("渠道", "Provider"),
    Words("支付单号", "Payment"),
    Words("退款单号", "Refund"),
    Words("我方金额", "Ours"),
    Words("渠道金额", "Theirs"),
    Words("说明", "Detail"),
    Words("状态", "State"),
    Words("发现时间", "Found"),
    Words("处理时间", "Resolved"),
    Words("处理方式", "Resolution"),
    Words("处理说明", "Note"),
)
_TOTAL_HEADS = (
    Words("日期", "Day"),
    Words("医院编码", "Hospital code"),
    Words("医院", "Hospital"),
    Words("支付笔数", "Payments"),
    Words("支付金额", "Paid"),
    Words("退款笔数", "Refunds"),
    Words("退款金额", "Refunded"),
    Words("净额", "Net"),
)


class ExportKind(StrEnum):
    """What a workbook holds."""

    PAYMENTS = "PAYMENTS"
    REFUNDS = "REFUNDS"
    ITEMS = "ITEMS"
    SETTLEMENT = "SETTLEMENT"


@dataclass(frozen=True, slots=True)
class ExportLink:
    """Where the workbook can be fetched, and until when."""

    url: str
    expires_at: datetime


async def export_link(
    stores: Stores, links: SignedLinks, kind: ExportKind, first: date, last: date, language: Language, actor: Actor
) -> ExportLink | InvalidInput:
    """A link to a workbook of these days, good for some minutes. The log knows who took what away."""
    if not 0 <= (last - first).days < MOST_DAYS:
        return InvalidInput([FieldProblem("to", ProblemCode.OUT_OF_RANGE, _BAD_DAYS, {"most": MOST_DAYS})])
    terms = {"kind": str(kind), "from": first.isoformat(), "to": last.isoformat(), "language": str(language)}
    async with stores.sql.unit_of_work() as session:
        await AuditLog(session).append(actor.act("FINANCE_EXPORTED", "finance_export", kind, detail=terms))
    url = links.make("GET", PATH, terms, now=actor.now, subject=f"{actor.kind}:{actor.id}")
    return ExportLink(url, actor.now + timedelta(seconds=LINK_SECONDS))


async def export_of(stores: Stores, terms: Mapping[str, str], zone: ZoneInfo) -> tuple[str, bytes]:
    """Name and content of the workbook that a link's terms promise."""
    kind, language = ExportKind(terms["kind"]), Language(terms["language"])
    first, last = date.fromisoformat(terms["from"]), date.fromisoformat(terms["to"])
    since = datetime.combine(first, time(), zone)
    criteria = MoneyCriteria(since=since, before=datetime.combine(last + timedelta(days=1), time(), zone))
    heads, rows = await _table(stores, kind, criteria, zone)
    title = _TITLES[kind].say(language)
    content = await asyncio.to_thread(workbook, title, [head.say(language) for head in heads], rows, zone)
    return f"{kind.lower()}-{first:%Y%m%d}-{last:%Y%m%d}.xlsx", content


async def _table(
    stores: Stores, kind: ExportKind, criteria: MoneyCriteria, zone: ZoneInfo
) -> tuple[Sequence[Words], list[Sequence[Cell]]]:
    async with stores.sql.read() as session:
        reads = MoneyReads(session)
        match kind:
            case ExportKind.PAYMENTS:
                return _PAYMENT_HEADS, [
                    (
                        each.trade_number,
                        each.order_number,
                        each.hospital_code,
                        each.hospital_name,
                        each.channel,
                        each.provider_number,
                        each.state,
                        each.amount,
                        each.refund_total,
                        each.created_at,
                        each.paid_at,
                    )
                    for each in await reads.payments(criteria, None, MOST_ROWS)
                ]
            case ExportKind.REFUNDS:
                return _REFUND_HEADS, [
                    (
                        each.refund_number,
                        each.trade_number,
                        each.order_number,
                        each.hospital_code,
                        each.hospital_name,
                        each.channel,
                        each.provider_number,
                        each.state,
                        each.amount,
                        each.reason,
                        each.problem,
                        each.created_at,
                        each.finished_at,
                    )
                    for each in await reads.refunds(criteria, None, MOST_ROWS)
                ]
            case ExportKind.ITEMS:
                items = ItemCriteria(since=criteria.since, before=criteria.before)
                return _ITEM_HEADS, [
                    (
                        each.id,
                        each.kind,
                        each.channel,
                        each.trade_number,
                        each.refund_number,
                        each.expected,
                        each.found,
                        each.detail,
                        each.state,
                        each.found_at,
                        each.resolved_at,
                        each.resolution,
                        each.note,
                    )
                    for each in await FinanceItemReads(session).page(items, None, MOST_ROWS)
                ]
            case ExportKind.SETTLEMENT:
                totals = await reads.totals(criteria, TotalsBy.DAY_AND_HOSPITAL, zone.key, MOST_ROWS)
                return _TOTAL_HEADS, [
                    (
                        each.day,
                        each.hospital_code,
                        each.hospital_name,
                        each.payments,
                        each.paid,
                        each.refunds,
                        each.refunded,
                        each.paid - each.refunded,
                    )
                    for each in totals
                ]

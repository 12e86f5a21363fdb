"""A hospital's orders as a workbook: by a link made for one of its staff, noted in the audit log.

People are masked in it as they are everywhere. It is read and written a batch at a time, so that memory holds one batch
and no workbook.
"""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from datasources.sql.audit_entry import AuditLog
from datasources.sql.booking_order import BookingOrder, OrderState
from datasources.sql.booking_order_reads import BookingOrderReads, OrderCriteria
from datasources.sql.slot_ledger import HalfDay
from datasources.storage.object_store import LINK_SECONDS
from datasources.storage.signed_links import SignedLinks
from datasources.stores import Stores
from domain.audit.actor import Actor
from domain.language import Language, Words
from domain.problems import FieldProblem, InvalidInput, ProblemCode
from domain.workbook import Cell, Sheet

PATH = "/hospital/orders.xlsx"
MOST_DAYS = 366
MOST_ROWS = 50_000
BATCH = 1_000
_PIECE = 64 * 1024

_BAD_DAYS = Words("起止日期须按先后给出，至多 {most} 天。", "Give the first day and the last, at most {most} days.")
_TOO_MANY = Words(
    "这些日期有 {count} 个订单，一次至多导出 {most} 个，请缩短日期。",
    "These days have {count} orders; {most} fit in one workbook. Ask for fewer days.",
)
_TITLE = Words("订单", "Orders")
_HEADS = (
    Words("订单号", "Order"),
    Words("状态", "State"),
    Words("就诊日期", "Date"),
    Words("时段", "Half-day"),
    Words("科室编码", "Department code"),
    Words("科室", "Department"),
    Words("医生", "Doctor"),
    Words("职称", "Title"),
    Words("号序", "Number"),
    Words("就诊人", "Patient"),
    Words("医事服务费", "Fee"),
    Words("实付", "Paid"),
    Words("院内编号", "Hospital's record"),
    Words("取号时间", "Fetch time"),
    Words("签到时间", "Checked in"),
    Words("下单时间", "Placed"),
    Words("状态变更时间", "State since"),
)
_HALF_DAYS = {HalfDay.AM: Words("上午", "AM"), HalfDay.PM: Words("下午", "PM")}
_STATES = {
    OrderState.PENDING_HOSPITAL: Words("待医院确认", "Waiting for the hospital"),
    OrderState.AWAITING_PAYMENT: Words("待支付", "Waiting for payment"),
    OrderState.PAID: Words("已预约", "Booked"),
    OrderState.CHECKED_IN: Words("已取号", "Checked in"),
    OrderState.COMPLETED: Words("已就诊", "Completed"),
    OrderState.CANCELLED: Words("已取消", "Cancelled"),
    OrderState.EXPIRED: Words("已失效", "Lapsed"),
    OrderState.REJECTED: Words("医院未接受", "Refused by the hospital"),
    OrderState.REFUNDING: Words("退款中", "Being refunded"),
    OrderState.REFUNDED: Words("已退款", "Refunded"),
    OrderState.NO_SHOW: Words("爽约", "No-show"),
}


@dataclass(frozen=True, slots=True)
class OrdersWanted:
    """Which of the hospital's orders: visits of these days, both included."""

    first: date
    last: date
    department_code: str | None = None


@dataclass(frozen=True, slots=True)
class OrdersExport:
    """Where the workbook can be fetched, and until when."""

    url: str
    expires_at: datetime
    row_count: int


async def orders_link(
    stores: Stores, links: SignedLinks, hospital_code: str, wanted: OrdersWanted, language: Language, actor: Actor
) -> OrdersExport | InvalidInput:
    """A link to the workbook, good for some minutes. The log knows who took what away."""
    if not 0 <= (wanted.last - wanted.first).days < MOST_DAYS:
        return InvalidInput([FieldProblem("toDay", ProblemCode.OUT_OF_RANGE, _BAD_DAYS, {"most": MOST_DAYS})])
    async with stores.sql.read() as session:
        count = await BookingOrderReads(session).count(_criteria(hospital_code, wanted))
    if count > MOST_ROWS:
        values = {"count": count, "most": MOST_ROWS}
        return InvalidInput([FieldProblem("toDay", ProblemCode.OUT_OF_RANGE, _TOO_MANY, values)])
    terms = {"from": wanted.first.isoformat(), "to": wanted.last.isoformat(), "language": str(language)}
    if wanted.department_code is not None:
        terms["department"] = wanted.department_code
    async with stores.sql.unit_of_work() as session:
        detail = {**terms, "rows": count}
        act = actor.act("HOSPITAL_ORDERS_EXPORTED", "hospital", hospital_code, detail=detail)
        await AuditLog(session).append(act)
    url = links.make(
        "GET", PATH, {**terms, "hospital": hospital_code}, now=actor.now, subject=f"{actor.kind}:{actor.id}"
    )
    return OrdersExport(url, actor.now + timedelta(seconds=LINK_SECONDS), count)


def file_name(terms: Mapping[str, str]) -> str:
    """What the workbook that a link's terms promise is called."""
    return f"orders-{terms['from'].replace('-', '')}-{terms['to'].replace('-', '')}.xlsx"


async def orders_workbook(stores: Stores, terms: Mapping[str, str], zone: ZoneInfo) -> AsyncIterator[bytes]:
    """The workbook, piece by piece. Nothing comes before all of it was read."""
    language = Language(terms["language"])
    wanted = OrdersWanted(date.fromisoformat(terms["from"]), date.fromisoformat(terms["to"]), terms.get("department"))
    criteria = _criteria(terms["hospital"], wanted)
    sheet = Sheet(_TITLE.say(language), [head.say(language) for head in _HEADS], zone)
    behind: BookingOrder | None = None
    for _ in range(MOST_ROWS // BATCH):
        async with stores.sql.read() as session:
            some = await BookingOrderReads(session).by_visit(criteria, behind, BATCH)
        await asyncio.to_thread(sheet.add, [_row(order, language) for order in some])
        if len(some) < BATCH:
            break
        behind = some[-1]
    with tempfile.TemporaryFile() as file:
        await asyncio.to_thread(sheet.save, file)
        file.seek(0)
        while piece := await asyncio.to_thread(file.read, _PIECE):
            yield piece


def _criteria(hospital_code: str, wanted: OrdersWanted) -> OrderCriteria:
    return OrderCriteria(
        hospital_code=hospital_code,
        department_code=wanted.department_code,
        first_date=wanted.first,
        last_date=wanted.last,
    )


def _row(order: BookingOrder, language: Language) -> Sequence[Cell]:
    return (
        order.order_number,
        _STATES[OrderState(order.state)].say(language),
        order.visit_date,
        _HALF_DAYS[HalfDay(order.half_day)].say(language),
        order.department_code,
        str(order.texts.get("department", "")),
        str(order.texts.get("doctor", "")),
        str(order.texts.get("title", "")),
        order.number,
        order.masked_patient_name,
        order.fee,
        order.paid_amount,
        order.hospital_record_id,
        order.fetch_time,
        order.checked_in_at,
        order.created_at,
        order.state_changed_at,
    )

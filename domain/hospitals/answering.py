"""What a hospital says about its orders: yes or no within its time, its own number of the visit, and who did not come.

Each can be said again: what is so already is answered as if this call had done it.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlmodel.ext.asyncio.session import AsyncSession

from datasources.sql.audit_entry import AuditLog
from datasources.sql.booking_order import HOLDING, BookingOrder, OrderState
from datasources.sql.booking_orders import BookingOrders
from datasources.sql.database import Database
from datasources.sql.order_sweeps import MissedVisit
from datasources.sql.slot_ledger import HalfDay
from domain.audit.actor import Actor
from domain.booking.change_refused import OrderNotChangeable
from domain.booking.deadlines import half_day_ends, pay_until
from domain.booking.no_shows import mark_missed_visit
from domain.booking.order_states import OrderStep
from domain.booking.policy import BookingPolicy
from domain.booking.reasons import plain_note
from domain.booking.transitions import take_step
from domain.language import Words
from domain.live.changes import note_order_change
from domain.problems import FieldProblem, InvalidInput, NotFound, ProblemCode

LONGEST_RECORD_ID = 64
LONGEST_PLACE = 200

_TOO_LONG = Words("至多 {most} 个字符。", "At most {most} characters.")
_MISSING = Words("不能为空。", "It must not be empty.")
_OTHER_DAY = Words("取号时间须在就诊当日。", "The time must be on the day of the visit.")
_NO_ZONE = Words("时间须带时区。", "The time must have an offset.")


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """What the hospital keeps of an order; what is left out stays as it is."""

    record_id: str | None = None
    fetch_time: datetime | None = None
    fetch_place: str | None = None

    def columns(self) -> dict[str, Any]:
        """The order's columns that it says."""
        said = {
            "hospital_record_id": self.record_id,
            "fetch_time": self.fetch_time,
            "fetch_address": self.fetch_place,
        }
        return {name: value for name, value in said.items() if value is not None}


@dataclass(frozen=True, slots=True)
class OrderAnswered:
    """The order as it now is, by this call or before."""

    order: BookingOrder


AnswerRefusal = OrderNotChangeable | NotFound | InvalidInput


async def acknowledge_order(
    database: Database, zone: ZoneInfo, hospital_code: str, order_id: UUID, said: Acknowledgement, actor: Actor
) -> OrderAnswered | AnswerRefusal:
    """Note the hospital's own id of a live order, and when and where its patient is to be."""
    if said.record_id is None:
        return InvalidInput([FieldProblem("recordId", ProblemCode.MISSING, _MISSING)])
    async with database.unit_of_work() as session:
        order = await BookingOrders(session).of_hospital(hospital_code, order_id, for_change=True)
        if order is None:
            return NotFound()
        problem = _malformed(said, order.visit_date, zone)
        if problem is not None:
            return problem
        if order.state not in HOLDING:
            return OrderNotChangeable(OrderState(order.state))
        columns = said.columns()
        if all(getattr(order, name) == value for name, value in columns.items()):
            return OrderAnswered(order)
        changed = await BookingOrders(session).change(order, columns, from_state=OrderState(order.state))
        assert changed is not None, "its row is held"
        note_order_change(session, changed.user_id, changed.id)
        await _record(session, actor, "ORDER_ACKNOWLEDGED", changed)
        return OrderAnswered(changed)


async def confirm_order(
    database: Database, policy: BookingPolicy, hospital_code: str, order_id: UUID, said: Acknowledgement, actor: Actor
) -> OrderAnswered | AnswerRefusal:
    """Say yes to an order that waits for the hospital, within its time. One that was confirmed stays as it is."""
    async with database.unit_of_work() as session:
        order = await BookingOrders(session).of_hospital(hospital_code, order_id, for_change=True)
        if order is None:
            return NotFound()
        problem = _malformed(said, order.visit_date, policy.zone)
        if problem is not None:
            return problem
        if order.state != OrderState.PENDING_HOSPITAL:
            is_confirmed = order.state in HOLDING
            return OrderAnswered(order) if is_confirmed else OrderNotChangeable(OrderState(order.state))
        if order.lapses_at is not None and actor.now > order.lapses_at:
            return OrderNotChangeable(OrderState.EXPIRED)
        step, columns = OrderStep.CONFIRM_FREE, said.columns()
        if order.fee > 0:
            step = OrderStep.CONFIRM
            columns["lapses_at"] = pay_until(order.visit_date, HalfDay(order.half_day), actor.now, policy)
        changed = await take_step(session, order, step, actor, values=columns)
        await _record(session, actor, "ORDER_CONFIRMED", changed)
        return OrderAnswered(changed)


async def reject_order(
    database: Database, hospital_code: str, order_id: UUID, reason: str, actor: Actor
) -> OrderAnswered | AnswerRefusal:
    """Say no to an order that waits for the hospital; its number is for sale again."""
    note = plain_note(reason)
    if not note:
        return InvalidInput([FieldProblem("reason", ProblemCode.MISSING, _MISSING)])
    async with database.unit_of_work() as session:
        order = await BookingOrders(session).of_hospital(hospital_code, order_id, for_change=True)
        if order is None:
            return NotFound()
        if order.state == OrderState.REJECTED:
            return OrderAnswered(order)
        if order.state != OrderState.PENDING_HOSPITAL:
            return OrderNotChangeable(OrderState(order.state))
        changed = await take_step(session, order, OrderStep.REJECT, actor, reason=note, detail={"note": note})
        await _record(session, actor, "ORDER_REJECTED", changed)
        return OrderAnswered(changed)


async def mark_no_show(
    database: Database, policy: BookingPolicy, hospital_code: str, order_id: UUID, actor: Actor
) -> OrderAnswered | AnswerRefusal:
    """Say that a patient did not come, once the half-day of the visit is over."""
    async with database.read() as session:
        seen = await BookingOrders(session).of_hospital(hospital_code, order_id)
    if seen is None:
        return NotFound()
    async with database.unit_of_work() as session:
        is_over = half_day_ends(seen.visit_date, HalfDay(seen.half_day), policy) < actor.now
        if seen.state == OrderState.PAID and is_over and seen.person is not None:
            marked = await mark_missed_visit(session, policy, MissedVisit(seen.id, seen.person), actor)
            if marked:
                await _record(session, actor, "ORDER_MISSED", seen)
        order = await BookingOrders(session).of_hospital(hospital_code, order_id, for_change=True)
        assert order is not None, "orders stay"
        if order.state == OrderState.NO_SHOW:
            return OrderAnswered(order)
        return OrderNotChangeable(OrderState(order.state))


def _malformed(said: Acknowledgement, visit_date: date, zone: ZoneInfo) -> InvalidInput | None:
    problems = []
    if said.record_id is not None and not said.record_id.strip():
        problems.append(FieldProblem("recordId", ProblemCode.MISSING, _MISSING))
    if said.record_id is not None and len(said.record_id) > LONGEST_RECORD_ID:
        problems.append(FieldProblem("recordId", ProblemCode.TOO_LONG, _TOO_LONG, {"most": LONGEST_RECORD_ID}))
    if said.fetch_place is not None and len(said.fetch_place) > LONGEST_PLACE:
        problems.append(FieldProblem("fetchPlace", ProblemCode.TOO_LONG, _TOO_LONG, {"most": LONGEST_PLACE}))
    if said.fetch_time is not None:
        if said.fetch_time.tzinfo is None:
            problems.append(FieldProblem("fetchTime", ProblemCode.MALFORMED, _NO_ZONE))
        elif said.fetch_time.astimezone(zone).date() != visit_date:
            problems.append(FieldProblem("fetchTime", ProblemCode.OUT_OF_RANGE, _OTHER_DAY))
    return InvalidInput(problems) if problems else None


async def _record(session: AsyncSession, actor: Actor, action: str, order: BookingOrder) -> None:
    await AuditLog(session).append(actor.act(action, "order", order.id, hospital_code=order.hospital_code))

"""Moving an order to another session (改签): the new number is taken before the old one goes back, or nothing happens.

An order moves within its own hospital's department, for the same patient. What a dearer session costs more is owed
anew; what a cheaper one costs less stays visible as a paid amount above the fee until it is given back.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from datasources.sql.booking_facts import WhoAndWhat, booking_facts
from datasources.sql.booking_order import BookingOrder, OrderState
from datasources.sql.booking_orders import BookingOrders
from datasources.sql.booking_statements import Outcome, Taken
from datasources.sql.ledger_functions import Applicant, WantedNumber, lock_person, obstacle_to, take_number
from datasources.sql.slot_ledger import ScheduleStatus
from datasources.sql.slot_ledger_pushes import SlotLedgerPushes
from datasources.sql.square_orders import refunds_under_way
from domain.audit.actor import Actor
from domain.booking.change_refused import CancellationClosed, OrderNotChangeable, OtherDepartment
from domain.booking.deadlines import cancel_until, pay_until
from domain.booking.desk import BookingDesk
from domain.booking.judgement import fee_refusal
from domain.booking.new_order import JudgedSession
from domain.booking.once import KeyedCall, bad_key, in_one_go, note_done, was_done
from domain.booking.order_states import TRANSITIONS, OrderStep
from domain.booking.placing import judged_session, obstacle_as_refusal
from domain.booking.refused import BookingRefusal, SessionChanged, SessionNotBookable, SlotSoldOut
from domain.booking.transitions import take_step
from domain.booking.waitlist.offering import serve_waitlist
from domain.live.changes import note_slot_change
from domain.problems import IdempotencyKeyReused, NotFound


@dataclass(frozen=True, slots=True)
class RescheduleRequest:
    """Whose order is to move to which session."""

    user_id: UUID
    order_id: UUID
    schedule_id: str
    idempotency_key: str
    expected_fee: Decimal | None = None
    """What the caller saw that the new session costs; None: whatever it costs."""


@dataclass(frozen=True, slots=True)
class OrderRescheduled:
    """The order as it now is, moved by this call or before."""

    order: BookingOrder


ChangeRefusal = CancellationClosed | OrderNotChangeable | OtherDepartment | BookingRefusal
RescheduleAnswer = OrderRescheduled | ChangeRefusal


class _Refused(Exception):  # noqa: N818 - rolls the transaction back
    def __init__(self, refusal: ChangeRefusal) -> None:
        self.refusal = refusal


async def reschedule_order(desk: BookingDesk, request: RescheduleRequest, actor: Actor) -> RescheduleAnswer:
    """Move an order to another session, all of it or nothing. The same call again moves nothing."""
    expected = "" if request.expected_fee is None else str(request.expected_fee)
    call = KeyedCall(
        actor, "rescheduleOrder", request.idempotency_key, request.order_id, (request.schedule_id, expected)
    )
    problem = bad_key(request.idempotency_key)
    if problem is not None:
        return problem
    async with desk.stores.sql.read() as session:
        order = await BookingOrders(session).own(request.user_id, request.order_id)
        if order is None:
            return NotFound()
        done = await was_done(session, call)
    if isinstance(done, IdempotencyKeyReused):
        return done
    if done:
        return OrderRescheduled(order)
    refusal = _order_refusal(order, actor.now)
    if refusal is not None:
        return refusal
    # Read outside of the transaction, since texts come from another store; the ledger judges all of it again.
    is_there = order.schedule_id == request.schedule_id
    judged = None if is_there else await _judged(desk, request, order, actor.now)
    if judged is not None and not isinstance(judged, JudgedSession):
        return judged

    async def move(session: AsyncSession) -> RescheduleAnswer:
        return await _moved(session, desk, request, judged, call)

    try:
        answer = await in_one_go(desk.stores.sql, move)
    except _Refused as refused:
        return refused.refusal
    if isinstance(answer, OrderRescheduled):
        await serve_waitlist(desk.stores, desk.policy, order.schedule_id, actor.now)
    return answer


async def _judged(
    desk: BookingDesk, request: RescheduleRequest, order: BookingOrder, now: datetime
) -> JudgedSession | ChangeRefusal:
    asked = WhoAndWhat(request.user_id, order.patient_id, request.schedule_id, request.idempotency_key, (), now, now)
    facts = await booking_facts(desk.stores.sql, asked)
    if facts is None:
        return NotFound()
    if facts.hospital_code is not None and (facts.hospital_code, facts.department_code) != (
        order.hospital_code,
        order.department_code,
    ):
        return OtherDepartment()
    judged = await judged_session(desk, request.schedule_id, facts, now)
    if not isinstance(judged, JudgedSession):
        return judged
    return fee_refusal(judged.session, request.expected_fee) or judged


async def _moved(
    session: AsyncSession,
    desk: BookingDesk,
    request: RescheduleRequest,
    judged: JudgedSession | None,
    call: KeyedCall,
) -> RescheduleAnswer:
    orders, now = BookingOrders(session), call.actor.now
    seen = await orders.own(request.user_id, request.order_id)
    if seen is None:
        return NotFound()
    if seen.person is not None:
        await lock_person(session, seen.person)
    order = await orders.own(request.user_id, request.order_id, for_change=True)
    if order is None:
        return NotFound()
    done = await was_done(session, call)
    if isinstance(done, IdempotencyKeyReused):
        return done
    if done:
        return OrderRescheduled(order)
    refusal = _order_refusal(order, now)
    if refusal is not None or order.person is None:
        return refusal or NotFound()
    if order.schedule_id == request.schedule_id:
        # Another call has moved it there. This one's key is used up as well, or sent again it would move it back.
        await note_done(session, call)
        return OrderRescheduled(order)
    if judged is None:
        return SessionChanged()
    new = judged.session
    wanted = WantedNumber(
        new.schedule_id, new.hospital_code, new.department_code, new.visit_date, str(new.half_day), new.fee
    )
    applicant = Applicant(order.person, order.user_id, order.patient_id)
    obstacle = await obstacle_to(session, applicant, wanted, desk.policy.limits, now, besides=order.id)
    if obstacle is not None:
        return obstacle_as_refusal(obstacle)
    # Both rows at once and in one order, or two orders that change places would wait for each other.
    await SlotLedgerPushes(session).lock([order.schedule_id, wanted.schedule_id])
    taken = await take_number(session, wanted, now)
    if taken.outcome is not Outcome.TAKEN:
        raise _Refused(_ledger_refusal(wanted.schedule_id, taken))
    old = (order.schedule_id, order.number, order.visit_date)
    changed = await _take_steps(session, desk, order, judged, taken, call.actor)
    await orders.return_number(old[0], old[1], now)
    note_slot_change(session, changed.hospital_code, changed.department_code, old[2], old[0])
    note_slot_change(session, changed.hospital_code, changed.department_code, changed.visit_date, changed.schedule_id)
    await note_done(session, call)
    return OrderRescheduled(changed)


async def _take_steps(
    session: AsyncSession, desk: BookingDesk, order: BookingOrder, judged: JudgedSession, taken: Taken, actor: Actor
) -> BookingOrder:
    new, texts, policy = judged.session, judged.texts, desk.policy
    kept = order.paid_amount - await refunds_under_way(session, order.id)
    owing = new.fee > kept
    unpaid = order.state == OrderState.AWAITING_PAYMENT
    values: dict[str, Any] = {
        "schedule_id": new.schedule_id,
        "visit_date": new.visit_date,
        "half_day": str(new.half_day),
        "number": taken.number,
        "fee": new.fee,
        "cancel_until": cancel_until(texts.rule, new.visit_date, policy),
        "fetch_time": None,
        "fetch_address": texts.fetch_address,
        "texts": texts.as_stored(),
    }
    detail: dict[str, Any] = {
        "from": {"schedule_id": order.schedule_id, "number": order.number, "fee": str(order.fee)},
        "to": {"schedule_id": new.schedule_id, "number": taken.number, "fee": str(new.fee)},
    }
    if kept > new.fee:
        detail["excess"] = str(kept - new.fee)
    if unpaid:
        values["lapses_at"] = order.lapses_at
    elif owing:
        values["lapses_at"] = pay_until(new.visit_date, new.half_day, actor.now, policy)
    step = OrderStep.RESCHEDULE if unpaid or not owing else OrderStep.RESCHEDULE_OWING
    changed = await take_step(session, order, step, actor, detail=detail, values=values)
    if unpaid and not owing:
        # Nothing is left to be paid, so nothing may lapse.
        return await take_step(session, changed, OrderStep.PAY, actor, reason="NOTHING_DUE")
    return changed


def _order_refusal(order: BookingOrder, now: datetime) -> CancellationClosed | OrderNotChangeable | None:
    state = OrderState(order.state)
    if (state, OrderStep.RESCHEDULE) not in TRANSITIONS:
        return OrderNotChangeable(state)
    if order.lapses_at is not None and now >= order.lapses_at:
        return OrderNotChangeable(OrderState.EXPIRED)
    return CancellationClosed(order.cancel_until) if now > order.cancel_until else None


def _ledger_refusal(schedule_id: str, taken: Taken) -> BookingRefusal:
    match taken.outcome:
        case Outcome.SOLD_OUT:
            return SlotSoldOut(schedule_id)
        case Outcome.NOT_BOOKABLE:
            return SessionNotBookable(ScheduleStatus(taken.detail["status"]))
        case Outcome.CHANGED:
            return SessionChanged()
        case _:
            return NotFound()

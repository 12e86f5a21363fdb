"""Giving a number back (退号): by the patient until the deadline, by staff at any time, once either way.

Nothing is paid back here. An order that was paid goes to REFUNDING, and its refunds are promised with that step.
"""

from dataclasses import dataclass
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from datasources.sql.audit_entry import AuditLog
from datasources.sql.booking_order import BookingOrder, OrderState
from datasources.sql.booking_orders import BookingOrders
from datasources.sql.database import Database
from domain.audit.actor import Actor
from domain.booking.change_refused import CancellationClosed, OrderNotChangeable
from domain.booking.once import KeyedCall, bad_key, in_one_go, note_done, was_done
from domain.booking.order_states import TRANSITIONS, OrderStep
from domain.booking.reasons import EndReason, plain_note
from domain.booking.transitions import take_step
from domain.booking.withdrawing import end_from_outside, withdrawal_of
from domain.language import Words
from domain.problems import FieldProblem, IdempotencyKeyReused, InvalidInput, NotFound, ProblemCode

GIVEN_BACK = (OrderState.CANCELLED, OrderState.REFUNDING, OrderState.REFUNDED)
"""Orders that are cancelled, whoever did it: cancelling them again changes nothing."""

_NO_REASON = Words("请写明取消原因。", "Say why the order is cancelled.")


@dataclass(frozen=True, slots=True)
class OrderCancelled:
    """The order as it now is, cancelled by this call or before."""

    order: BookingOrder


CancelAnswer = OrderCancelled | CancellationClosed | OrderNotChangeable | NotFound | InvalidInput | IdempotencyKeyReused


async def cancel_order(
    database: Database, user_id: UUID, order_id: UUID, key: str, note: str, actor: Actor
) -> CancelAnswer:
    """Cancel one's own order: any time while it is unpaid, a paid one until its deadline."""
    call = KeyedCall(actor, "cancelOrder", key, order_id, (note,))
    problem = bad_key(key)
    if problem is not None:
        return problem

    async def cancel(session: AsyncSession) -> CancelAnswer:
        order = await BookingOrders(session).own(user_id, order_id, for_change=True)
        answer = await _answered(session, order, call)
        if answer is not None or order is None:
            return answer or NotFound()
        if order.state == OrderState.PAID and actor.now > order.cancel_until:
            return CancellationClosed(order.cancel_until)
        step = OrderStep.CANCEL if order.paid_amount == 0 else OrderStep.CANCEL_PAID
        if (OrderState(order.state), step) not in TRANSITIONS:
            return OrderNotChangeable(OrderState(order.state))
        changed = await take_step(session, order, step, actor, detail=_noted(note))
        await note_done(session, call)
        return OrderCancelled(changed)

    return await in_one_go(database, cancel)


async def cancel_order_for_user(
    database: Database, hospital_code: str | None, order_id: UUID, key: str, note: str, actor: Actor
) -> CancelAnswer:
    """Cancel somebody's order for them, also after the deadline and when they are already there.

    A hospital's staff reach that hospital's orders alone; `hospital_code` is None for the platform's.
    """
    call = KeyedCall(actor, "cancelOrderForUser", key, order_id, (note,))
    problem = bad_key(key)
    if problem is not None:
        return problem
    if not plain_note(note):
        return InvalidInput([FieldProblem("reason", ProblemCode.MISSING, _NO_REASON)])
    reason = EndReason.BY_PLATFORM if hospital_code is None else EndReason.BY_HOSPITAL

    async def cancel(session: AsyncSession) -> CancelAnswer:
        orders = BookingOrders(session)
        if hospital_code is None:
            order = await orders.get(order_id, for_change=True)
        else:
            order = await orders.of_hospital(hospital_code, order_id, for_change=True)
        answer = await _answered(session, order, call)
        if answer is not None or order is None:
            return answer or NotFound()
        before = OrderState(order.state)
        if (before, withdrawal_of(order)) not in TRANSITIONS:
            return OrderNotChangeable(before)
        changed = await end_from_outside(session, order, reason, actor, detail=_noted(note))
        await note_done(session, call)
        detail = {"reason": plain_note(note), "from": str(before)}
        act = actor.act("ORDER_CANCELLED", "order", order_id, hospital_code=changed.hospital_code, detail=detail)
        await AuditLog(session).append(act)
        return OrderCancelled(changed)

    return await in_one_go(database, cancel)


async def _answered(session: AsyncSession, order: BookingOrder | None, call: KeyedCall) -> CancelAnswer | None:
    """The answer if there is nothing left to do."""
    if order is None:
        return NotFound()
    done = await was_done(session, call)
    if isinstance(done, IdempotencyKeyReused):
        return done
    if order.state in GIVEN_BACK and not done:
        await note_done(session, call)
    return OrderCancelled(order) if order.state in GIVEN_BACK else None


def _noted(note: str) -> dict[str, str]:
    words = plain_note(note)
    return {"note": words} if words else {}

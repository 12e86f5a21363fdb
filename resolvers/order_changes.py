"""Giving numbers back and moving them: by their owner, or by staff for them."""

from dataclasses import dataclass
from decimal import Decimal

from datasources.sql.booking_order import OrderState
from domain.booking import bans, cancelling, rescheduling
from domain.booking.bans import NoShowExcused
from domain.booking.cancelling import CancelAnswer, OrderCancelled
from domain.booking.change_refused import OrderNotChangeable
from domain.booking.follow_up import lapse_in_time
from domain.booking.rescheduling import OrderRescheduled, RescheduleAnswer, RescheduleRequest
from domain.booking.waitlist.offering import serve_waitlist
from domain.payments.follow_up import refund_soon
from domain.permissions import Permission
from domain.problems import InvalidInput, NotFound
from resolvers.audit import actor
from resolvers.booking import schedule_key_of
from resolvers.context import RequestContext
from resolvers.orders import order_id_of
from resolvers.patients import owner_of
from resolvers.staff_callers import staff_with

ExcuseAnswer = NoShowExcused | OrderNotChangeable | NotFound | InvalidInput


@dataclass(frozen=True, slots=True)
class GivenMove:
    """What is to move where, as it came."""

    order_id: str
    schedule_id: str
    idempotency_key: str
    expected_fee: Decimal | None


async def cancel(context: RequestContext, order_id: str, key: str, reason: str) -> CancelAnswer:
    """Cancel one of the caller's own orders."""
    owner, id = owner_of(context), order_id_of(order_id)
    if id is None:
        return NotFound()
    answer = await cancelling.cancel_order(context.stores.sql, owner.user_id, id, key, reason, owner.actor)
    await _offer_on(context, answer)
    return answer


async def cancel_for_user(context: RequestContext, order_id: str, key: str, reason: str) -> CancelAnswer:
    """Cancel somebody's order for them."""
    hospital_code, id = staff_with(context, Permission.EDIT_ORDERS).hospital_code, order_id_of(order_id)
    if id is None:
        return NotFound()
    answer = await cancelling.cancel_order_for_user(context.stores.sql, hospital_code, id, key, reason, actor(context))
    await _offer_on(context, answer)
    return answer


async def reschedule(context: RequestContext, given: GivenMove) -> RescheduleAnswer:
    """Move one of the caller's own orders to another session."""
    owner = owner_of(context)
    id, schedule = order_id_of(given.order_id), schedule_key_of(given.schedule_id)
    if id is None or schedule is None:
        return NotFound()
    request = RescheduleRequest(owner.user_id, id, schedule, given.idempotency_key, given.expected_fee)
    answer = await rescheduling.reschedule_order(context.booking, request, owner.actor)
    if isinstance(answer, OrderRescheduled):
        await lapse_in_time(context.stores, answer.order.id, answer.order.lapses_at)
        if answer.order.paid_amount > answer.order.fee:
            await refund_soon(context.stores)
    return answer


async def excuse_no_show(context: RequestContext, order_id: str, reason: str) -> ExcuseAnswer:
    """Take a no-show back."""
    hospital_code, id = staff_with(context, Permission.EDIT_ORDERS).hospital_code, order_id_of(order_id)
    if id is None:
        return NotFound()
    return await bans.excuse_no_show(context.stores.sql, hospital_code, id, reason, actor(context))


async def _offer_on(context: RequestContext, answer: CancelAnswer) -> None:
    if isinstance(answer, OrderCancelled):
        if answer.order.state == OrderState.REFUNDING:
            await refund_soon(context.stores)
        await serve_waitlist(context.stores, context.booking.policy, answer.order.schedule_id, context.clock())

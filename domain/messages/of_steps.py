"""Which message goes with which step of an order. The rule is pure; `tell_of_steps` is called by the step itself."""

from collections.abc import Sequence

from sqlmodel.ext.asyncio.session import AsyncSession

from datasources.sql.booking_order import BookingOrder, OrderState
from domain.audit.actor import Actor
from domain.booking.order_states import OrderStep
from domain.booking.reasons import EndReason
from domain.messages.kinds import MessageKind
from domain.messages.of_order import about_order
from domain.messages.telling import tell_many

_OF_STEP = {
    OrderStep.CONFIRM: MessageKind.ORDER_RESERVED,
    OrderStep.CONFIRM_FREE: MessageKind.ORDER_BOOKED,
    OrderStep.REJECT: MessageKind.ORDER_REJECTED,
    OrderStep.PAY: MessageKind.ORDER_PAID,
    OrderStep.CANCEL: MessageKind.ORDER_CANCELLED,
    OrderStep.CANCEL_PAID: MessageKind.ORDER_CANCELLED,
    OrderStep.RESCHEDULE: MessageKind.ORDER_RESCHEDULED,
    OrderStep.RESCHEDULE_OWING: MessageKind.ORDER_RESERVED,
    OrderStep.MISS: MessageKind.NO_SHOW,
    OrderStep.LAPSE: MessageKind.ORDER_UNPAID,
    OrderStep.LAPSE_PAID: MessageKind.ORDER_UNPAID,
}
_OF_REASON = {
    EndReason.SESSION_WITHDRAWN: MessageKind.SESSION_WITHDRAWN,
    EndReason.BY_HOSPITAL: MessageKind.ORDER_CANCELLED_BY_HOSPITAL,
    EndReason.BY_PLATFORM: MessageKind.ORDER_CANCELLED_BY_PLATFORM,
    EndReason.HOSPITAL_SILENT: MessageKind.ORDER_UNANSWERED,
}
NOTHING_DUE = "NOTHING_DUE"
"""An order that was moved to a session that costs nothing more is told as moved alone."""


def message_of_step(before: OrderState, step: OrderStep, reason: str) -> MessageKind | None:
    """What the owner is told of this step; None for steps that they see happen, and those of a deleted account."""
    if reason == NOTHING_DUE:
        return None
    if reason == EndReason.ACCOUNT_DELETED or step in (OrderStep.WITHDRAW, OrderStep.WITHDRAW_PAID):
        return _OF_REASON.get(EndReason(reason)) if reason in EndReason.__members__ else None
    if step is OrderStep.LAPSE and before is OrderState.PENDING_HOSPITAL:
        return MessageKind.ORDER_UNANSWERED
    return _OF_STEP.get(step)


async def tell_of_steps(
    session: AsyncSession,
    orders: Sequence[BookingOrder],
    before: OrderState,
    step: OrderStep,
    actor: Actor,
    reason: str,
) -> None:
    """Tell the owners of these orders, as they are after the step."""
    kind = message_of_step(before, step, reason)
    if kind is None:
        return
    occasion = actor.now.isoformat()
    messages = []
    for order in orders:
        more: dict[str, str] = {}
        if kind is MessageKind.ORDER_RESERVED:
            if order.lapses_at is None:
                continue
            more = {"pay_until": order.lapses_at.isoformat()}
        messages.append(about_order(kind, order, occasion, **more))
    await tell_many(session, messages, actor.now)

"""The one step by which a provider's word becomes a refund's state, whoever brought it: the runner or a notify."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import structlog
from sqlmodel.ext.asyncio.session import AsyncSession

from datasources.payments.channel import Provider, Refund, RefundState
from datasources.sql.booking_order import BookingOrder, OrderState
from datasources.sql.booking_orders import BookingOrders
from datasources.sql.finance_item import FinanceKind
from datasources.sql.finance_items import FinanceItems
from datasources.sql.payment import Payment
from datasources.sql.payments import Payments
from datasources.sql.refund import UNDER_WAY, RefundRow, RefundRowState
from datasources.sql.refunds import Refunds
from datasources.sql.square_orders import square_orders
from domain.audit.actor import Actor
from domain.booking.order_states import OrderStep
from domain.booking.transitions import take_step
from domain.messages.kinds import MessageKind
from domain.messages.of_order import about_order
from domain.messages.telling import tell
from domain.payments.matters import Matter, note_matter
from domain.payments.order_money import change_paid_amount

PAUSES = (
    timedelta(seconds=10),
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=1),
)
"""Between two calls about the same refund; the last one goes on."""
MOST_REPLACED = 3
"""So many refunds of one payment may end at the provider without effect before people have to look."""
CAME_RIGHT = "CAME_RIGHT"
"""How a matter about a refund is resolved that the provider settled after all."""

_log = structlog.get_logger(component="payments")


async def apply_refund(session: AsyncSession, provider: Provider, found: Refund, actor: Actor) -> RefundRowState | None:
    """Apply what the channel has proved of a refund, in the caller's transaction; any number of times, once.

    Answers the refund's state afterwards; None if no refund of ours has this number.
    """
    refunds, payments = Refunds(session), Payments(session)
    seen = await refunds.by_number(found.refund_number)
    order = None if seen is None else await BookingOrders(session).get(seen.order_id, for_change=True)
    refund = None if seen is None else await refunds.by_number(found.refund_number, for_change=True)
    payment = None if refund is None else await payments.get(refund.payment_id, for_change=True)
    if order is None or refund is None or payment is None:
        await note_matter(session, _unknown(provider, found), actor)
        return None
    state = RefundRowState(refund.state)
    if state not in UNDER_WAY:
        if state is RefundRowState.REPLACED and found.state is RefundState.SUCCEEDED:
            # The provider had said that it never would; now the money may go back twice.
            await note_matter(session, _abnormal(refund, payment, found, "SUCCEEDED_AFTER_CLOSED"), actor)
        return state
    if payment.trade_number != found.trade_number or found.amount not in (None, refund.amount):
        return await _set_aside(session, refund, payment, found, "DIFFERS", actor)
    match found.state:
        case RefundState.SUCCEEDED:
            return await _arrived(session, order, refund, found.finished_at or actor.now, found.provider_number, actor)
        case RefundState.ABNORMAL:
            return await _set_aside(session, refund, payment, found, "ABNORMAL", actor)
        case RefundState.CLOSED:
            return await _replace(session, order, refund, payment, found, actor)
        case RefundState.PROCESSING:
            return await _go_on(session, refund, RefundRowState.PROCESSING, found.provider_number, actor)
        case RefundState.ABSENT:
            return await _go_on(session, refund, RefundRowState.WAITING, None, actor)


async def refund_arrived(
    session: AsyncSession, order: BookingOrder, refund: RefundRow, at: datetime, actor: Actor
) -> RefundRowState:
    """The money is with the payer, as people in finance have seen. The caller holds both rows."""
    return await _arrived(session, order, refund, at, None, actor)


def next_try(attempts: int, now: datetime) -> datetime:
    """When to call about a refund again after so many calls."""
    return now + PAUSES[min(max(attempts, 1), len(PAUSES)) - 1]


async def _arrived(
    session: AsyncSession,
    order: BookingOrder,
    refund: RefundRow,
    at: datetime,
    provider_number: str | None,
    actor: Actor,
) -> RefundRowState:
    values: dict[str, Any] = {
        "state": RefundRowState.DONE,
        "next_at": None,
        "finished_at": at,
        "problem": "",
        "provider_number": provider_number or refund.provider_number,
    }
    await Refunds(session).change(refund.id, values, from_states=[RefundRowState(refund.state)])
    await FinanceItems(session).came_right(FinanceKind.REFUND_ABNORMAL, refund.refund_number, CAME_RIGHT, actor.now)
    left: Decimal = order.paid_amount - refund.amount
    if order.state == OrderState.REFUNDING and left == 0:
        detail = {"amount": str(refund.amount)}
        await take_step(session, order, OrderStep.REFUND, actor, detail=detail, values={"paid_amount": left})
    else:
        await change_paid_amount(session, order, left, "REFUND_ARRIVED", refund.amount, actor)
    message = about_order(MessageKind.REFUND_DONE, order, refund.refund_number, amount=str(refund.amount))
    await tell(session, message, actor.now)
    _log.info("refund_arrived", order=str(order.id), refund=refund.refund_number, by=actor.id)
    return RefundRowState.DONE


async def _set_aside(
    session: AsyncSession, refund: RefundRow, payment: Payment, found: Refund, detail: str, actor: Actor
) -> RefundRowState:
    values = {"state": RefundRowState.ABNORMAL, "next_at": None, "problem": detail}
    await Refunds(session).change(refund.id, values, from_states=[RefundRowState(refund.state)])
    await note_matter(session, _abnormal(refund, payment, found, detail), actor)
    return RefundRowState.ABNORMAL


async def _replace(
    session: AsyncSession, order: BookingOrder, refund: RefundRow, payment: Payment, found: Refund, actor: Actor
) -> RefundRowState:
    """The provider will never do it. What is still owed is promised again, under a new number."""
    refunds = Refunds(session)
    if await refunds.replaced_count(payment.id) >= MOST_REPLACED:
        return await _set_aside(session, refund, payment, found, "CLOSED_AGAIN", actor)
    values = {"state": RefundRowState.REPLACED, "next_at": None, "problem": "CLOSED"}
    await refunds.change(refund.id, values, from_states=[RefundRowState(refund.state)])
    await square_orders(session, [order.id], refund.reason, actor.now)
    return RefundRowState.REPLACED


async def _go_on(
    session: AsyncSession, refund: RefundRow, state: RefundRowState, provider_number: str | None, actor: Actor
) -> RefundRowState:
    values: dict[str, Any] = {
        "state": state,
        "next_at": next_try(refund.attempts, actor.now),
        "provider_number": provider_number or refund.provider_number,
    }
    await Refunds(session).change(refund.id, values, from_states=[RefundRowState(refund.state)])
    return state


def _abnormal(refund: RefundRow, payment: Payment, found: Refund, detail: str) -> Matter:
    return Matter(
        FinanceKind.REFUND_ABNORMAL,
        Provider(payment.channel),
        payment.trade_number,
        refund.refund_number,
        order_id=refund.order_id,
        expected=refund.amount,
        found=found.amount,
        detail=detail,
    )


def _unknown(provider: Provider, found: Refund) -> Matter:
    return Matter(
        FinanceKind.UNKNOWN_TRADE,
        provider,
        found.trade_number,
        found.refund_number,
        found=found.amount,
        detail="REFUND",
    )

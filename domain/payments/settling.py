"""The one step by which a provider's word becomes an order's payment, whoever brought it.

Whoever learned something of a trade (a notify, the poller, somebody who opened the waiting page) ends here with what
the channel has proved. The order's row is locked first, so that all of them, and whoever cancels, take turns.
"""

from decimal import Decimal
from enum import StrEnum

import structlog
from sqlmodel.ext.asyncio.session import AsyncSession

from datasources.payments.channel import Provider, Trade
from datasources.sql.booking_order import HOLDING, BookingOrder, OrderState
from datasources.sql.booking_orders import BookingOrders
from datasources.sql.finance_item import FinanceKind
from datasources.sql.payment import Payment, PaymentState
from datasources.sql.payments import Payments
from datasources.sql.square_orders import refunds_under_way, square_orders
from domain.audit.actor import Actor
from domain.booking.order_states import OrderStep
from domain.booking.transitions import take_step
from domain.payments.matters import Matter, note_matter
from domain.payments.order_money import change_paid_amount

_log = structlog.get_logger(component="payments")


class Settled(StrEnum):
    """What came of it."""

    NOT_PAID = "NOT_PAID"
    PAID = "PAID"
    """The order is paid now."""
    PART = "PART"
    """The money was added; the order, dearer by now, still waits for the rest."""
    LATE = "LATE"
    """The order did not wait for this money any more: it is promised back."""
    BEFORE = "BEFORE"
    """It had been applied."""
    DISPUTED = "DISPUTED"
    """It is not what was asked for: nothing was applied, finance has to look."""
    UNKNOWN = "UNKNOWN"
    """No payment of ours has this number: finance has to look."""


async def settle_trade(session: AsyncSession, provider: Provider, trade: Trade, actor: Actor) -> Settled:
    """Apply a trade that the channel has proved, in the caller's transaction; any number of times, once."""
    if not trade.state.was_paid:
        return Settled.NOT_PAID
    payments = Payments(session)
    seen = await payments.by_trade_number(provider, trade.trade_number)
    order = None if seen is None else await BookingOrders(session).get(seen.order_id, for_change=True)
    payment = None if seen is None else await payments.get(seen.id, for_change=True)
    if order is None or payment is None:
        await _note(session, FinanceKind.UNKNOWN_TRADE, provider, trade, None, actor)
        return Settled.UNKNOWN
    if payment.state == PaymentState.PAID:
        if trade.provider_number not in (None, payment.provider_number):
            await _note(session, FinanceKind.PAID_TWICE, provider, trade, payment, actor)
        return Settled.BEFORE
    if payment.state == PaymentState.DISPUTED:
        return Settled.DISPUTED
    if trade.amount != payment.amount:
        await _note(session, FinanceKind.AMOUNT_DIFFERS, provider, trade, payment, actor)
        disputed = {"state": PaymentState.DISPUTED, "look_at": None, "provider_number": trade.provider_number}
        await payments.change(payment.id, disputed, from_states=[PaymentState(payment.state)])
        return Settled.DISPUTED
    values = {
        "state": PaymentState.PAID,
        "look_at": None,
        "provider_number": trade.provider_number or trade.trade_number,
        "paid_at": trade.paid_at or actor.now,
        "payer": trade.payer,
        "means": trade.means,
    }
    await payments.change(payment.id, values, from_states=[PaymentState(payment.state)])
    settled = await _credit(session, order, payment, actor)
    if settled is Settled.LATE and order.state in HOLDING:
        await _note(session, FinanceKind.PAID_TWICE, provider, trade, payment, actor)
    _log.info("payment_settled", order=str(order.id), trade=trade.trade_number, outcome=str(settled), by=actor.id)
    return settled


async def _credit(session: AsyncSession, order: BookingOrder, payment: Payment, actor: Actor) -> Settled:
    before = OrderState(order.state)
    paid: Decimal = order.paid_amount + payment.amount
    waits = before is OrderState.AWAITING_PAYMENT
    if waits and paid - await refunds_under_way(session, order.id) >= order.fee:
        await take_step(session, order, OrderStep.PAY, actor, values={"paid_amount": paid})
        return Settled.PAID
    event = "PART_PAYMENT" if waits else "LATE_PAYMENT"
    await change_paid_amount(session, order, paid, event, payment.amount, actor)
    await square_orders(session, [order.id], event, actor.now)
    return Settled.PART if waits else Settled.LATE


async def _note(
    session: AsyncSession, kind: FinanceKind, provider: Provider, trade: Trade, payment: Payment | None, actor: Actor
) -> None:
    matter = Matter(
        kind,
        provider,
        trade.trade_number,
        order_id=None if payment is None else payment.order_id,
        expected=None if payment is None else payment.amount,
        found=trade.amount,
        detail=trade.provider_number or "",
    )
    await note_matter(session, matter, actor)

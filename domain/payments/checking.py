"""Asking the provider at once, because somebody waits for a payment with the page open."""

from dataclasses import dataclass
from uuid import UUID

from datasources.cache.payment_questions import PaymentQuestions
from datasources.sql.booking_order import BookingOrder
from datasources.sql.booking_orders import BookingOrders
from datasources.sql.payment import OFFERED
from datasources.sql.payments import Payments
from domain.audit.actor import Actor
from domain.payments.desk import PaymentDesk
from domain.payments.paying import ask_provider
from domain.problems import NotFound


@dataclass(frozen=True, slots=True)
class PaymentsChecked:
    """The order as it is after asking."""

    order: BookingOrder


async def check_payments(desk: PaymentDesk, user_id: UUID, order_id: UUID, actor: Actor) -> PaymentsChecked | NotFound:
    """Ask about what one's own order is to be paid by, if nobody has asked within the last seconds."""
    async with desk.stores.sql.read() as session:
        order = await BookingOrders(session).own(user_id, order_id)
        payments = [] if order is None else (await Payments(session).of_orders([order.id])).get(order.id, [])
    if order is None:
        return NotFound()
    asked = False
    for payment in payments:
        channel = desk.channel(payment.channel)
        if channel is None or payment.state not in OFFERED:
            continue
        if await PaymentQuestions(desk.stores.redis).may_ask(payment.trade_number):
            await ask_provider(desk, channel, payment, actor)
            asked = True
    if asked:
        async with desk.stores.sql.read() as session:
            order = await BookingOrders(session).own(user_id, order_id) or order
    return PaymentsChecked(order)

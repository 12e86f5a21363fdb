"""Paid orders in tests of payments, and what became of their money."""

import secrets
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import text
from sqlmodel import col, select

from datasources.payments.channel import ClientKind, Provider, Trade
from datasources.sql.booking_order import BookingOrder, OrderState
from datasources.sql.payment import Payment
from datasources.sql.payments import Payments
from datasources.sql.refund import RefundRow
from datasources.stores import Stores
from domain.audit.actor import Actor
from domain.payments.desk import PaymentDesk
from domain.payments.paying import PaymentStarted, PayRequest, pay_order
from domain.payments.settling import Settled, settle_trade
from tests.booked import at, new_session
from tests.domain.payments.channel import TestProvider
from tests.order_steps import row_of

FEE = Decimal("9.67")
NOW = at("10:00")


async def new_order(stores: Stores, fee: Decimal = FEE) -> BookingOrder:
    """One that waits for its payment."""
    order = await (await new_session(stores)).book(OrderState.AWAITING_PAYMENT)
    async with stores.sql.unit_of_work() as session:
        await (await session.connection()).execute(
            text("UPDATE booking_order SET fee = :fee WHERE id = :id"), {"fee": fee, "id": order.id}
        )
    return await row_of(stores, order.id)


def desk_of(stores: Stores, *providers: TestProvider) -> PaymentDesk:
    """A desk with these providers alone."""
    return PaymentDesk(stores, {each.provider: each for each in providers}, "https://platform.test")


async def offered(desk: PaymentDesk, order: BookingOrder, provider: Provider = Provider.WECHAT_PAY) -> Payment:
    """A payment that the order's owner has begun."""
    request = PayRequest(order.user_id, order.id, provider, ClientKind.SCAN, secrets.token_hex(8))
    answer = await pay_order(desk, request, Actor("user", str(order.user_id), NOW))
    assert isinstance(answer, PaymentStarted), answer
    return answer.payment


async def settled(stores: Stores, trade: Trade, now: datetime = NOW) -> Settled:
    """Apply a proved trade."""
    async with stores.sql.unit_of_work() as session:
        return await settle_trade(session, Provider.WECHAT_PAY, trade, Actor.system("test", now))


async def paid_order(desk: PaymentDesk, provider: TestProvider, fee: Decimal = FEE) -> tuple[BookingOrder, Payment]:
    """An order that was paid."""
    order = await new_order(desk.stores, fee)
    payment = await offered(desk, order)
    assert await settled(desk.stores, provider.pay(payment.trade_number, NOW)) is Settled.PAID
    return await row_of(desk.stores, order.id), payment


async def payment_of(stores: Stores, id: UUID) -> Payment:
    """The payment as it now is."""
    async with stores.sql.read() as session:
        payment = await Payments(session).get(id)
    assert payment is not None
    return payment


async def refund_rows(stores: Stores, order_id: UUID) -> list[RefundRow]:
    """Every refund of the order, replaced ones too, the oldest first."""
    async with stores.sql.read() as session:
        found = await session.exec(
            select(RefundRow).where(col(RefundRow.order_id) == order_id).order_by(col(RefundRow.id))
        )
        return list(found)


async def matters_about(stores: Stores, trade_number: str) -> list[tuple[str, str, str]]:
    """What stands on finance's worklist about a trade: kind, state, detail."""
    async with stores.sql.read() as session:
        found = await (await session.connection()).execute(
            text("SELECT kind, state, detail FROM finance_item WHERE trade_number = :number ORDER BY id"),
            {"number": trade_number},
        )
        return [tuple(row) for row in found]

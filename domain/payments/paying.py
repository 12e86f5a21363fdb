"""Paying an order: the row first, then the provider, then the offer. Nobody waits for the network in a transaction.

Whoever dies between two of these leaves a row that the same call takes up again, and that the poller looks at.
"""

import secrets
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

import structlog
from sqlmodel.ext.asyncio.session import AsyncSession
from uuid_utils.compat import uuid7

from datasources.payments.channel import (
    ChannelDownError,
    ChannelRefusedError,
    ClientKind,
    HowToPay,
    PaymentChannel,
    Provider,
)
from datasources.sql.booking_order import BookingOrder, OrderState
from datasources.sql.booking_orders import BookingOrders
from datasources.sql.database import Database
from datasources.sql.idempotency_record import IdempotencyRecord, IdempotencyRecords
from datasources.sql.payment import OFFERED, Payment, PaymentState
from datasources.sql.payments import Payments
from datasources.sql.square_orders import refunds_under_way
from domain.audit.actor import Actor
from domain.booking.once import KeyedCall, bad_key, in_one_go
from domain.payments.desk import PaymentDesk
from domain.payments.looking import FIRST_LOOK
from domain.payments.refused import OrderNotPayable, PaymentEnded, PaymentUnavailable
from domain.payments.settling import settle_trade
from domain.problems import IdempotencyKeyReused, InvalidInput, NotFound

LONGEST_DESCRIPTION = 40

_log = structlog.get_logger(component="payments")


@dataclass(frozen=True, slots=True)
class PayRequest:
    """Whose order is to be paid, and how."""

    user_id: UUID
    order_id: UUID
    provider: Provider
    client_kind: ClientKind
    idempotency_key: str
    address: str = ""
    """The payer's, where they pay on a phone."""


@dataclass(frozen=True, slots=True)
class PaymentStarted:
    """The payment as it now is, begun by this call or before: OPEN, or PAID already."""

    payment: Payment


PayRefusal = OrderNotPayable | PaymentEnded | PaymentUnavailable | NotFound | InvalidInput | IdempotencyKeyReused
PayAnswer = PaymentStarted | PayRefusal


async def pay_order(desk: PaymentDesk, request: PayRequest, actor: Actor) -> PayAnswer:
    """Offer what is due of one's own order to be paid. The same call again answers the same payment as it is now, and
    asks the provider whether it has been paid meanwhile."""
    problem = bad_key(request.idempotency_key)
    if problem is not None:
        return problem
    channel = desk.channel(request.provider)
    if channel is None:
        return PaymentUnavailable(request.provider, None)

    async def prepare(session: AsyncSession) -> tuple[Payment, BookingOrder] | PayRefusal:
        return await _prepared(session, request, actor)

    prepared = await in_one_go(desk.stores.sql, prepare)
    if not isinstance(prepared, tuple):
        return prepared
    payment, order = prepared
    if payment.state == PaymentState.CREATED:
        return await _offer(desk, channel, payment, order, request.address, actor)
    if payment.state == PaymentState.OPEN:
        payment = await ask_provider(desk, channel, payment, actor)
    return await _answer(desk.stores.sql, payment)


async def ask_provider(desk: PaymentDesk, channel: PaymentChannel, payment: Payment, actor: Actor) -> Payment:
    """The payment as it is after asking the provider; unchanged if the provider does not answer."""
    try:
        trade = await channel.query(payment.trade_number)
    except (ChannelDownError, ChannelRefusedError) as error:
        _log.warning("provider_not_asked", provider=payment.channel, error=type(error).__name__)
        return payment
    if not trade.state.was_paid:
        return payment
    async with desk.stores.sql.unit_of_work() as session:
        await settle_trade(session, channel.provider, trade, actor)
        fresh = await Payments(session).get(payment.id)
    return fresh or payment


async def _prepared(
    session: AsyncSession, request: PayRequest, actor: Actor
) -> tuple[Payment, BookingOrder] | PayRefusal:
    payments, now = Payments(session), actor.now
    order = await BookingOrders(session).own(request.user_id, request.order_id, for_change=True)
    if order is None:
        return NotFound()
    call = KeyedCall(
        actor, "payOrder", request.idempotency_key, order.id, (str(request.provider), str(request.client_kind))
    )
    done = await IdempotencyRecords(session).get(call.caller, call.operation, call.key)
    if done is not None:
        before = await payments.get(UUID(done.subject_id))
        if done.request_hash != call.digest or before is None:
            return IdempotencyKeyReused(call.key)
        return before, order
    if order.state != OrderState.AWAITING_PAYMENT or order.lapses_at is None or order.lapses_at <= now:
        return OrderNotPayable(OrderState(order.state))
    due: Decimal = order.fee - order.paid_amount + await refunds_under_way(session, order.id)
    payment = await payments.offered(order.id, request.provider)
    if payment is not None and not _fits(payment, request, due, order):
        closing = {"state": PaymentState.CLOSING, "look_at": now, "looks": 0}
        await payments.change(payment.id, closing, from_states=OFFERED)
        payment = None
    if payment is None:
        payment = Payment(
            id=uuid7(),
            order_id=order.id,
            channel=request.provider,
            client_kind=request.client_kind,
            trade_number=f"T{now:%y%m%d}{secrets.token_hex(12)}",
            amount=due,
            state=PaymentState.CREATED,
            expires_at=order.lapses_at,
            look_at=now + FIRST_LOOK,
            created_at=now,
        )
        await payments.add(payment)
    record = IdempotencyRecord(
        caller=call.caller,
        operation=call.operation,
        idempotency_key=call.key,
        request_hash=call.digest,
        subject_id=str(payment.id),
        created_at=now,
    )
    await IdempotencyRecords(session).add(record)
    return payment, order


def _fits(payment: Payment, request: PayRequest, due: Decimal, order: BookingOrder) -> bool:
    return (
        payment.amount == due and payment.client_kind == request.client_kind and payment.expires_at == order.lapses_at
    )


async def _offer(
    desk: PaymentDesk, channel: PaymentChannel, payment: Payment, order: BookingOrder, address: str, actor: Actor
) -> PayAnswer:
    try:
        how = await channel.create(
            payment.trade_number,
            payment.amount,
            _description(order),
            expires_at=payment.expires_at,
            notify_url=desk.notify_url(payment.channel),
            client_kind=ClientKind(payment.client_kind),
            return_url=desk.page_of(order.id),
            payer_address=address or None if payment.client_kind == ClientKind.PHONE else None,
        )
    except ChannelDownError:
        return PaymentUnavailable(channel.provider, channel.retry_after_seconds)
    except ChannelRefusedError as refused:
        _log.error("trade_refused", provider=payment.channel, code=refused.code, trade=payment.trade_number)
        closing = {"state": PaymentState.CLOSING, "look_at": actor.now, "looks": 0}
        async with desk.stores.sql.unit_of_work() as session:
            await Payments(session).change(payment.id, closing, from_states=[PaymentState.CREATED])
        return PaymentUnavailable(channel.provider, None)
    async with desk.stores.sql.unit_of_work() as session:
        offered = await Payments(session).change(payment.id, _offer_of(how), from_states=[PaymentState.CREATED])
    return await _answer(desk.stores.sql, offered or payment)


async def _answer(database: Database, payment: Payment) -> PayAnswer:
    """What the payment is now: the order may have ended, or been paid, while the provider was asked."""
    async with database.read() as session:
        now = await Payments(session).get(payment.id) or payment
    if now.state in (PaymentState.OPEN, PaymentState.PAID):
        return PaymentStarted(now)
    return PaymentEnded()


def _offer_of(how: HowToPay) -> dict[str, object]:
    return {"state": PaymentState.OPEN, "code_text": how.code_text, "qr_text": how.qr_text, "link": how.link}


def _description(order: BookingOrder) -> str:
    # No department and no doctor: the provider need not learn what ails whom.
    return f"预约挂号 {order.texts.get('hospital', '')}".strip()[:LONGEST_DESCRIPTION]

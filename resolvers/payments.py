"""Paying for orders, and what became of an order's money."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from datasources.payments.channel import ClientKind, Provider
from datasources.sql.booking_order import BookingOrder, OrderState
from datasources.sql.payment import Payment, PaymentState
from datasources.sql.refund import UNDER_WAY, RefundRow
from domain.callers import SignedInUser
from domain.language import Words
from domain.money import Money
from domain.payments import checking, paying
from domain.payments.checking import PaymentsChecked
from domain.payments.paying import PayRefusal, PayRequest
from domain.payments.receipts import receipt_link
from domain.problems import InvalidInput, NotFound
from resolvers.context import RequestContext
from resolvers.orders import is_cancellable, order_id_of
from resolvers.patients import owner_of
from resolvers.qr_picture import qr_image, qr_picture

QR_MARGIN = 4
PROVIDERS = {
    Provider.WECHAT_PAY: Words("微信支付", "WeChat Pay"),
    Provider.ALIPAY: Words("支付宝", "Alipay"),
}


@dataclass(frozen=True, slots=True)
class PaymentView:
    """A payment, with what it can be paid by for whoever may pay it."""

    payment: Payment
    can_be_paid: bool


@dataclass(frozen=True, slots=True)
class PaymentStarted:
    """The payment as it now is."""

    payment: PaymentView


@dataclass(frozen=True, slots=True)
class ChannelView:
    """A provider by which orders can be paid here."""

    provider: Provider
    is_available: bool
    retry_after_seconds: int | None


@dataclass(frozen=True, slots=True)
class CancellationPreview:
    """What giving the number back now would mean for the money."""

    is_possible: bool
    closes_at: datetime | None
    refund: Money
    under_way: Money


CheckAnswer = PaymentsChecked | NotFound | InvalidInput


async def pay(
    context: RequestContext, order_id: str, provider: Provider, client: ClientKind, key: str
) -> PaymentStarted | PayRefusal:
    """Offer what is due of one of the caller's own orders to be paid."""
    owner, id = owner_of(context), order_id_of(order_id)
    if id is None:
        return NotFound()
    request = PayRequest(owner.user_id, id, provider, client, key, context.exchange.address)
    answer = await paying.pay_order(context.payments, request, owner.actor)
    if not isinstance(answer, paying.PaymentStarted):
        return answer
    return PaymentStarted(PaymentView(answer.payment, can_be_paid=answer.payment.state == PaymentState.OPEN))


async def check(context: RequestContext, order_id: str) -> CheckAnswer:
    """Ask the provider whether the caller's own order has been paid."""
    owner, id = owner_of(context), order_id_of(order_id)
    if id is None:
        return NotFound()
    return await checking.check_payments(context.payments, owner.user_id, id, owner.actor)


def channels(context: RequestContext) -> list[ChannelView]:
    """The providers, those first that can be used now."""
    views = [
        ChannelView(
            channel.provider, channel.is_reachable, None if channel.is_reachable else channel.retry_after_seconds
        )
        for channel in context.payments.channels.values()
    ]
    return sorted(views, key=lambda view: (not view.is_available, list(Provider).index(view.provider)))


def channel_name(context: RequestContext, view: ChannelView) -> str:
    """The provider's name in the caller's language."""
    return PROVIDERS[view.provider].say(context.language)


async def payments_of(context: RequestContext, order: BookingOrder) -> list[PaymentView]:
    """The order's payments, the newest first. Only its owner sees how to pay."""
    payments = await context.loaders.payments_by_order.load(order.id) or []
    caller = context.caller
    is_owner = isinstance(caller, SignedInUser) and caller.user_id == order.user_id
    return [PaymentView(each, can_be_paid=is_owner and each.state == PaymentState.OPEN) for each in payments]


async def refunds_of(context: RequestContext, order: BookingOrder) -> list[RefundRow]:
    """The order's refunds, the newest first."""
    return await context.loaders.refunds_by_order.load(order.id) or []


async def receipt_url(context: RequestContext, order: BookingOrder) -> str | None:
    """Where the order's owner finds its receipt, once something was paid."""
    caller = context.caller
    if not isinstance(caller, SignedInUser) or caller.user_id != order.user_id:
        return None
    payments = await context.loaders.payments_by_order.load(order.id) or []
    if all(each.state != PaymentState.PAID for each in payments):
        return None
    return receipt_link(context.files.links, caller.user_id, order.id, context.language, context.clock())


async def cancellation_preview(context: RequestContext, order: BookingOrder) -> CancellationPreview:
    """What would come back for giving the number back now."""
    under_way = await _under_way(context, order)
    is_possible = is_cancellable(context, order)
    return CancellationPreview(
        is_possible,
        order.cancel_until if is_possible and order.paid_amount > 0 else None,
        Money(Decimal(order.paid_amount) - under_way if is_possible else Decimal("0.00")),
        Money(under_way),
    )


async def refundable(context: RequestContext, order: BookingOrder) -> Money:
    """What would come back for giving the number back now."""
    return (await cancellation_preview(context, order)).refund


async def due(context: RequestContext, order: BookingOrder) -> Money:
    """What of the fee is still to be paid."""
    if order.state != OrderState.AWAITING_PAYMENT:
        return Money(Decimal("0.00"))
    return Money(Decimal(order.fee) - Decimal(order.paid_amount) + await _under_way(context, order))


def amount_of(row: RefundRow) -> Money:
    """Of a refund."""
    return Money(Decimal(row.amount))


def code_text(view: PaymentView) -> str | None:
    """The text of the provider's code, while it can be paid."""
    return view.payment.code_text if view.can_be_paid else None


def link(view: PaymentView) -> str | None:
    """An address that pays, while it can be paid."""
    return view.payment.link if view.can_be_paid else None


async def picture(_context: RequestContext, view: PaymentView) -> str | None:
    """The code as an SVG document."""
    text = view.payment.qr_text if view.can_be_paid else None
    return None if text is None else await asyncio.to_thread(qr_picture, text, QR_MARGIN)


async def image(_context: RequestContext, view: PaymentView) -> str | None:
    """The code as a PNG in a `data:` address."""
    text = view.payment.qr_text if view.can_be_paid else None
    return None if text is None else await asyncio.to_thread(qr_image, text, QR_MARGIN)


async def _under_way(context: RequestContext, order: BookingOrder) -> Decimal:
    refunds = await refunds_of(context, order)
    return sum((Decimal(each.amount) for each in refunds if each.state in UNDER_WAY), Decimal("0.00"))

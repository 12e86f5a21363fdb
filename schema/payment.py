"""Payments and refunds of an order, and by whom orders can be paid."""

import datetime as dt

import strawberry

from datasources.payments.channel import Provider
from datasources.sql.payment import PaymentState
from datasources.sql.refund import RefundRow, RefundRowState
from domain.money import Money as MoneyRecord
from resolvers import payments
from schema.binding import Context, answers, described_enum, of, on
from schema.money import Money
from schema.problems import record_of

described_enum(
    Provider,
    "Who takes the money.",
    {"WECHAT_PAY": "WeChat Pay (微信支付).", "ALIPAY": "Alipay (支付宝)."},
    name="PaymentProvider",
)
described_enum(
    PaymentState,
    "How far a payment is.",
    {
        "CREATED": "Noted; not offered to the payer yet.",
        "OPEN": "It can be paid now.",
        "CLOSING": "It is not to be paid any more; the provider is being told.",
        "CLOSED": "It was not paid and can't be any more.",
        "PAID": "The money arrived. It may have been given back since: `refunded` tells.",
        "DISPUTED": "Another amount arrived than was asked for; people in finance look at it.",
    },
)
described_enum(
    RefundRowState,
    "How far a refund is.",
    {
        "WAITING": "Promised; the provider is being asked for it.",
        "PROCESSING": "The provider has taken it; banks may need some days.",
        "DONE": "The money is with the payer.",
        "ABNORMAL": "It can't go on by itself; people in finance look after it.",
        "REPLACED": "The provider gave it up, and another refund stands for it.",
    },
    name="RefundState",
)


@strawberry.type(description="One attempt to pay an order at one provider.")
class Payment:
    number: str = strawberry.field(
        resolver=of(lambda view: view.payment.trade_number),
        description="Our number of it, which the payer finds on the provider's receipt.",
    )
    provider: Provider = strawberry.field(
        resolver=of(lambda view: Provider(view.payment.channel)), description="Who takes the money."
    )
    state: PaymentState = strawberry.field(
        resolver=of(lambda view: PaymentState(view.payment.state)), description="How far it is."
    )
    amount: Money = strawberry.field(
        resolver=of(lambda view: MoneyRecord(view.payment.amount)), description="What is to be paid, or was."
    )
    refunded: Money = strawberry.field(
        resolver=of(lambda view: MoneyRecord(view.payment.refund_total)),
        description="What of it went back, or is going back.",
    )
    code_text: str | None = strawberry.field(
        resolver=of(payments.code_text),
        description="The text of the provider's QR code, as the provider gave it. Null unless the caller may pay it "
        "now, and where the provider gives a page alone.",
    )
    qr_code: str | None = strawberry.field(
        resolver=on(payments.picture),
        description="What to show for scanning: a QR picture as an SVG document with its margin. Null unless the "
        "caller may pay it now.",
        metadata={"cost": 20},
    )
    qr_image: str | None = strawberry.field(
        resolver=on(payments.image),
        description="The same picture as a PNG, in a `data:` address.",
        metadata={"cost": 20},
    )
    link: str | None = strawberry.field(
        resolver=of(payments.link),
        description="An address to open on a phone or in a browser to pay; null where the provider has none, and "
        "unless the caller may pay it now.",
    )
    expires_at: dt.datetime = strawberry.field(
        resolver=of(lambda view: view.payment.expires_at), description="Until when it can be paid."
    )
    created_at: dt.datetime = strawberry.field(
        resolver=of(lambda view: view.payment.created_at), description="When it was begun."
    )
    paid_at: dt.datetime | None = strawberry.field(
        resolver=of(lambda view: view.payment.paid_at), description="When it was paid, by the provider's clock."
    )

    is_type_of = record_of(payments.PaymentView)


@strawberry.type(description="Money of an order that goes back to the payer, the way it came.")
class Refund:
    number: str = strawberry.field(
        resolver=of(lambda row: row.refund_number), description="Our number of it, which the provider knows."
    )
    state: RefundRowState = strawberry.field(
        resolver=of(lambda row: RefundRowState(row.state)), description="How far it is."
    )
    amount: Money = strawberry.field(resolver=of(payments.amount_of), description="How much.")
    reason: str = strawberry.field(
        description="Why, as a code: the order's step (CANCEL_PAID, WITHDRAW_PAID, RESCHEDULE, …) or LATE_PAYMENT."
    )
    created_at: dt.datetime = strawberry.field(description="When it was promised.")
    finished_at: dt.datetime | None = strawberry.field(description="When the money was with the payer.")

    is_type_of = record_of(RefundRow)


@strawberry.type(description="What giving the number back now would mean for the money.")
class CancellationPreview:
    is_possible: bool = strawberry.field(description="Whether the patient may give the number back now.")
    closes_at: dt.datetime | None = strawberry.field(
        description="Until when that stays so; null where it does not depend on a time, or is not possible any more."
    )
    refund: Money = strawberry.field(description="What would go back: all that was paid and is not going back already.")
    under_way: Money = strawberry.field(description="What is going back already, whatever is done now.")

    is_type_of = record_of(payments.CancellationPreview)


@strawberry.type(description="A provider by which orders can be paid here.")
class PaymentChannel:
    provider: Provider = strawberry.field(description="Which, for `payOrder`.")
    name: str = strawberry.field(resolver=on(payments.channel_name), description="Its name in the caller's language.")
    is_available: bool = strawberry.field(description="Whether it answers at present.")
    retry_after_seconds: int | None = strawberry.field(
        description="Where it does not: how long it is left alone, at most."
    )

    is_type_of = record_of(payments.ChannelView)


@strawberry.type
class PaymentQuery:
    @answers(list[PaymentChannel], "By whom orders can be paid here; those first that answer at present.")
    def payment_channels(self, info: Context) -> list[payments.ChannelView]:
        return payments.channels(info.context)

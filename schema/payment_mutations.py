"""Paying orders."""

from collections.abc import Awaitable
from typing import Annotated

import strawberry

from datasources.payments.channel import ClientKind, Provider
from domain.payments.checking import PaymentsChecked as CheckedRecord
from domain.payments.paying import PayRefusal
from resolvers import payments
from schema.binding import Context, described_enum, mutates
from schema.order import Order
from schema.payment import Payment
from schema.payment_problems import OrderNotPayable, PaymentEnded, PaymentUnavailable
from schema.permissions import IsUser
from schema.problems import IdempotencyKeyReused, InvalidInput, NotFound, record_of

described_enum(
    ClientKind,
    "With what the payer pays.",
    {
        "SCAN": "A phone scans the picture.",
        "PHONE": "A phone's browser goes to the provider's page by `link`, which opens the provider's app.",
        "BROWSER": "The browser goes to the provider's own page by `link`, where there is one; else as SCAN.",
    },
    name="PaymentClient",
)


@strawberry.type(description="The order can be paid; or it has been, if the same call was made before.")
class PaymentStarted:
    payment: Payment = strawberry.field(description="OPEN: show its code or link. PAID: nothing is left to do.")

    is_type_of = record_of(payments.PaymentStarted)


@strawberry.type(description="The provider was asked, unless it was a moment ago.")
class PaymentsChecked:
    order: Order = strawberry.field(description="The order as it now is: PAID if the money has arrived.")

    is_type_of = record_of(CheckedRecord)


@strawberry.input(description="Which order to pay, and how.")
class PayOrderInput:
    order_id: strawberry.ID = strawberry.field(description="One of the caller's own orders.")
    provider: Provider = strawberry.field(description="One of `paymentChannels`.")
    client: ClientKind = strawberry.field(default=ClientKind.SCAN, description="With what the payer pays.")
    idempotency_key: str = strawberry.field(
        description="1 to 128 characters: the same call again answers the same payment, as it is by then."
    )


@strawberry.input(description="Which order to ask about.")
class CheckPaymentsInput:
    order_id: strawberry.ID = strawberry.field(description="One of the caller's own orders.")


PayOrderResult = Annotated[
    PaymentStarted
    | InvalidInput
    | NotFound
    | OrderNotPayable
    | PaymentEnded
    | PaymentUnavailable
    | IdempotencyKeyReused,
    strawberry.union("PayOrderResult", description="What to pay by, or what stands in the way."),
]
CheckPaymentsResult = Annotated[
    PaymentsChecked | NotFound | InvalidInput,
    strawberry.union("CheckPaymentsResult", description="The order as it now is."),
]


@strawberry.type
class PaymentMutation:
    @mutates(
        PayOrderResult,
        "Begin to pay what is due of one of the caller's orders, until its `lapsesAt`. Under another key, and while "
        "nothing has changed, it answers the same payment. `myOrders` tells when the money has arrived.",
        only=IsUser,
    )
    def pay_order(
        self, info: Context, input: Annotated[PayOrderInput, strawberry.argument(description="Which order, and how.")]
    ) -> Awaitable[payments.PaymentStarted | PayRefusal]:
        return payments.pay(info.context, str(input.order_id), input.provider, input.client, input.idempotency_key)

    @mutates(
        CheckPaymentsResult,
        "Have the provider asked now whether one of the caller's orders was paid: for a page that is opened again, or "
        "whose payer says “paid”. The platform also asks by itself, ever more seldom.",
        only=IsUser,
    )
    def check_payments(
        self, info: Context, input: Annotated[CheckPaymentsInput, strawberry.argument(description="Which order.")]
    ) -> Awaitable[payments.CheckAnswer]:
        return payments.check(info.context, str(input.order_id))

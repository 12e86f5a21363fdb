"""Why an order was not paid."""

import strawberry

from datasources.payments.channel import Provider
from datasources.sql.booking_order import OrderState
from domain.payments import refused
from domain.problems import ProblemCode
from resolvers import payment_problems as words
from schema.binding import of, on
from schema.problems import Problem, record_of


@strawberry.type(description="Nothing is to be paid for the order, or not any more.")
class OrderNotPayable(Problem):
    message: str = strawberry.field(resolver=on(words.of_not_payable), description="Where it stands, and what to do.")
    code: ProblemCode = strawberry.field(
        resolver=of(lambda _: ProblemCode.ORDER_NOT_PAYABLE), description="ORDER_NOT_PAYABLE."
    )
    state: OrderState = strawberry.field(description="Where the order stands.")

    is_type_of = record_of(refused.OrderNotPayable)


@strawberry.type(description="What was begun under this idempotency key can't be paid any more.")
class PaymentEnded(Problem):
    message: str = strawberry.field(resolver=on(words.of_ended), description="To begin anew under another key.")
    code: ProblemCode = strawberry.field(resolver=of(lambda _: ProblemCode.PAYMENT_ENDED), description="PAYMENT_ENDED.")

    is_type_of = record_of(refused.PaymentEnded)


@strawberry.type(description="The provider takes no payments now. The same call may be repeated under its key.")
class PaymentUnavailable(Problem):
    message: str = strawberry.field(resolver=on(words.of_unavailable), description="When to try again, or what else.")
    code: ProblemCode = strawberry.field(
        resolver=of(lambda _: ProblemCode.PAYMENT_UNAVAILABLE), description="PAYMENT_UNAVAILABLE."
    )
    provider: Provider = strawberry.field(description="Which provider.")
    retry_after_seconds: int | None = strawberry.field(
        description="Seconds until it is tried again; null: waiting does not help, another provider may."
    )

    is_type_of = record_of(refused.PaymentUnavailable)

"""Why an order was not changed."""

import datetime as dt

import strawberry

from datasources.sql.booking_order import OrderState
from domain.booking import change_refused as refused
from domain.problems import ProblemCode
from resolvers import order_change_words as words
from schema.binding import of, on
from schema.problems import Problem, record_of


@strawberry.type(description="The time in which the number may be given back or moved is over; nothing was changed.")
class CancellationClosed(Problem):
    message: str = strawberry.field(resolver=on(words.of_closed), description="Until when it could be done.")
    code: ProblemCode = strawberry.field(
        resolver=of(lambda _: ProblemCode.CANCELLATION_CLOSED), description="CANCELLATION_CLOSED."
    )
    closed_at: dt.datetime = strawberry.field(description="Until when it could be done.")

    is_type_of = record_of(refused.CancellationClosed)


@strawberry.type(description="The order stands where it can't be changed so; nothing was changed.")
class OrderNotChangeable(Problem):
    message: str = strawberry.field(resolver=on(words.of_state), description="Where it stands, and what can be done.")
    code: ProblemCode = strawberry.field(
        resolver=of(lambda _: ProblemCode.ORDER_NOT_CHANGEABLE), description="ORDER_NOT_CHANGEABLE."
    )
    state: OrderState = strawberry.field(description="Where the order stands.")

    is_type_of = record_of(refused.OrderNotChangeable)


@strawberry.type(description="The session is another department's or hospital's; nothing was changed.")
class OtherDepartment(Problem):
    message: str = strawberry.field(resolver=on(words.of_other_department), description="What to do instead.")
    code: ProblemCode = strawberry.field(
        resolver=of(lambda _: ProblemCode.OTHER_DEPARTMENT), description="OTHER_DEPARTMENT."
    )

    is_type_of = record_of(refused.OtherDepartment)

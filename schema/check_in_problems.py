"""Why nobody was checked in, called or passed over."""

import datetime as dt
from typing import Any

import strawberry

from datasources.sql.booking_order import OrderState
from domain.booking import check_in, counter_check_in, queue
from domain.problems import ProblemCode
from resolvers import check_in_problems as words
from schema import order as order
from schema.binding import of, on
from schema.problems import Problem, record_of


def _code(code: ProblemCode) -> Any:
    return strawberry.field(resolver=of(lambda _: code), description=f"{code}.")


@strawberry.type(description="It is too early; nothing was changed.")
class CheckInNotOpen(Problem):
    message: str = strawberry.field(resolver=on(words.of_not_open), description="When to come.")
    code: ProblemCode = _code(ProblemCode.CHECK_IN_NOT_OPEN)
    opens_at: dt.datetime = strawberry.field(description="From when on it is possible.")

    is_type_of = record_of(check_in.CheckInNotOpen)


@strawberry.type(description="The half-day of the visit is over, or the time of the code; nothing was changed.")
class CheckInClosed(Problem):
    message: str = strawberry.field(resolver=on(words.of_closed), description="Since when, and whom to ask.")
    code: ProblemCode = _code(ProblemCode.CHECK_IN_CLOSED)
    closed_at: dt.datetime = strawberry.field(description="The last second at which it was possible.")

    is_type_of = record_of(check_in.CheckInClosed)


@strawberry.type(description="The order waits for its payment, or for the hospital's word; nothing was changed.")
class NotPaid(Problem):
    message: str = strawberry.field(resolver=on(words.of_not_paid), description="What comes first.")
    code: ProblemCode = _code(ProblemCode.NOT_PAID)
    state: OrderState = strawberry.field(description="PENDING_HOSPITAL or AWAITING_PAYMENT.")
    lapses_at: dt.datetime | None = strawberry.field(description="Until when the number is held.")

    is_type_of = record_of(check_in.NotPaid)


@strawberry.type(description="The order was cancelled, rejected or has lapsed: its number is somebody else's to take.")
class OrderEnded(Problem):
    message: str = strawberry.field(resolver=on(words.of_ended), description="What to do.")
    code: ProblemCode = _code(ProblemCode.ORDER_ENDED)
    state: OrderState = strawberry.field(description="Where the order stands.")

    is_type_of = record_of(check_in.OrderEnded)


@strawberry.type(description="The caller named too many orders or people that are not there; nothing was looked up.")
class TooManyMisses(Problem):
    message: str = strawberry.field(resolver=on(words.of_misses), description="How long to wait.")
    code: ProblemCode = _code(ProblemCode.TOO_MANY_TRIES)
    retry_after_seconds: int = strawberry.field(description="After so many seconds tries are taken again.")

    is_type_of = record_of(counter_check_in.TooManyMisses)


@strawberry.type(description="Nobody waits for the session now.")
class QueueEmpty(Problem):
    message: str = strawberry.field(resolver=on(words.of_empty), description="That nobody is there.")
    code: ProblemCode = _code(ProblemCode.QUEUE_EMPTY)

    is_type_of = record_of(queue.QueueEmpty)


@strawberry.type(description="The patient was not called yet, so nobody can say that they were not there.")
class NotCalled(Problem):
    message: str = strawberry.field(resolver=on(words.of_not_called), description="What comes first.")
    code: ProblemCode = _code(ProblemCode.NOT_CALLED)

    is_type_of = record_of(queue.NotCalled)


@strawberry.type(description="The patient has not checked in, or the visit is over; nothing was changed.")
class NotInQueue(Problem):
    message: str = strawberry.field(resolver=on(words.of_not_in_queue), description="That the patient does not wait.")
    code: ProblemCode = _code(ProblemCode.NOT_IN_QUEUE)
    state: OrderState = strawberry.field(description="Where the order stands.")

    is_type_of = record_of(queue.NotInQueue)

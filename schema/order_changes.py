"""Giving numbers back (退号) and moving them (改签)."""

from collections.abc import Awaitable
from decimal import Decimal
from typing import Annotated, TypeVar

import strawberry

from domain.booking import bans, cancelling, rescheduling
from domain.permissions import Permission
from resolvers import order_changes
from schema.binding import Context, mutates
from schema.booking_problems import BookingRuleProblem, FeeChanged, SessionChanged, SlotSoldOut
from schema.order import Order
from schema.order_change_problems import CancellationClosed, OrderNotChangeable, OtherDepartment
from schema.permissions import IsUser, may
from schema.problems import IdempotencyKeyReused, InvalidInput, NotFound, record_of


@strawberry.type(description="The number was given back; what was paid for it will be refunded.")
class OrderCancelled:
    order: Order = strawberry.field(description="The order as it now is: CANCELLED, REFUNDING or REFUNDED.")

    is_type_of = record_of(cancelling.OrderCancelled)


@strawberry.type(description="The order has a number of another session, and its old one was given back.")
class OrderRescheduled:
    order: Order = strawberry.field(
        description="The order as it now is. AWAITING_PAYMENT: the new session costs more, and the rest is to be paid "
        "by `lapsesAt`. When `paid` is more than `fee`, the difference will be refunded."
    )

    is_type_of = record_of(rescheduling.OrderRescheduled)


@strawberry.type(description="The no-show was taken back; the visit counts as completed.")
class NoShowExcused:
    order: Order = strawberry.field(description="The order as it now is.")

    is_type_of = record_of(bans.NoShowExcused)


@strawberry.input(description="Which of the caller's orders to cancel.")
class CancelOrderInput:
    order_id: strawberry.ID = strawberry.field(description="The order.")
    idempotency_key: str = strawberry.field(
        description="1 to 128 characters, new for each cancellation: the same call again changes nothing more."
    )
    reason: str = strawberry.field(default="", description="Why, in one's own words; at most 200 characters are kept.")


@strawberry.input(description="Whose order to cancel, and why.")
class CancelOrderForUserInput:
    order_id: strawberry.ID = strawberry.field(description="The order.")
    idempotency_key: str = strawberry.field(
        description="1 to 128 characters, new for each cancellation: the same call again changes nothing more."
    )
    reason: str = strawberry.field(description="Why, for the order's history and the audit log; at most 200 are kept.")


@strawberry.input(description="Which of the caller's orders to move, and where.")
class RescheduleOrderInput:
    order_id: strawberry.ID = strawberry.field(description="The order.")
    schedule_id: strawberry.ID = strawberry.field(
        description="A session of the same hospital's department, at any date that can be booked."
    )
    idempotency_key: str = strawberry.field(
        description="1 to 128 characters, new for each move: the same call again moves nothing more."
    )
    expected_fee: Decimal | None = strawberry.field(
        default=None,
        description="What the caller was shown that the new session costs; if it costs something else, nothing moves.",
    )

    def given(self) -> order_changes.GivenMove:
        """As the resolver reads it."""
        return order_changes.GivenMove(
            str(self.order_id), str(self.schedule_id), self.idempotency_key, self.expected_fee
        )


@strawberry.input(description="Which no-show to take back, and why.")
class ExcuseNoShowInput:
    order_id: strawberry.ID = strawberry.field(description="The order.")
    reason: str = strawberry.field(description="Why, for the order's history and the audit log; at most 200 are kept.")


CancelOrderResult = Annotated[
    OrderCancelled | InvalidInput | NotFound | CancellationClosed | OrderNotChangeable | IdempotencyKeyReused,
    strawberry.union("CancelOrderResult", description="The cancelled order, or what stands in the way."),
]
CancelOrderForUserResult = Annotated[
    OrderCancelled | InvalidInput | NotFound | OrderNotChangeable | IdempotencyKeyReused,
    strawberry.union("CancelOrderForUserResult", description="The cancelled order, or what stands in the way."),
]
RescheduleOrderResult = Annotated[
    OrderRescheduled
    | InvalidInput
    | NotFound
    | CancellationClosed
    | OrderNotChangeable
    | OtherDepartment
    | SlotSoldOut
    | BookingRuleProblem
    | FeeChanged
    | SessionChanged
    | IdempotencyKeyReused,
    strawberry.union("RescheduleOrderResult", description="The moved order, or what stands in the way."),
]
ExcuseNoShowResult = Annotated[
    NoShowExcused | InvalidInput | NotFound | OrderNotChangeable,
    strawberry.union("ExcuseNoShowResult", description="The order, or what stands in the way."),
]

T = TypeVar("T")
Sent = Annotated[T, strawberry.argument(description="Which order it is about, and what to do.")]


@strawberry.type
class OrderChangeMutation:
    @mutates(
        CancelOrderResult,
        "Give back the number of one of the caller's orders: an unpaid one at any time, a paid one until its "
        "`cancelUntil`; what was paid is refunded. Cancelling again answers the same.",
        only=IsUser,
    )
    def cancel_order(self, info: Context, input: Sent[CancelOrderInput]) -> Awaitable[cancelling.CancelAnswer]:
        return order_changes.cancel(info.context, str(input.order_id), input.idempotency_key, input.reason)

    @mutates(
        CancelOrderForUserResult,
        "Cancel somebody's order for them, whatever its deadline, and even when the patient has checked in. A "
        "hospital's staff reach their own hospital's orders. It is recorded in the audit log.",
        only=may(Permission.EDIT_ORDERS),
    )
    def cancel_order_for_user(
        self, info: Context, input: Sent[CancelOrderForUserInput]
    ) -> Awaitable[cancelling.CancelAnswer]:
        return order_changes.cancel_for_user(info.context, str(input.order_id), input.idempotency_key, input.reason)

    @mutates(
        RescheduleOrderResult,
        "Move one of the caller's orders to another session of the same department, until its `cancelUntil`. The new "
        "number is taken before the old one is given back; if anything stands in the way, nothing changes.",
        only=IsUser,
    )
    def reschedule_order(
        self, info: Context, input: Sent[RescheduleOrderInput]
    ) -> Awaitable[rescheduling.RescheduleAnswer]:
        return order_changes.reschedule(info.context, input.given())

    @mutates(
        ExcuseNoShowResult,
        "Take a no-show back: it counts towards no ban any more. A ban that it has brought stays until it is lifted. "
        "A hospital's staff reach their own hospital's orders. It is recorded in the audit log.",
        only=may(Permission.EDIT_ORDERS),
    )
    def excuse_no_show(self, info: Context, input: Sent[ExcuseNoShowInput]) -> Awaitable[order_changes.ExcuseAnswer]:
        return order_changes.excuse_no_show(info.context, str(input.order_id), input.reason)

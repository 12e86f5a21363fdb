"""Joining and leaving the waitlist, and taking what is offered."""

from collections.abc import Awaitable
from decimal import Decimal
from typing import Annotated, TypeVar

import strawberry

from resolvers import waitlist
from schema.binding import Context, mutates
from schema.booking_problems import BookingRuleProblem, FeeChanged, SessionChanged
from schema.order import Order
from schema.permissions import IsUser
from schema.problems import IdempotencyKeyReused, InvalidInput, NotFound, record_of
from schema.waitlist import WaitlistEntry
from schema.waitlist_problems import AlreadyWaiting, OfferEnded, TooManyWaits, WaitlistNotNeeded


@strawberry.type(description="The patient waits for the session.")
class WaitlistJoined:
    entry: WaitlistEntry = strawberry.field(description="The place in line.")
    replayed: bool = strawberry.field(description="Whether the same call had made it before.")

    is_type_of = record_of(waitlist.WaitlistJoined)


@strawberry.type(description="The entry is over: left, or over before.")
class WaitlistLeft:
    entry: WaitlistEntry = strawberry.field(
        description="The entry as it now is. One that was over before is as it was: ACCEPTED, and its order stands."
    )

    is_type_of = record_of(waitlist.WaitlistLeft)


@strawberry.type(description="The number that was held is the patient's.")
class WaitlistOfferAccepted:
    order: Order = strawberry.field(description="The order.")
    replayed: bool = strawberry.field(description="Whether the offer had been accepted before.")

    is_type_of = record_of(waitlist.OfferAccepted)


JoinWaitlistResult = Annotated[
    WaitlistJoined
    | InvalidInput
    | NotFound
    | WaitlistNotNeeded
    | AlreadyWaiting
    | TooManyWaits
    | BookingRuleProblem
    | SessionChanged
    | IdempotencyKeyReused,
    strawberry.union("JoinWaitlistResult", description="The place in line, or what stands in the way."),
]
LeaveWaitlistResult = Annotated[
    WaitlistLeft | InvalidInput | NotFound,
    strawberry.union("LeaveWaitlistResult", description="The entry that is over."),
]
AcceptWaitlistOfferResult = Annotated[
    WaitlistOfferAccepted
    | InvalidInput
    | NotFound
    | OfferEnded
    | BookingRuleProblem
    | FeeChanged
    | SessionChanged
    | IdempotencyKeyReused,
    strawberry.union("AcceptWaitlistOfferResult", description="The order, or what stands in its way."),
]


@strawberry.input(description="What to wait for, and for whom.")
class JoinWaitlistInput:
    schedule_id: strawberry.ID = strawberry.field(description="A session of which nothing is left.")
    patient_id: strawberry.ID = strawberry.field(description="One of the caller's patients.")
    idempotency_key: str = strawberry.field(
        description="1 to 128 characters, new for each entry: a call repeated under the same key makes no second one."
    )


@strawberry.input(description="Which entry to end.")
class LeaveWaitlistInput:
    entry_id: strawberry.ID = strawberry.field(description="One of the caller's entries.")


@strawberry.input(description="Which offer to accept.")
class AcceptWaitlistOfferInput:
    entry_id: strawberry.ID = strawberry.field(description="One of the caller's entries that is OFFERED.")
    idempotency_key: str = strawberry.field(
        description="1 to 128 characters, new for each order; keys of `createOrder` are not used again. However often "
        "an entry is accepted, it becomes one order."
    )
    expected_fee: Decimal | None = strawberry.field(
        default=None,
        description="What the caller was shown that it costs; if it costs something else, nothing is taken.",
    )


T = TypeVar("T")
Sent = Annotated[T, strawberry.argument(description="Whom or what it is about.")]


@strawberry.type
class WaitlistMutation:
    @mutates(
        JoinWaitlistResult,
        "Let one of the caller's patients wait for a full session. Numbers that come back are offered first come, "
        "first served, from 07:00 to 22:00, and held for half an hour each. A person waits for three sessions at most.",
        only=IsUser,
    )
    def join_waitlist(self, info: Context, input: Sent[JoinWaitlistInput]) -> Awaitable[waitlist.JoinAnswer]:
        return waitlist.join(info.context, str(input.schedule_id), str(input.patient_id), input.idempotency_key)

    @mutates(
        LeaveWaitlistResult,
        "End one of the caller's waitlist entries. A place that was offered to it passes on at once. May be repeated.",
        only=IsUser,
    )
    def leave_waitlist(self, info: Context, input: Sent[LeaveWaitlistInput]) -> Awaitable[waitlist.LeaveAnswer]:
        return waitlist.leave(info.context, str(input.entry_id))

    @mutates(
        AcceptWaitlistOfferResult,
        "Take the place that is held for one of the caller's waitlist entries, by the same rules as `createOrder`. "
        "What is refused leaves the offer standing until its end.",
        only=IsUser,
    )
    def accept_waitlist_offer(
        self, info: Context, input: Sent[AcceptWaitlistOfferInput]
    ) -> Awaitable[waitlist.AcceptAnswer]:
        return waitlist.accept(info.context, str(input.entry_id), input.idempotency_key, input.expected_fee)

"""Sending broadcasts, pausing and cancelling them."""

from collections.abc import Awaitable
from typing import Annotated

import strawberry

from domain import problems
from domain.messages.broadcasts import sending
from resolvers import broadcasts
from schema.binding import Context, mutates
from schema.broadcast import Broadcast, BroadcastInput
from schema.permissions import may_any
from schema.problems import IdempotencyKeyReused, InvalidInput, NotAllowed, NotFound, record_of


@strawberry.type(description="The worker sends the broadcast when its time comes.")
class BroadcastSent:
    broadcast: Broadcast = strawberry.field(description="The broadcast.")

    is_type_of = record_of(sending.BroadcastSent)


@strawberry.type(description="The broadcast stands as it was asked for.")
class BroadcastChanged:
    broadcast: Broadcast = strawberry.field(description="As it now is.")

    is_type_of = record_of(sending.BroadcastChanged)


@strawberry.input(description="A broadcast to be sent.")
class SendBroadcastInput:
    broadcast: BroadcastInput = strawberry.field(description="What is to be told.")
    idempotency_key: str = strawberry.field(
        description="1 to 128 printable characters. The same key with the same input sends nothing more."
    )


@strawberry.input(description="Which broadcast.")
class ChooseBroadcastInput:
    id: strawberry.ID = strawberry.field(description="Its id.")


SendBroadcastResult = Annotated[
    BroadcastSent | NotAllowed | InvalidInput | IdempotencyKeyReused,
    strawberry.union("SendBroadcastResult", description="The broadcast, or why it is not sent."),
]
ChangeBroadcastResult = Annotated[
    BroadcastChanged | NotFound | NotAllowed | InvalidInput,
    strawberry.union("ChangeBroadcastResult", description="What became of it."),
]

Choice = Annotated[ChooseBroadcastInput, strawberry.argument(description="Which.")]
_writing = may_any(*broadcasts.WRITERS)
_SEND_ANSWER = sending.BroadcastSent | problems.NotAllowed | problems.InvalidInput | problems.IdempotencyKeyReused


@strawberry.type
class BroadcastMutation:
    @mutates(
        SendBroadcastResult,
        "Tell one account, a hospital's holders of numbers, or everybody something, in the app and by SMS. A "
        "hospital's staff write to its own holders. Within a day at most 20 to holders, 200 to single accounts and 3 "
        "to everybody. Recorded.",
        only=_writing,
    )
    def send_broadcast(
        self, info: Context, input: Annotated[SendBroadcastInput, strawberry.argument(description="What.")]
    ) -> Awaitable[_SEND_ANSWER]:
        return broadcasts.send(info.context, input.broadcast.draft(), input.idempotency_key)

    @mutates(
        ChangeBroadcastResult,
        "Have nobody more written to until it is resumed; some hundreds that were written to are still told. Recorded.",
        only=_writing,
    )
    def pause_broadcast(self, info: Context, input: Choice) -> Awaitable[broadcasts.Changed]:
        return broadcasts.pause(info.context, str(input.id))

    @mutates(ChangeBroadcastResult, "Let a paused broadcast go on where it was. Recorded.", only=_writing)
    def resume_broadcast(self, info: Context, input: Choice) -> Awaitable[broadcasts.Changed]:
        return broadcasts.resume(info.context, str(input.id))

    @mutates(
        ChangeBroadcastResult,
        "Tell nobody more, for good; text messages that are queued already still go out. Recorded.",
        only=_writing,
    )
    def cancel_broadcast(self, info: Context, input: Choice) -> Awaitable[broadcasts.Changed]:
        return broadcasts.cancel(info.context, str(input.id))

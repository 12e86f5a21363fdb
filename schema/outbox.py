"""The outbox of messages to people, for those who look after it."""

import datetime as dt
from collections.abc import Awaitable
from enum import StrEnum
from typing import Annotated
from uuid import UUID

import strawberry

from datasources.sql.outgoing_message import OutgoingMessage as OutgoingRow
from datasources.sql.outgoing_message import OutgoingState
from datasources.sql.outgoing_reads import OutboxCriteria
from domain import problems
from domain.messages import outbox as domain_outbox
from domain.messages.kinds import MessageKind
from domain.page import Page
from domain.permissions import Permission
from resolvers import broadcasts, outbox
from resolvers.given import given_moment, given_uuid
from schema import message_kinds as message_kinds
from schema.binding import After, Context, First, answers, described_enum, mutates, of, on
from schema.connection import Connection
from schema.permissions import may
from schema.problems import InvalidInput, NotAllowed, NotFound, record_of


class MessageReceiver(StrEnum):
    """What kind of receiver a message has."""

    USER = "USER"
    STAFF = "STAFF"
    HOSPITAL = "HOSPITAL"


_NOBODY = UUID(int=0)  # what an id that names nothing is looked for by

described_enum(
    MessageReceiver,
    "What kind of receiver a message has.",
    {
        "USER": "A patient's account.",
        "STAFF": "A member of staff.",
        "HOSPITAL": "Every active member of a hospital's staff.",
    },
)
described_enum(
    OutgoingState,
    "Where a message stands on its way from the outbox.",
    {
        "WAITING": "It is told at `nextAt`.",
        "TOLD": "It was told in the app; `bySms` says what became of its SMS.",
        "DROPPED": "It was not told: TOO_LATE, CANCELLED, or NOBODY (the account is gone).",
        "FAILED": "Given up after several tries; `reason` names the fault.",
    },
)


@strawberry.type(description="Something that somebody is to be told, and what became of it. Its words are not shown.")
class OutgoingMessage:
    id: strawberry.ID = strawberry.field(resolver=of(lambda row: str(row.id)), description="For `retryMessage`.")
    kind: MessageKind = strawberry.field(
        resolver=of(lambda row: MessageKind(row.kind)), description="What it tells of."
    )
    receiver_kind: MessageReceiver = strawberry.field(
        resolver=of(lambda row: MessageReceiver(outbox.receiver_kind(row))), description="Who is told."
    )
    receiver: str = strawberry.field(
        resolver=on(outbox.receiver),
        description="The account's masked phone, the staff member's masked name, or the hospital's code.",
    )
    state: OutgoingState = strawberry.field(
        resolver=of(lambda row: OutgoingState(row.state)), description="Where it stands."
    )
    attempts: int = strawberry.field(description="How often the worker has tried.")
    reason: str = strawberry.field(description="Why it was dropped, or what the last try failed by; else empty.")
    in_app: str | None = strawberry.field(
        resolver=of(outbox.in_app), description="TOLD once it stands in the app; null before."
    )
    by_sms: str | None = strawberry.field(
        resolver=of(outbox.by_sms),
        description="QUEUED (see `smsMessages`), CANCELLED (the number opted out), NOT_WANTED, NO_PHONE, NO_TEXT, "
        "IN_APP_ONLY; null before.",
    )
    broadcast_id: strawberry.ID | None = strawberry.field(
        resolver=of(lambda row: None if row.broadcast_id is None else str(row.broadcast_id)),
        description="The broadcast that it is part of.",
    )
    created_at: dt.datetime = strawberry.field(description="When it was put into the outbox.")
    next_at: dt.datetime | None = strawberry.field(description="When it is tried next; null once it is over.")
    useless_after: dt.datetime | None = strawberry.field(description="After this it is not told any more.")
    finished_at: dt.datetime | None = strawberry.field(description="When it was over.")

    is_type_of = record_of(OutgoingRow)


@strawberry.type(description="The message is told as soon as the worker comes to it.")
class MessageRetried:
    message: OutgoingMessage = strawberry.field(description="As it now stands.")

    is_type_of = record_of(domain_outbox.MessageRetried)


@strawberry.input(description="Which messages to list; what is left out asks for nothing.")
class OutgoingMessageFilter:
    kind: MessageKind | None = strawberry.field(default=None, description="Of this kind.")
    state: OutgoingState | None = strawberry.field(default=None, description="That stand so.")
    broadcast_id: strawberry.ID | None = strawberry.field(default=None, description="Of this broadcast.")
    user_id: strawberry.ID | None = strawberry.field(default=None, description="To this account.")
    created_from: dt.datetime | None = strawberry.field(default=None, description="Written at this time or later.")
    created_before: dt.datetime | None = strawberry.field(default=None, description="Written before this time.")


@strawberry.input(description="Which message to try anew.")
class RetryMessageInput:
    id: strawberry.ID = strawberry.field(description="Its id.")


RetryMessageResult = Annotated[
    MessageRetried | NotFound | NotAllowed | InvalidInput,
    strawberry.union("RetryMessageResult", description="What became of it."),
]


@strawberry.type
class OutboxQuery:
    @answers(
        Connection[OutgoingMessage],
        "What people are to be told and what became of it, the latest first.",
        only=may(Permission.READ_MESSAGES),
    )
    def outgoing_messages(
        self,
        info: Context,
        filter: Annotated[OutgoingMessageFilter | None, strawberry.argument(description="Which.")] = None,
        first: First = 20,
        after: After = None,
    ) -> Awaitable[Page[OutgoingRow]]:
        asked = filter or OutgoingMessageFilter()
        criteria = OutboxCriteria(
            kind=asked.kind,
            state=asked.state,
            broadcast_id=None if asked.broadcast_id is None else given_uuid(asked.broadcast_id) or _NOBODY,
            user_id=None if asked.user_id is None else broadcasts.user_key(asked.user_id) or _NOBODY,
            since=given_moment(info.context, asked.created_from),
            before=given_moment(info.context, asked.created_before),
        )
        return outbox.messages(info.context, criteria, first=first, after=after)


@strawberry.type
class OutboxMutation:
    @mutates(
        RetryMessageResult,
        "Have a message told after all that was given up. Recorded.",
        only=may(Permission.SEND_MESSAGES),
    )
    def retry_message(
        self, info: Context, input: Annotated[RetryMessageInput, strawberry.argument(description="Which.")]
    ) -> Awaitable[domain_outbox.MessageRetried | problems.NotFound | problems.NotAllowed]:
        return outbox.retry(info.context, str(input.id))

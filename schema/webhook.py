"""A hospital's webhook: where it is told of its events, and how they get there."""

import datetime as dt
from collections.abc import Awaitable
from typing import Annotated

import strawberry

from datasources.sql.hospital_webhook import DeliveryState
from datasources.sql.hospital_webhook import HospitalWebhook as HospitalWebhookRow
from domain.hospitals import webhooks as domain_webhooks
from domain.page import Page
from domain.permissions import Permission
from domain.problems import InvalidInput as InvalidInputRecord
from domain.problems import NotFound as NotFoundRecord
from resolvers import webhooks
from schema.binding import After, Context, First, answers, described_enum, mutates, of, on
from schema.connection import Connection
from schema.hospital_event import HospitalEvent
from schema.permissions import may
from schema.problems import InvalidInput, NotFound, record_of

described_enum(
    DeliveryState,
    "How far an event is on its way to the webhook.",
    {
        "WAITING": "Not taken yet; it is tried again at `nextAt`.",
        "DELIVERED": "The hospital answered with a status from 200 to 299.",
        "DEAD": "Not taken for a day; `replayWebhookDeliveries` tries it for another.",
    },
)


@strawberry.type(description="Where a hospital's server is told of what happens to its orders.")
class HospitalWebhook:
    url: str = strawberry.field(description="Where each event is posted.")
    waiting_count: int = strawberry.field(
        resolver=on(webhooks.waiting_count), description="Events that have not been taken yet."
    )
    dead_count: int = strawberry.field(
        resolver=on(webhooks.dead_count), description="Events that were given up after a day."
    )
    last_delivered_at: dt.datetime | None = strawberry.field(description="When an event was taken last.")
    last_failed_at: dt.datetime | None = strawberry.field(description="When an event was not taken last.")
    last_fault: str = strawberry.field(
        description="Why it was not, as a code: HTTP_500, TIMEOUT, UNREACHABLE, TLS, NAME_NOT_FOUND, PRIVATE_ADDRESS."
    )
    old_secret_until: dt.datetime | None = strawberry.field(
        description="Until then calls carry a signature by the secret before this one as well."
    )
    created_at: dt.datetime = strawberry.field(description="When it was first set.")
    updated_at: dt.datetime = strawberry.field(description="When its URL or secret was changed last.")


@strawberry.type(description="One event on its way to the webhook.")
class WebhookDelivery:
    sequence: int = strawberry.field(
        resolver=of(lambda delivery: delivery.event.sequence), description="The event's number."
    )
    event: HospitalEvent = strawberry.field(description="What is told.")
    state: DeliveryState = strawberry.field(description="How far it is.")
    attempts: int = strawberry.field(description="How often it was tried.")
    next_at: dt.datetime | None = strawberry.field(description="When it is tried again; null once it is not.")
    last_status: int | None = strawberry.field(description="The HTTP status of the last answer; null without one.")
    last_fault: str = strawberry.field(description="Why the last try failed, as a code; empty if it did not.")
    settled_at: dt.datetime | None = strawberry.field(description="When it was taken, or given up.")


@strawberry.type(description="Every event from now on is posted to the URL.")
class WebhookSet:
    webhook: HospitalWebhook = strawberry.field(description="The webhook.")
    secret: str | None = strawberry.field(
        resolver=of(lambda answer: answer.secret and answer.secret.get_secret_value()),
        description="What calls are signed with: shown this once. Null when only the URL was changed.",
    )

    is_type_of = record_of(domain_webhooks.WebhookSet)


@strawberry.type(description="Calls are signed with a new secret.")
class WebhookSecretRotated:
    secret: str = strawberry.field(
        resolver=of(lambda answer: answer.secret.get_secret_value()), description="The new secret: shown this once."
    )

    is_type_of = record_of(domain_webhooks.SecretRotated)


@strawberry.type(description="The hospital has no webhook any more, and nothing waits for it.")
class WebhookRemoved:
    url: str = strawberry.field(description="What is called no more.")

    is_type_of = record_of(domain_webhooks.WebhookRemoved)


@strawberry.type(description="The webhook was called with an event of the kind PING.")
class WebhookPinged:
    taken: bool = strawberry.field(
        resolver=of(lambda answer: answer.posted.is_taken), description="Whether it answered that it has it."
    )
    status: int | None = strawberry.field(
        resolver=of(lambda answer: answer.posted.status), description="The HTTP status; null without an answer."
    )
    fault: str = strawberry.field(
        resolver=of(lambda answer: answer.posted.fault), description="Why it was not taken, as a code; else empty."
    )
    milliseconds: int = strawberry.field(description="How long it took.")

    is_type_of = record_of(domain_webhooks.WebhookPinged)


@strawberry.type(description="Events that were given up are tried again.")
class WebhookDeliveriesReplayed:
    count: int = strawberry.field(description="How many.")

    is_type_of = record_of(domain_webhooks.DeliveriesReplayed)


@strawberry.input(description="Where to post events.")
class SetWebhookInput:
    url: str = strawberry.field(
        description="An `https://` URL of at most 500 characters whose server has a public address."
    )


@strawberry.input(description="How to change over to a new secret.")
class RotateWebhookSecretInput:
    overlap_hours: int = strawberry.field(
        default=24, description="For so long, 0 to 168, calls carry a signature by the present secret as well."
    )


@strawberry.input(description="Which webhook to remove.")
class RemoveWebhookInput:
    url: str = strawberry.field(description="The URL that is set.")


@strawberry.input(description="Which webhook to try.")
class PingWebhookInput:
    url: str = strawberry.field(description="The URL that is set.")


@strawberry.input(description="What to send again.")
class ReplayWebhookDeliveriesInput:
    sequences: list[int] | None = strawberry.field(
        default=None, description="The events' numbers, at most 1,000; without it, all that were given up."
    )


SetWebhookResult = Annotated[
    WebhookSet | InvalidInput,
    strawberry.union("SetWebhookResult", description="The webhook, or what is wrong with its URL."),
]
RotateWebhookSecretResult = Annotated[
    WebhookSecretRotated | NotFound | InvalidInput,
    strawberry.union("RotateWebhookSecretResult", description="The new secret, or why there is none."),
]
RemoveWebhookResult = Annotated[
    WebhookRemoved | NotFound | InvalidInput,
    strawberry.union("RemoveWebhookResult", description="What was removed, or that it was not there."),
]
PingWebhookResult = Annotated[
    WebhookPinged | NotFound | InvalidInput,
    strawberry.union("PingWebhookResult", description="What came of the try."),
]
ReplayWebhookDeliveriesResult = Annotated[
    WebhookDeliveriesReplayed | NotFound | InvalidInput,
    strawberry.union("ReplayWebhookDeliveriesResult", description="How many are sent again."),
]

_managing = may(Permission.EDIT_OWN_INTEGRATION)


@strawberry.type
class WebhookQuery:
    @answers(HospitalWebhook | None, "The webhook of the caller's hospital; null if it has none.", only=_managing)
    def hospital_webhook(self, info: Context) -> Awaitable[HospitalWebhookRow | None]:
        return webhooks.own_webhook(info.context)

    @answers(
        Connection[WebhookDelivery],
        "How events get to the webhook of the caller's hospital, the latest first.",
        only=_managing,
    )
    def webhook_deliveries(
        self,
        info: Context,
        state: Annotated[DeliveryState | None, strawberry.argument(description="Only those that are so far.")] = None,
        first: First = 20,
        after: After = None,
    ) -> Awaitable[Page[webhooks.Delivery]]:
        return webhooks.deliveries(info.context, state, first=first, after=after)


@strawberry.type
class WebhookMutation:
    @mutates(
        SetWebhookResult,
        "Have the hospital's own server called for every event from now on, in place of any other URL. Recorded.",
        only=_managing,
    )
    def set_webhook(
        self, info: Context, input: Annotated[SetWebhookInput, strawberry.argument(description="Where.")]
    ) -> Awaitable[domain_webhooks.WebhookSet | InvalidInputRecord]:
        return webhooks.set_webhook(info.context, input.url)

    @mutates(RotateWebhookSecretResult, "Give the webhook a new secret. Recorded.", only=_managing)
    def rotate_webhook_secret(
        self, info: Context, input: Annotated[RotateWebhookSecretInput, strawberry.argument(description="How.")]
    ) -> Awaitable[domain_webhooks.SecretRotated | NotFoundRecord | InvalidInputRecord]:
        return webhooks.rotate_secret(info.context, input.overlap_hours)

    @mutates(RemoveWebhookResult, "Have the hospital's own server called no more. Recorded.", only=_managing)
    def remove_webhook(
        self, info: Context, input: Annotated[RemoveWebhookInput, strawberry.argument(description="Which.")]
    ) -> Awaitable[domain_webhooks.WebhookRemoved | NotFoundRecord]:
        return webhooks.remove(info.context, input.url)

    @mutates(PingWebhookResult, "Call the webhook with nothing to tell, to see whether it works.", only=_managing)
    def ping_webhook(
        self, info: Context, input: Annotated[PingWebhookInput, strawberry.argument(description="Which.")]
    ) -> Awaitable[domain_webhooks.WebhookPinged | NotFoundRecord]:
        return webhooks.ping(info.context, input.url)

    @mutates(
        ReplayWebhookDeliveriesResult,
        "Try events that were given up for another day. They come after what happened later. Recorded.",
        only=_managing,
    )
    def replay_webhook_deliveries(
        self, info: Context, input: Annotated[ReplayWebhookDeliveriesInput, strawberry.argument(description="Which.")]
    ) -> Awaitable[domain_webhooks.DeliveriesReplayed | NotFoundRecord | InvalidInputRecord]:
        return webhooks.replay(info.context, input.sequences)

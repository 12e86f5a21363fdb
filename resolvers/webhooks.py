"""A hospital's webhook, for its managers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from datasources.sql.hospital_webhook import DeliveryState, HospitalWebhook, HospitalWebhooks, WebhookDeliveries
from domain.hospitals import webhooks
from domain.hospitals.delivering import Postman
from domain.hospitals.events import HospitalEvent, event_of
from domain.page import Page, page_of
from domain.paging import bad_cursor, decode_cursor, encode_cursor, page_size
from domain.permissions import Permission
from domain.problems import InvalidInput, NotFound
from resolvers.audit import actor
from resolvers.context import RequestContext
from resolvers.staff_callers import managed_hospital

_LIST = "webhookDeliveries"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event on its way."""

    event: HospitalEvent
    state: DeliveryState
    attempts: int
    next_at: datetime | None
    last_status: int | None
    last_fault: str
    settled_at: datetime | None


async def own_webhook(context: RequestContext) -> HospitalWebhook | None:
    """The webhook of the caller's hospital."""
    hospital_code = _hospital(context)
    async with context.stores.sql.read() as session:
        return await HospitalWebhooks(session).get(hospital_code)


async def deliveries(
    context: RequestContext, state: DeliveryState | None, *, first: int, after: str | None
) -> Page[Delivery]:
    """Deliveries to the webhook of the caller's hospital, the latest event first."""
    hospital_code, size = _hospital(context), page_size(first)
    keys = decode_cursor(_LIST, after, 1)
    if keys is not None and not (keys[0].isascii() and keys[0].isdecimal() and len(keys[0]) <= 18):
        raise bad_cursor(_LIST)
    async with context.stores.sql.read() as session:
        found = await WebhookDeliveries(session).page(
            hospital_code, state, None if keys is None else int(keys[0]), size + 1
        )
    shown = [
        Delivery(
            event_of(row),
            DeliveryState(each.state),
            each.attempts,
            each.next_at if each.state == DeliveryState.WAITING else None,
            each.last_status,
            each.last_fault,
            each.settled_at,
        )
        for each, row in found
    ]

    async def count() -> int:
        return await count_deliveries(context, hospital_code, state)

    return page_of(
        shown,
        size,
        continued=keys is not None,
        cursor=lambda delivery: encode_cursor(_LIST, [str(delivery.event.sequence)]),
        count=count,
    )


async def waiting_count(context: RequestContext, webhook: HospitalWebhook) -> int:
    """How many events wait."""
    return await count_deliveries(context, webhook.hospital_code, DeliveryState.WAITING)


async def dead_count(context: RequestContext, webhook: HospitalWebhook) -> int:
    """How many were given up."""
    return await count_deliveries(context, webhook.hospital_code, DeliveryState.DEAD)


async def count_deliveries(context: RequestContext, hospital_code: str, state: DeliveryState | None) -> int:
    """How many deliveries of the hospital are in this state."""
    async with context.stores.sql.read() as session:
        return await WebhookDeliveries(session).count(hospital_code, state)


async def set_webhook(context: RequestContext, url: str) -> webhooks.WebhookSet | InvalidInput:
    """Have this URL called."""
    return await webhooks.set_webhook(_postman(context), _hospital(context), url.strip(), actor(context))


async def rotate_secret(
    context: RequestContext, overlap_hours: int
) -> webhooks.SecretRotated | NotFound | InvalidInput:
    """Give the webhook a new secret."""
    return await webhooks.rotate_secret(_postman(context), _hospital(context), overlap_hours, actor(context))


async def remove(context: RequestContext, url: str) -> webhooks.WebhookRemoved | NotFound:
    """Call this URL no more."""
    return await webhooks.remove_webhook(_postman(context), _hospital(context), url, actor(context))


async def ping(context: RequestContext, url: str) -> webhooks.WebhookPinged | NotFound:
    """Try the webhook."""
    return await webhooks.ping_webhook(_postman(context), _hospital(context), url, actor(context))


async def replay(
    context: RequestContext, sequences: Sequence[int] | None
) -> webhooks.DeliveriesReplayed | NotFound | InvalidInput:
    """Have dead deliveries sent again."""
    return await webhooks.replay_deliveries(_postman(context), _hospital(context), sequences, actor(context))


def _hospital(context: RequestContext) -> str:
    return managed_hospital(context, Permission.EDIT_OWN_INTEGRATION)


def _postman(context: RequestContext) -> Postman:
    return Postman(context.stores.sql, context.ring, context.webhooks, context.clock)

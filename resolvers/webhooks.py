"""A hospital's webhook, for its managers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from datasources.sql.hospital_webhook import DeliveryState, HospitalWebhook, HospitalWebhooks, WebhookDeliveries
from domain.hospitals import webhooks
from domain.hospitals.delivering import Postman
from domain.hospitals.events import HospitalEvent, event_of
from domain.page import Page
from domain.permissions import Permission
from domain.problems import InvalidInput, NotFound
from resolvers.audit import actor
from resolvers.context import RequestContext
from resolvers.listing import by_number, sql_page
from resolvers.staff_callers import managed_hospital


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
    hospital_code = _hospital(context)

    async def read(session: AsyncSession, behind: int | None, limit: int) -> list[Delivery]:
        found = await WebhookDeliveries(session).page(hospital_code, state, behind, limit)
        return [
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

    return await sql_page(
        context,
        by_number("webhookDeliveries", lambda delivery: delivery.event.sequence),
        first,
        after,
        read=read,
        count=lambda session: WebhookDeliveries(session).count(hospital_code, state),
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

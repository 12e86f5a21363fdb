"""Bringing events to hospitals' webhooks: at least once each, in order for each order, by one worker per hospital.

No transaction is open while a hospital is called. Who dies between the call and its note calls once more: hospitals
know an event by its id and sequence.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from datasources.hospitals.webhook_sender import AT_ONCE, Line, Posted, WebhookSender
from datasources.sealing import KeyRing
from datasources.sql.database import Database
from datasources.sql.hospital_event import HospitalEventRow, HospitalEvents
from datasources.sql.hospital_webhook import (
    DeliveryState,
    HospitalWebhook,
    HospitalWebhooks,
    WebhookDeliveries,
    WebhookDelivery,
)
from domain.clock import Clock
from domain.hospitals.events import event_of
from domain.hospitals.webhook_body import event_body
from domain.hospitals.webhook_retries import LIVES, hospital_resumes, next_try
from domain.hospitals.webhook_secrets import secrets_in_force
from domain.hospitals.webhook_signature import signed_headers

BATCH = 40
MOST_HOSPITALS = 200
HOSPITALS_AT_ONCE = 8
ROUNDS = 5
"""Batches for one hospital in one run; a hospital with more keeps its turn for the next run."""
LEASE = timedelta(minutes=5)
"""Longer than so many batches of calls that all time out."""

Due = Sequence[tuple[WebhookDelivery, HospitalEventRow]]


@dataclass(frozen=True, slots=True)
class Postman:
    """What delivering works with."""

    sql: Database
    ring: KeyRing
    sender: WebhookSender
    clock: Clock


async def deliver_due(postman: Postman) -> int:
    """Deliver what waits for any hospital; how many events were taken."""
    async with postman.sql.read() as session:
        hospitals = await HospitalWebhooks(session).with_work(postman.clock(), MOST_HOSPITALS)
    turn = asyncio.Semaphore(HOSPITALS_AT_ONCE)

    async def in_turn(hospital_code: str) -> int:
        async with turn:
            return await deliver_to(postman, hospital_code)

    return sum(await asyncio.gather(*(in_turn(code) for code in hospitals)))


async def deliver_to(postman: Postman, hospital_code: str) -> int:
    """Deliver what waits for this hospital, unless another worker does; how many events were taken."""
    now = postman.clock()
    async with postman.sql.unit_of_work() as session:
        webhook = await HospitalWebhooks(session).lease(hospital_code, now, until := now + LEASE)
    if webhook is None:
        return 0
    taken = 0
    try:
        async with postman.sender.line() as line:
            for _ in range(ROUNDS):
                count = await _deliver_some(postman, line, webhook)
                if count is None:
                    break
                taken += count
    finally:
        async with postman.sql.unit_of_work() as session:
            await HospitalWebhooks(session).release(hospital_code, until)
    return taken


async def _deliver_some(postman: Postman, line: Line, webhook: HospitalWebhook) -> int | None:
    """How many were taken; None: there is nothing more to do now."""
    due = await _due(postman, webhook)
    if not due:
        return None
    keys = secrets_in_force(postman.ring, webhook, postman.clock())
    turn = asyncio.Semaphore(AT_ONCE)

    async def post(delivery: WebhookDelivery, row: HospitalEventRow) -> Posted:
        async with turn:
            body = event_body(str(delivery.id), event_of(row))
            return await line.post(webhook.url, body, signed_headers(str(delivery.id), postman.clock(), body, keys))

    posted = await asyncio.gather(*(post(*each) for each in due))
    now = postman.clock()
    taken = sum(each.is_taken for each in posted)
    async with postman.sql.unit_of_work() as session:
        deliveries = WebhookDeliveries(session)
        for (delivery, _), each in zip(due, posted, strict=True):
            await deliveries.settle(delivery.id, _settled(delivery, each, now))
        faults = [each.fault for each in posted if not each.is_taken]
        webhook.failures = 0 if taken else webhook.failures + 1
        values: dict[str, object] = {"failures": webhook.failures, "resume_at": None}
        if taken:
            values["last_delivered_at"] = now
        else:
            values["resume_at"] = hospital_resumes(webhook.failures, now)
        if faults:
            values |= {"last_failed_at": now, "last_fault": faults[-1]}
        await HospitalWebhooks(session).change(webhook.hospital_code, values)
    return taken or None


async def _due(postman: Postman, webhook: HospitalWebhook) -> Due:
    now = postman.clock()
    async with postman.sql.read() as session:
        last = await HospitalEvents(session).number(webhook.hospital_code)
    async with postman.sql.unit_of_work() as session:
        deliveries = WebhookDeliveries(session)
        if last > webhook.queued_sequence:
            await deliveries.queue(webhook.hospital_code, webhook.queued_sequence, last, now, now + LIVES)
            await HospitalWebhooks(session).change(webhook.hospital_code, {"queued_sequence": last})
            webhook.queued_sequence = last
        # A hospital that took nothing the last time is asked with one event alone.
        return await deliveries.due(webhook.hospital_code, now, 1 if webhook.failures else BATCH)


def _settled(delivery: WebhookDelivery, posted: Posted, now: datetime) -> dict[str, object]:
    tried = {"attempts": delivery.attempts + 1, "last_status": posted.status, "last_fault": posted.fault}
    if posted.is_taken:
        return tried | {"state": DeliveryState.DELIVERED, "settled_at": now}
    again = next_try(delivery.attempts + 1, now)
    if again > delivery.dies_at:
        return tried | {"state": DeliveryState.DEAD, "settled_at": now}
    return tried | {"next_at": again}

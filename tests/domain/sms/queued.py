"""Messages to send, made for tests."""

import secrets
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from pydantic import SecretStr

from datasources.sealing import KeyRing
from datasources.sql.sms_message import SmsKind, SmsMessage
from datasources.stores import Stores
from domain.sms.queueing import QueuedSms, Sms, queue_sms
from tests.browser import new_phone

RING = KeyRing.of(bytes(range(32)))
NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
"""10:00 in the platform's zone."""


def sms(kind: SmsKind = SmsKind.NOTICE, **changes: Any) -> Sms:
    """A message to a number of its own that expires in an hour."""
    fields: dict[str, Any] = {
        "phone": SecretStr(new_phone()),
        "text": SecretStr(f"【HTBooking】{secrets.token_hex(8)}"),
        "expires_at": NOW + timedelta(hours=1),
        **changes,
    }
    return Sms(kind, **fields)


async def queued(stores: Stores, message: Sms, *, ring: KeyRing = RING, now: datetime = NOW) -> QueuedSms:
    """Queue it in a transaction of its own."""
    async with stores.sql.unit_of_work() as session:
        return await queue_sms(session, ring, message, now)


async def row(stores: Stores, id: UUID) -> SmsMessage:
    """What stands in the table."""
    async with stores.sql.read() as session:
        found = await session.get(SmsMessage, id)
    assert found is not None
    return found

"""Changes that people may be watching, and how they are written on Redis channels: one line of JSON for each.

A line says where something changed, not what it is now: whoever watches reads that from the database.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple
from uuid import UUID

import orjson

from datasources.hints import Hint, joined
from datasources.sql.slot_ledger import HalfDay


class SlotChange(NamedTuple):
    """What is left of a session, or its state, date or place, changed; for a move, one for each place."""

    hospital_code: str
    department_code: str
    visit_date: date
    schedule_id: str


class CatalogueChange(NamedTuple):
    """Something of a hospital's catalogue changed: its booking rule, its departments or its sessions' texts."""

    hospital_code: str


class OrderChange(NamedTuple):
    """An order of this user was made or changed."""

    user_id: UUID
    order_id: UUID


class HospitalChange(NamedTuple):
    """There is something that the hospital has to learn of its orders."""

    hospital_code: str


class QueueChange(NamedTuple):
    """The queue of a department's half-day moved."""

    hospital_code: str
    department_code: str
    visit_date: date
    half_day: HalfDay


class SmsChange(NamedTuple):
    """A text message of this kind waits to be sent, or one may go out that might not before."""

    kind: str


class NotificationChange(NamedTuple):
    """This account, of whatever kind, was told something in the app, or has read it."""

    recipient_id: UUID


Change = SlotChange | CatalogueChange | OrderChange | HospitalChange | QueueChange | SmsChange | NotificationChange

SLOTS = "live:slots"
CATALOGUE = "live:catalogue"
ORDERS = "live:orders"
HOSPITAL = "live:hospital"
QUEUE = "live:queue"
SMS = "live:sms"
NOTIFICATIONS = "live:notifications"
CHANNELS = (SLOTS, CATALOGUE, ORDERS, HOSPITAL, QUEUE, SMS, NOTIFICATIONS)

_CHANNEL_OF: dict[type[Change], str] = {
    SlotChange: SLOTS,
    CatalogueChange: CATALOGUE,
    OrderChange: ORDERS,
    HospitalChange: HOSPITAL,
    QueueChange: QUEUE,
    SmsChange: SMS,
    NotificationChange: NOTIFICATIONS,
}


def channel_of(change: Change) -> str:
    """The channel that the change is told on."""
    return _CHANNEL_OF[type(change)]


def line_of(change: Change) -> bytes:
    """The change as a line for its channel."""
    # The driver's UUID is a subclass, which orjson does not take for one.
    return orjson.dumps(tuple(change), default=str)


def hints_of(changes: Iterable[Change]) -> list[Hint]:
    """The messages that tell of these changes, each change once."""
    lines: dict[str, dict[bytes, None]] = {}
    for change in changes:
        lines.setdefault(channel_of(change), {})[line_of(change)] = None
    return [hint for channel, of_channel in lines.items() for hint in joined(channel, of_channel)]


def changes_in(channel: str, message: bytes) -> Sequence[Change]:
    """The changes in a message. Raises ValueError for what nobody of this release has written."""
    try:
        rows = [orjson.loads(line) for line in message.split(b"\n")]
        return [_change(channel, row) for row in rows]
    except TypeError as error:
        raise ValueError("not a change") from error


def _change(channel: str, row: list[str]) -> Change:
    if channel == SLOTS:
        hospital_code, department_code, day, schedule_id = row
        return SlotChange(hospital_code, department_code, date.fromisoformat(day), schedule_id)
    if channel == CATALOGUE:
        (hospital_code,) = row
        return CatalogueChange(hospital_code)
    if channel == ORDERS:
        user_id, order_id = row
        return OrderChange(UUID(user_id), UUID(order_id))
    if channel == HOSPITAL:
        (hospital_code,) = row
        return HospitalChange(hospital_code)
    if channel == QUEUE:
        hospital_code, department_code, day, half_day = row
        return QueueChange(hospital_code, department_code, date.fromisoformat(day), HalfDay(half_day))
    if channel == SMS:
        (kind,) = row
        return SmsChange(kind)
    if channel == NOTIFICATIONS:
        (recipient_id,) = row
        return NotificationChange(UUID(recipient_id))
    raise ValueError("not a channel of changes")

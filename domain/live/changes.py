"""Telling whoever watches that something changed. Nothing rests on it: who misses it reads the state again.

The `note_…` functions are called inside a unit of work, before its commit; they speak after it, all that one
transaction noted in one round trip. `publish_changes` is for a change that has been committed without a unit of work.
"""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from datasources.hints import RedisHints, note_line
from datasources.live.changes import (
    CatalogueChange,
    Change,
    HospitalChange,
    NotificationChange,
    OrderChange,
    QueueChange,
    SmsChange,
    channel_of,
    hints_of,
    line_of,
)
from datasources.live.changes import (
    SlotChange as SlotChange,
)
from datasources.sql.slot_ledger import HalfDay
from datasources.stores import Stores


def note_slot_change(
    session: AsyncSession, hospital_code: str, department_code: str, visit_date: date, schedule_id: str
) -> None:
    """What is left of a session, or its state, changes with this transaction."""
    _note(session, SlotChange(hospital_code, department_code, visit_date, schedule_id))


def note_slot_changes(session: AsyncSession, changes: Sequence[SlotChange]) -> None:
    """The same of many sessions. A session that moves is named in both its places."""
    for change in changes:
        _note(session, change)


def note_catalogue_change(session: AsyncSession, hospital_code: str) -> None:
    """The hospital's rule, departments or texts have changed in the catalogue."""
    _note(session, CatalogueChange(hospital_code))


def note_order_change(session: AsyncSession, user_id: UUID, order_id: UUID) -> None:
    """An order of this user is made or changes with this transaction."""
    _note(session, OrderChange(user_id, order_id))


def note_hospital_change(session: AsyncSession, hospital_code: str) -> None:
    """A step of one of the hospital's orders is taken with this transaction."""
    _note(session, HospitalChange(hospital_code))


def note_queue_change(
    session: AsyncSession, hospital_code: str, department_code: str, visit_date: date, half_day: HalfDay
) -> None:
    """The queue of a department's half-day moves with this transaction."""
    _note(session, QueueChange(hospital_code, department_code, visit_date, half_day))


def note_sms_change(session: AsyncSession, kind: str) -> None:
    """A text message of this kind can be sent once this transaction has committed."""
    _note(session, SmsChange(kind))


def note_notification_change(session: AsyncSession, recipient_id: UUID) -> None:
    """An account is told something in the app, or reads it, with this transaction."""
    _note(session, NotificationChange(recipient_id))


async def publish_changes(stores: Stores, changes: Sequence[Change]) -> None:
    """Tell of changes that are committed already, in one round trip to Redis. Raises nothing."""
    hints = hints_of(changes)
    if hints:
        await RedisHints(stores.redis).send(hints)


def _note(session: AsyncSession, change: Change) -> None:
    note_line(session, channel_of(change), line_of(change))

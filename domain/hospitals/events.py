"""What a hospital learns of its orders: numbered events, read from any of them on, none left out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import Any
from uuid import UUID

from datasources.sql.booking_order import OrderState
from datasources.sql.database import Database
from datasources.sql.hospital_event import HospitalEventRow, HospitalEvents
from datasources.sql.slot_ledger import HalfDay
from domain.booking.order_states import OrderStep
from domain.money import Money
from domain.paging import bad_cursor, decode_cursor, encode_cursor

KEPT = timedelta(days=90)
"""A hospital that was away for longer lists its orders instead."""
FORGOTTEN_AT_ONCE = 5_000

_LIST = "hospitalEventLog"
_PLACED = "PLACED"


class HospitalEventKind(StrEnum):
    """What happened to an order."""

    ORDER_PLACED = "ORDER_PLACED"
    ORDER_CONFIRMED = "ORDER_CONFIRMED"
    ORDER_REJECTED = "ORDER_REJECTED"
    ORDER_PAID = "ORDER_PAID"
    ORDER_EXPIRED = "ORDER_EXPIRED"
    ORDER_CANCELLED = "ORDER_CANCELLED"
    ORDER_WITHDRAWN = "ORDER_WITHDRAWN"
    ORDER_RESCHEDULED = "ORDER_RESCHEDULED"
    ORDER_CHECKED_IN = "ORDER_CHECKED_IN"
    ORDER_COMPLETED = "ORDER_COMPLETED"
    ORDER_MISSED = "ORDER_MISSED"
    ORDER_EXCUSED = "ORDER_EXCUSED"
    ORDER_REFUNDED = "ORDER_REFUNDED"


_K = HospitalEventKind
KIND_OF: Mapping[str, HospitalEventKind] = MappingProxyType(
    {
        _PLACED: _K.ORDER_PLACED,
        OrderStep.CONFIRM: _K.ORDER_CONFIRMED,
        OrderStep.CONFIRM_FREE: _K.ORDER_CONFIRMED,
        OrderStep.REJECT: _K.ORDER_REJECTED,
        OrderStep.PAY: _K.ORDER_PAID,
        OrderStep.LAPSE: _K.ORDER_EXPIRED,
        OrderStep.LAPSE_PAID: _K.ORDER_EXPIRED,
        OrderStep.CANCEL: _K.ORDER_CANCELLED,
        OrderStep.CANCEL_PAID: _K.ORDER_CANCELLED,
        OrderStep.WITHDRAW: _K.ORDER_WITHDRAWN,
        OrderStep.WITHDRAW_PAID: _K.ORDER_WITHDRAWN,
        OrderStep.RESCHEDULE: _K.ORDER_RESCHEDULED,
        OrderStep.RESCHEDULE_OWING: _K.ORDER_RESCHEDULED,
        OrderStep.CHECK_IN: _K.ORDER_CHECKED_IN,
        OrderStep.COMPLETE: _K.ORDER_COMPLETED,
        OrderStep.MISS: _K.ORDER_MISSED,
        OrderStep.EXCUSE: _K.ORDER_EXCUSED,
        OrderStep.REFUND: _K.ORDER_REFUNDED,
    }
)
"""The steps of an order, as hospitals are told of them."""


@dataclass(frozen=True, slots=True)
class HospitalEvent:
    """One of a hospital's events. What it says of the order is how this step left it, not how it is now."""

    hospital_code: str
    sequence: int
    kind: HospitalEventKind
    at: datetime
    by: str
    """Who did it: `user`, `staff`, `hospital_system` or `system`."""
    reason: str
    order_id: UUID
    facts: Mapping[str, Any]

    @property
    def cursor(self) -> str:
        """What to go on behind."""
        return encode_cursor(_LIST, [str(self.sequence)])

    @property
    def order_number(self) -> str:
        """Sixteen digits."""
        return str(self.facts["order_number"])

    @property
    def state(self) -> OrderState:
        """Where the order stood."""
        return OrderState(self.facts["state"])

    @property
    def department_code(self) -> str:
        """The hospital's own code."""
        return str(self.facts["department_code"])

    @property
    def external_id(self) -> str:
        """The hospital's own id of the session."""
        return str(self.facts["external_id"])

    @property
    def date(self) -> date:
        """Date of the visit."""
        return date.fromisoformat(self.facts["visit_date"])

    @property
    def half_day(self) -> HalfDay:
        """Morning or afternoon."""
        return HalfDay(self.facts["half_day"])

    @property
    def number(self) -> int:
        """The place in the session."""
        return int(self.facts["number"])

    @property
    def fee(self) -> Money:
        """What the number costs."""
        return Money(Decimal(self.facts["fee"]))

    @property
    def paid(self) -> Money:
        """What had been received and not given back."""
        return Money(Decimal(self.facts["paid"]))


def sequence_behind(cursor: str | None) -> int:
    """The number in a cursor; 0 without one. Refused (BAD_CURSOR) for what this list never gave out."""
    keys = decode_cursor(_LIST, cursor, 1)
    if keys is None:
        return 0
    if not (keys[0].isascii() and keys[0].isdecimal()) or len(keys[0]) > 18:
        raise bad_cursor(_LIST)
    return int(keys[0])


async def events_behind(database: Database, hospital_code: str, after: int, limit: int) -> Sequence[HospitalEvent]:
    """The hospital's events behind this number, in order. Refused (BAD_CURSOR) for a number that none has yet."""
    async with database.read() as session:
        events = HospitalEvents(session)
        if after > await events.number(hospital_code):
            raise bad_cursor(_LIST)
        return [event_of(row) for row in await events.behind(hospital_code, after, limit)]


async def count_events(database: Database, hospital_code: str) -> int:
    """How many of the hospital's events are kept."""
    async with database.read() as session:
        events = HospitalEvents(session)
        await events.number(hospital_code)
        return await events.count(hospital_code)


async def forget_old_events(database: Database, now: datetime) -> int:
    """Delete some events whose time is over; how many."""
    async with database.unit_of_work() as session:
        return await HospitalEvents(session).forget_before(now - KEPT, FORGOTTEN_AT_ONCE)


def event_of(row: HospitalEventRow) -> HospitalEvent:
    """The event that a numbered row tells of."""
    assert row.sequence is not None, "it was read by its number"
    return HospitalEvent(
        hospital_code=row.hospital_code,
        sequence=row.sequence,
        kind=KIND_OF[row.step],
        at=row.at,
        by=row.actor_kind,
        reason=row.reason,
        order_id=row.order_id,
        facts=row.facts,
    )

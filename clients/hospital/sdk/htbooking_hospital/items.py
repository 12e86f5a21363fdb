"""What a hospital pushes. Values that are left out keep the platform's defaults.

Each class names the graph's input of the same shape; a mapping with the graph's own names can be pushed in its place,
values as an older system holds them.
"""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date as Date  # noqa: N812 - a field has the name
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import Any


class HalfDay(str, Enum):
    """When in the day a session is."""

    AM = "AM"
    PM = "PM"


class ScheduleStatus(str, Enum):
    """Whether a session can be booked."""

    BOOKABLE = "BOOKABLE"
    CLOSED = "CLOSED"
    """Not for sale (停约); orders stay."""
    WITHDRAWN = "WITHDRAWN"
    """Does not take place (停诊): its orders end, and the paid ones are given their money back."""


@dataclass(frozen=True)
class BookingRule:
    """When numbers go on sale, and until when they can be taken and given back; times are `HH:MM`."""

    cycle: int | None = None
    """Dates shown in the calendar, today included."""
    release_time: str | None = None
    stop_time: str | None = None
    quit_day: int | None = None
    """0 the day of the visit, -1 the day before."""
    quit_time: str | None = None
    rules: Sequence[str] | None = None
    """Lines of text for patients."""


@dataclass(frozen=True)
class Hospital:
    """The hospital's own entry."""

    name: str
    code: str | None = None
    """To be sure that the key is the right one."""
    level: str | None = None
    """A value of the dictionary's HospitalType, such as `3A`."""
    region_code: str | None = None
    """GB/T 2260 with 2, 4 or 6 digits."""
    address: str | None = None
    introduction: str | None = None
    route: str | None = None
    phone: str | None = None
    logo: bytes | None = None
    """A PNG, JPEG, WebP or GIF file's bytes."""
    booking_rule: BookingRule | None = None
    booking_rule_text: str | None = None
    """The rule as an older system holds it, used when `booking_rule` is left out."""


@dataclass(frozen=True)
class Department:
    """A department, by the hospital's own code."""

    code: str
    name: str
    parent_code: str | None = None
    introduction: str | None = None
    address: str | None = None
    position: int | None = None


@dataclass(frozen=True)
class Doctor:
    """A doctor, by the hospital's own code."""

    code: str
    name: str
    title: str | None = None
    skill: str | None = None
    introduction: str | None = None
    department_codes: Sequence[str] | None = None


@dataclass(frozen=True)
class ScheduleSlice:
    """A part of a half-day: so many numbers, in their order, whose holders are wanted from this time on."""

    starts_at: str
    """`HH:MM`, in the platform's zone."""
    numbers: int


@dataclass(frozen=True)
class Schedule:
    """A session: one doctor, one date, one half-day. A second push replaces the first wholly."""

    external_id: str
    """The hospital's own id of it."""
    department_code: str
    date: Date | str
    half_day: HalfDay | str
    capacity: int
    fee: Decimal | str
    """In yuan, two decimals at most. Never a float: 9.67 has none."""
    available: int | None = None
    """How many the hospital counts as still free; left out, all."""
    status: ScheduleStatus | str | None = None
    doctor_code: str | None = None
    doctor_name: str | None = None
    doctor_title: str | None = None
    skill: str | None = None
    notice: str | None = None
    fetch_address: str | None = None
    slices: Sequence[ScheduleSlice] | None = None
    """How the half-day is cut, in the order of their times; numbers beyond the last belong to it."""


Item = Hospital | Department | Doctor | Schedule | Mapping[str, Any]


def as_input(item: Item | BookingRule | ScheduleSlice) -> Mapping[str, Any]:
    """The item with the graph's names; a mapping stays as it is."""
    if isinstance(item, Mapping):
        return item
    named = {graph_name(each.name): getattr(item, each.name) for each in fields(item)}
    return {name: as_json(value) for name, value in named.items() if value is not None}


def as_json(value: object) -> Any:
    """A value as JSON carries it."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, (BookingRule, ScheduleSlice)):
        return dict(as_input(value))
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    if isinstance(value, datetime) and value.tzinfo is None:
        raise ValueError(f"{value} has no offset: give it its time zone")
    if isinstance(value, Date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, float):
        raise TypeError(f"{value!r} is a float, which has no exact decimals: give money as text or Decimal")
    return [as_json(each) for each in value] if isinstance(value, Sequence) and not isinstance(value, str) else value


def graph_name(name: str) -> str:
    """`half_day` is the graph's `halfDay`."""
    first, *others = name.split("_")
    return first + "".join(part.capitalize() for part in others)

"""When the holder of a number is wanted, where the hospital cuts a half-day into slices.

A slice is kept as `[time, numbers]`: so many numbers, in their order, are wanted from this time on. Numbers beyond the
last slice belong to it.
"""

from collections.abc import Sequence
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from datasources.sql.booking_order import BookingOrder

Slice = tuple[str, int]

SLICES = "slices"
"""The name under which an order keeps those of its session among its texts."""


def fetch_time(slices: Sequence[Slice], number: int, visit_date: date, zone: ZoneInfo) -> datetime | None:
    """The beginning of the number's slice; None where the half-day is not sliced."""
    if not slices:
        return None
    begins, last = slices[0][0], 0
    for at, numbers in slices:
        if number <= last:
            break
        begins, last = at, last + numbers
    return datetime.combine(visit_date, time.fromisoformat(begins), zone)


def fetch_time_of(order: BookingOrder, zone: ZoneInfo) -> datetime | None:
    """When the order's holder is wanted: as the hospital answered for this order, or else by its session's slices."""
    return order.fetch_time or fetch_time(order.texts.get(SLICES, ()), order.number, order.visit_date, zone)

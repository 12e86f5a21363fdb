"""When each number's holder is wanted."""

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from domain.booking.fetch_times import Slice, fetch_time

SLICES: list[Slice] = [("08:00", 2), ("08:30", 3), ("09:15", 1)]


@pytest.mark.parametrize(
    ("number", "at"),
    [(1, "08:00"), (2, "08:00"), (3, "08:30"), (5, "08:30"), (6, "09:15"), (7, "09:15"), (500, "09:15")],
)
def test_a_number_is_wanted_when_its_slice_begins_and_the_last_takes_the_rest(number: int, at: str) -> None:
    wanted = fetch_time(SLICES, number, date(2026, 11, 25), ZoneInfo("Asia/Shanghai"))
    assert wanted is not None
    assert wanted.isoformat() == f"2026-11-25T{at}:00+08:00"


def test_where_nothing_is_sliced_nobody_has_a_time() -> None:
    assert fetch_time([], 1, date(2026, 11, 25), ZoneInfo("Asia/Shanghai")) is None

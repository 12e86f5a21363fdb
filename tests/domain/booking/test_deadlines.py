"""Until when what is possible, to the second and across the ends of months."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from datasources.mongo.documents import BookingRule
from datasources.sql.slot_ledger import HalfDay
from domain.booking.deadlines import cancel_until, half_day_ends, is_quiet, pay_until
from domain.booking.policy import BookingPolicy

SHANGHAI = BookingPolicy(ZoneInfo("Asia/Shanghai"))
URUMQI = BookingPolicy(ZoneInfo("Asia/Urumqi"))


@pytest.mark.parametrize(
    ("quit_day", "quit_time", "visit", "until"),
    [
        (-1, "15:30", date(2026, 11, 25), "2026-11-24T15:30:00+08:00"),
        (-1, "15:30", date(2026, 12, 1), "2026-11-30T15:30:00+08:00"),
        (-1, "15:30", date(2027, 1, 1), "2026-12-31T15:30:00+08:00"),
        (-1, "15:30", date(2027, 3, 1), "2027-02-28T15:30:00+08:00"),
        (-1, "15:30", date(2028, 3, 1), "2028-02-29T15:30:00+08:00"),
        (0, "08:00", date(2026, 11, 25), "2026-11-25T08:00:00+08:00"),
        (0, "00:00", date(2026, 12, 1), "2026-12-01T00:00:00+08:00"),
        (-3, "23:59", date(2026, 12, 2), "2026-11-29T23:59:00+08:00"),
        (-30, "12:00", date(2027, 1, 15), "2026-12-16T12:00:00+08:00"),
    ],
)
def test_a_number_may_be_given_back_until_the_rules_moment(
    quit_day: int, quit_time: str, visit: date, until: str
) -> None:
    rule = BookingRule(quit_day=quit_day, quit_time=quit_time)

    found = cancel_until(rule, visit, SHANGHAI)

    assert found == datetime.fromisoformat(until)
    assert found.isoformat() == until


def test_the_moment_is_one_of_the_platforms_zone() -> None:
    rule = BookingRule(quit_day=-1, quit_time="15:30")

    assert cancel_until(rule, date(2026, 12, 1), URUMQI).astimezone(UTC) == datetime(2026, 11, 30, 9, 30, tzinfo=UTC)


def test_an_order_waits_for_its_payment_and_never_past_its_half_day() -> None:
    morning = datetime(2026, 11, 20, 11, 50, tzinfo=SHANGHAI.zone)

    assert pay_until(date(2026, 11, 21), HalfDay.AM, morning, SHANGHAI) == morning + SHANGHAI.payment_time
    assert pay_until(date(2026, 11, 20), HalfDay.AM, morning, SHANGHAI) == morning.replace(hour=12, minute=0)
    assert pay_until(date(2026, 11, 20), HalfDay.PM, morning, SHANGHAI) == morning + SHANGHAI.payment_time


def test_a_half_day_ends_on_its_own_date() -> None:
    assert half_day_ends(date(2026, 11, 30), HalfDay.AM, SHANGHAI).isoformat() == "2026-11-30T12:00:00+08:00"
    assert half_day_ends(date(2026, 11, 30), HalfDay.PM, SHANGHAI).isoformat() == "2026-11-30T18:00:00+08:00"


@pytest.mark.parametrize(
    ("clock", "quiet"),
    [(time(21, 59, 59), False), (time(22), True), (time(0), True), (time(6, 59, 59), True), (time(7), False)],
)
def test_nobody_is_disturbed_at_night(clock: time, quiet: bool) -> None:
    assert is_quiet(datetime.combine(date(2026, 11, 20), clock, SHANGHAI.zone), SHANGHAI) is quiet

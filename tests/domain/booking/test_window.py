"""The booking window: which dates are shown, which one is coming, when today ends."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.booking.window import DayPhase, WindowRule, window_day, window_days

SHANGHAI = ZoneInfo("Asia/Shanghai")
RULE = WindowRule(cycle=10, release_time=time(8, 30), stop_time=time(11, 30))


def days_at(clock: str, day: date = date(2026, 11, 21), rule: WindowRule = RULE) -> list[tuple[int, DayPhase]]:
    """Offsets from today and phases at a time of the platform's day, asked from a server in another zone."""
    now = datetime.combine(day, time.fromisoformat(clock), SHANGHAI).astimezone(UTC)
    return [((shown.date - day).days, shown.phase) for shown in window_days(rule, now, SHANGHAI)]


@pytest.mark.parametrize("clock", ["00:00:00", "08:29:00", "08:30:00"])
def test_until_the_release_the_last_of_ten_dates_is_coming(clock: str) -> None:
    shown = days_at(clock)
    assert [offset for offset, _ in shown] == list(range(10))
    assert [phase for _, phase in shown] == [DayPhase.OPEN] * 9 + [DayPhase.COMING]


@pytest.mark.parametrize("clock", ["08:30:01", "08:30:00.000001", "11:30:00"])
def test_after_the_release_one_more_date_is_shown_and_coming(clock: str) -> None:
    shown = days_at(clock)
    assert [offset for offset, _ in shown] == list(range(11))
    assert [phase for _, phase in shown] == [DayPhase.OPEN] * 10 + [DayPhase.COMING]


@pytest.mark.parametrize("clock", ["11:30:01", "23:59:59"])
def test_past_the_stop_time_today_is_closed_and_tomorrow_is_not(clock: str) -> None:
    shown = days_at(clock)
    assert shown[0] == (0, DayPhase.CLOSED)
    assert shown[1] == (1, DayPhase.OPEN)


@pytest.mark.parametrize("day", [date(2026, 2, 25), date(2028, 2, 25), date(2026, 12, 28), date(2026, 4, 30)])
def test_the_window_crosses_months_and_years_without_a_gap(day: date) -> None:
    now = datetime.combine(day, time(9), SHANGHAI)
    dates = [shown.date for shown in window_days(RULE, now, SHANGHAI)]
    assert dates == [day + timedelta(days=offset) for offset in range(11)]


def test_the_coming_date_opens_at_the_next_release() -> None:
    before = datetime(2026, 11, 21, 8, 0, tzinfo=SHANGHAI)
    *_, last = window_days(RULE, before, SHANGHAI)
    assert last.opens_at == datetime(2026, 11, 21, 8, 30, tzinfo=SHANGHAI)
    *_, last = window_days(RULE, before + timedelta(hours=1), SHANGHAI)
    assert last.opens_at == datetime(2026, 11, 22, 8, 30, tzinfo=SHANGHAI)


def test_a_cycle_of_one_day_shows_today_and_after_its_release_tomorrow() -> None:
    rule = WindowRule(cycle=1, release_time=time(8, 30), stop_time=time(11, 30))
    assert days_at("08:00:00", rule=rule) == [(0, DayPhase.COMING)]
    assert days_at("09:00:00", rule=rule) == [(0, DayPhase.OPEN), (1, DayPhase.COMING)]


def test_the_zone_decides_which_day_is_today() -> None:
    late_in_london = datetime(2026, 11, 20, 23, 0, tzinfo=UTC)
    first = next(iter(window_days(RULE, late_in_london, SHANGHAI)))
    assert first.date == date(2026, 11, 21)


@given(
    now=st.datetimes(min_value=datetime(2024, 1, 1), max_value=datetime(2030, 1, 1)),  # noqa: DTZ001 - strategies take naive bounds
    cycle=st.integers(1, 90),
    release=st.times(),
    stop=st.times(),
)
def test_the_window_is_whole_and_agrees_with_its_days(now: datetime, cycle: int, release: time, stop: time) -> None:
    rule = WindowRule(cycle, release, stop)
    moment = now.replace(tzinfo=SHANGHAI)
    shown = list(window_days(rule, moment, SHANGHAI))
    assert len(shown) in (cycle, cycle + 1)
    assert [day.date for day in shown] == [now.date() + timedelta(days=offset) for offset in range(len(shown))]
    assert [day.phase for day in shown].count(DayPhase.COMING) == 1
    assert shown[-1].phase is DayPhase.COMING
    assert shown[-1].opens_at >= moment
    assert all(window_day(rule, day.date, moment, SHANGHAI) == day for day in shown)
    assert window_day(rule, now.date() - timedelta(days=1), moment, SHANGHAI) is None
    assert window_day(rule, now.date() + timedelta(days=len(shown)), moment, SHANGHAI) is None

"""Which dates of a hospital can be booked at a given moment (放号, 停挂)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo


class DayPhase(StrEnum):
    """Where a date stands in the booking window, whatever sessions it has."""

    OPEN = "OPEN"
    COMING = "COMING"
    CLOSED = "CLOSED"


@dataclass(frozen=True, slots=True)
class WindowRule:
    """The part of a hospital's booking rule that decides its window.

    `cycle` counts the dates shown, today included. Numbers of the next date are released at `release_time`;
    numbers of today are sold until `stop_time`.
    """

    cycle: int
    release_time: time
    stop_time: time


@dataclass(frozen=True, slots=True)
class WindowDay:
    """A date within the window. `opens_at` and `closes_at` carry the platform's zone."""

    date: date
    phase: DayPhase
    opens_at: datetime
    closes_at: datetime


def window_days(rule: WindowRule, now: datetime, zone: ZoneInfo) -> Iterator[WindowDay]:
    """The dates shown at `now`, in order: `cycle` of them, and one more once today's release has passed.

    The last one is COMING until its release; today is CLOSED once its stop time has passed. "Passed" means later
    than: at the very second of the release the date is still coming, at the very second of the stop it is still open.
    """
    local = now.astimezone(zone)
    released_today = local > datetime.combine(local.date(), rule.release_time, zone)
    for offset in range(rule.cycle + released_today):
        yield _day(rule, local.date() + timedelta(days=offset), local, zone)


def window_day(rule: WindowRule, day: date, now: datetime, zone: ZoneInfo) -> WindowDay | None:
    """One date as `window_days` would show it, or None when it is outside the window."""
    local = now.astimezone(zone)
    released_today = local > datetime.combine(local.date(), rule.release_time, zone)
    offset = (day - local.date()).days
    if not 0 <= offset < rule.cycle + released_today:
        return None
    return _day(rule, day, local, zone)


def _day(rule: WindowRule, day: date, local: datetime, zone: ZoneInfo) -> WindowDay:
    # A date enters the window as its last one and is released at that day's release time,
    # which is `cycle - 1` days before the visit.
    opens_at = datetime.combine(day - timedelta(days=rule.cycle - 1), rule.release_time, zone)
    closes_at = datetime.combine(day, rule.stop_time, zone)
    if local <= opens_at:
        phase = DayPhase.COMING
    elif local > closes_at:
        phase = DayPhase.CLOSED
    else:
        phase = DayPhase.OPEN
    return WindowDay(day, phase, opens_at, closes_at)

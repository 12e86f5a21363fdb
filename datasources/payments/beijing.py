"""Beijing time, in which both providers count their days and write their times, wherever the process runs."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, timezone

Clock = Callable[[], datetime]

ZONE = timezone(timedelta(hours=8), "Asia/Shanghai")
BILLS_ARE_MADE_BY = time(12)
"""Providers make the bill of a day until about ten on the next; by noon one that is missing has nothing in it."""

_FORMAT = "%Y-%m-%d %H:%M:%S"


def beijing_text(moment: datetime) -> str:
    """`2026-11-21 20:45:00`."""
    return moment.astimezone(ZONE).strftime(_FORMAT)


def moment_of_text(text: str) -> datetime:
    """The moment that such a text means, in UTC. Raises ValueError."""
    return datetime.strptime(text.strip(), _FORMAT).replace(tzinfo=ZONE).astimezone(UTC)


def bill_must_exist(day: date, now: datetime) -> bool:
    """Whether a day's bill, if it is not there by now, never will be."""
    made_by = datetime.combine(day + timedelta(days=1), BILLS_ARE_MADE_BY, ZONE)
    return now >= made_by

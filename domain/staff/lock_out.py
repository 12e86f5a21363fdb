"""When an account is locked because of wrong passwords, and for how long."""

from datetime import datetime, timedelta

TRIES = 5
"""Wrong tries in a row that lock an account, each time anew."""
FIRST_LOCK = timedelta(minutes=15)
LONGEST_LOCK = timedelta(hours=24)


def lock_after(failed_tries: int) -> timedelta | None:
    """How long the account is locked once this many tries in a row were wrong; None while it isn't.

    15 minutes after the fifth, 30 after the tenth, and twice as long after each further five, up to a day.
    """
    if failed_tries == 0 or failed_tries % TRIES:
        return None
    doublings = min(failed_tries // TRIES - 1, 16)
    return min(FIRST_LOCK * (1 << doublings), LONGEST_LOCK)


def seconds_until(end: datetime, now: datetime) -> int:
    """Whole seconds to wait, at least 1."""
    return max(1, -int((now - end).total_seconds() // 1))

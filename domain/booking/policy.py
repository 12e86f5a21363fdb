"""The platform's rules of booking that are settings: limits, deadlines and the hours of a visit."""

from dataclasses import dataclass
from datetime import time, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class BookingPolicy:
    """What holds on the whole platform; hospitals' own rules come from their booking rule.

    The defaults are those that Beijing's public platform prints.
    """

    zone: ZoneInfo
    payment_time: timedelta = timedelta(minutes=15)
    """How long an order waits for its payment."""
    most_per_week: int = 8
    most_per_month: int = 12
    most_per_quarter: int = 24
    """Visits of one person whose dates fall in one week (from Monday), month, or quarter."""
    bans: tuple[tuple[int, timedelta], ...] = ((3, timedelta(days=90)), (6, timedelta(days=180)))
    """So many no-shows in a calendar year bring a ban of so long."""
    slow_lane_after: int = 3
    """So many cancellations or lapses on one date, and the account's next order of that date needs a fresh code."""
    real_name_needed: bool = True
    """Whether only accounts that are known by real name may book."""
    waitlist_offer_time: timedelta = timedelta(minutes=30)
    most_waits: int = 3
    """Open waitlist entries per person."""
    quiet_from: time = time(22, 0)
    quiet_until: time = time(7, 0)
    """Between these, nobody is offered a place."""
    check_in_from: time = time(7, 0)
    morning_ends: time = time(12, 0)
    afternoon_ends: time = time(18, 0)
    """When the half-day closes: who hasn't checked in by then did not come."""

    @property
    def limits(self) -> dict[str, int]:
        """The limits per person as the ledger judges them."""
        return {"week": self.most_per_week, "month": self.most_per_month, "quarter": self.most_per_quarter}

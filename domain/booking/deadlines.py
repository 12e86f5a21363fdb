"""Until when what is possible: moments of one visit, in the platform's zone."""

from datetime import date, datetime, time, timedelta

from datasources.mongo.documents import BookingRule
from datasources.sql.slot_ledger import HalfDay
from domain.booking.policy import BookingPolicy


def cancel_until(rule: BookingRule, visit_date: date, policy: BookingPolicy) -> datetime:
    """The latest time at which a patient may cancel a visit, by the hospital's rule (quitDay, quitTime)."""
    day = visit_date + timedelta(days=rule.quit_day)
    return datetime.combine(day, time.fromisoformat(rule.quit_time), policy.zone)


def check_in_opens(visit_date: date, policy: BookingPolicy) -> datetime:
    """The earliest time at which somebody may check in for a visit."""
    return datetime.combine(visit_date, policy.check_in_from, policy.zone)


def half_day_ends(visit_date: date, half_day: HalfDay, policy: BookingPolicy) -> datetime:
    """When the half-day closes: no check-in later, and who hasn't come is marked."""
    ends = policy.morning_ends if half_day is HalfDay.AM else policy.afternoon_ends
    return datetime.combine(visit_date, ends, policy.zone)


def pay_until(visit_date: date, half_day: HalfDay, now: datetime, policy: BookingPolicy) -> datetime:
    """Until when an order made now waits for its payment: never past its own half-day."""
    return min(now + policy.payment_time, half_day_ends(visit_date, half_day, policy))


def is_quiet(now: datetime, policy: BookingPolicy) -> bool:
    """Whether it is so late, or so early, that nobody is offered a place."""
    clock = now.astimezone(policy.zone).time()
    if policy.quiet_from <= policy.quiet_until:
        return policy.quiet_from <= clock < policy.quiet_until
    return clock >= policy.quiet_from or clock < policy.quiet_until

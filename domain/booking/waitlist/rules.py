"""When places are offered, until when an offer holds, and when waiting is over. Pure."""

from datetime import datetime, time
from enum import StrEnum

from datasources.mongo.documents import BookingRule
from datasources.sql.booking_statements import Outcome
from datasources.sql.slot_ledger import ScheduleStatus, SlotLedger
from domain.booking.deadlines import is_quiet
from domain.booking.policy import BookingPolicy
from domain.booking.rule import window_rule


class WaitlistEnd(StrEnum):
    """Why an entry ended without an order."""

    LEFT = "LEFT"
    DECLINED = "DECLINED"
    OFFER_LAPSED = "OFFER_LAPSED"
    BOOKING_CLOSED = "BOOKING_CLOSED"
    SESSION_CLOSED = "SESSION_CLOSED"
    SESSION_WITHDRAWN = "SESSION_WITHDRAWN"
    SESSION_MOVED = "SESSION_MOVED"
    SESSION_REMOVED = "SESSION_REMOVED"
    PATIENT_CHANGED = "PATIENT_CHANGED"
    PATIENT_BANNED = "PATIENT_BANNED"
    ALREADY_BOOKED = "ALREADY_BOOKED"
    LIMIT_REACHED = "LIMIT_REACHED"
    ACCOUNT_ERASED = "ACCOUNT_ERASED"


ENDS_THE_TURN = {
    Outcome.PATIENT_CHANGED: WaitlistEnd.PATIENT_CHANGED,
    Outcome.BANNED: WaitlistEnd.PATIENT_BANNED,
    Outcome.ALREADY_BOOKED: WaitlistEnd.ALREADY_BOOKED,
    Outcome.LIMIT: WaitlistEnd.LIMIT_REACHED,
}
"""Who may not book when their turn comes is not offered a place that others wait for."""


def booking_closes(ledger: SlotLedger, rule: BookingRule | None, policy: BookingPolicy) -> datetime:
    """The last moment at which a number of the session can be taken. Without a rule (the hospital is not listed) the
    end of its date."""
    stop = time.max if rule is None else window_rule(rule).stop_time
    return datetime.combine(ledger.visit_date, stop, policy.zone)


def why_over(ledger: SlotLedger, closes_at: datetime, now: datetime) -> WaitlistEnd | None:
    """Why nobody can wait for the session any longer; None while they can."""
    if ledger.status == ScheduleStatus.WITHDRAWN:
        return WaitlistEnd.SESSION_WITHDRAWN
    if ledger.status == ScheduleStatus.CLOSED:
        return WaitlistEnd.SESSION_CLOSED
    return WaitlistEnd.BOOKING_CLOSED if now > closes_at else None


def offer_end(closes_at: datetime, now: datetime, policy: BookingPolicy) -> datetime | None:
    """Until when a place that is offered now is held; None when nothing is offered now: at night, or too late.

    An offer made in the evening outlasts the beginning of the quiet hours, but none outlasts the booking itself.
    """
    if is_quiet(now, policy):
        return None
    end = min(now + policy.waitlist_offer_time, closes_at)
    return end if end > now else None

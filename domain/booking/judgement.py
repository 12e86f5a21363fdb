"""Whether somebody may take a number of a session: the booking rule, judged on facts that were read beforehand.

Limits, bans and what is left are judged again by the ledger, which has the last word.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from datasources.mongo.documents import BookingRule
from datasources.sql.booking_facts import BookingFacts
from datasources.sql.consent import ConsentKind
from datasources.sql.hospital_account import HospitalStatus
from datasources.sql.slot_ledger import HalfDay, ScheduleStatus
from datasources.sql.user_account import UserStatus, Verification
from domain.booking.policy import BookingPolicy
from domain.booking.refused import (
    AccountBeingDeleted,
    BookingClosed,
    BookingNotOpen,
    BookingRefusal,
    FeeChanged,
    HospitalNotBookable,
    RealNameNeeded,
    SessionNotBookable,
    SlotSoldOut,
)
from domain.booking.rule import window_rule
from domain.booking.window import DayPhase, window_day
from domain.patients.consent import CURRENT_VERSIONS, ConsentNeeded
from domain.problems import NotFound


@dataclass(frozen=True, slots=True)
class BookableSession:
    """The session of an attempt that the facts found: everything about it is there."""

    schedule_id: str
    hospital_code: str
    department_code: str
    visit_date: date
    half_day: HalfDay
    status: ScheduleStatus
    fee: Decimal
    remaining: int
    hospital_status: HospitalStatus


def session_of(schedule_id: str, facts: BookingFacts) -> BookableSession | None:
    """The session that the facts tell of; None if there is none."""
    if (
        facts.hospital_code is None
        or facts.department_code is None
        or facts.visit_date is None
        or facts.half_day is None
        or facts.status is None
        or facts.fee is None
        or facts.hospital_status is None
    ):
        return None
    return BookableSession(
        schedule_id=schedule_id,
        hospital_code=facts.hospital_code,
        department_code=facts.department_code,
        visit_date=facts.visit_date,
        half_day=HalfDay(facts.half_day),
        status=ScheduleStatus(facts.status),
        fee=facts.fee,
        remaining=facts.remaining or 0,
        hospital_status=HospitalStatus(facts.hospital_status),
    )


def person_refusal(facts: BookingFacts, policy: BookingPolicy) -> BookingRefusal | None:
    """Why the account or the patient may not book at all; None if they may."""
    if facts.user_status == UserStatus.DELETING:
        return AccountBeingDeleted()
    if facts.user_status != UserStatus.ACTIVE or facts.person is None:
        return NotFound()
    if policy.real_name_needed and facts.verification != Verification.VERIFIED:
        return RealNameNeeded(Verification(facts.verification))
    current = CURRENT_VERSIONS[ConsentKind.HEALTH_DATA]
    if facts.health_data_consent != current:
        return ConsentNeeded(ConsentKind.HEALTH_DATA, current)
    return None


def session_refusal(
    session: BookableSession, rule: BookingRule, now: datetime, policy: BookingPolicy
) -> BookingRefusal | None:
    """Why nobody can take a number of the session now; None if somebody can. SlotSoldOut comes last of all."""
    if session.hospital_status is not HospitalStatus.ONLINE:
        return HospitalNotBookable(session.hospital_code)
    if session.status is not ScheduleStatus.BOOKABLE:
        return SessionNotBookable(session.status)
    return window_refusal(session.visit_date, rule, now, policy) or (
        SlotSoldOut(session.schedule_id) if session.remaining == 0 else None
    )


def window_refusal(
    visit_date: date, rule: BookingRule, now: datetime, policy: BookingPolicy
) -> BookingNotOpen | BookingClosed | None:
    """Why the date is not on sale now; None if it is."""
    day = window_day(window_rule(rule), visit_date, now, policy.zone)
    if day is None:
        if visit_date < now.astimezone(policy.zone).date():
            ended = datetime.combine(visit_date, window_rule(rule).stop_time, policy.zone)
            return BookingClosed(ended)
        return BookingNotOpen(release_of(visit_date, rule, policy))
    if day.phase is DayPhase.COMING:
        return BookingNotOpen(day.opens_at)
    if day.phase is DayPhase.CLOSED:
        return BookingClosed(day.closes_at)
    return None


def release_of(visit_date: date, rule: BookingRule, policy: BookingPolicy) -> datetime:
    """When numbers of this date are released, by the rule as it now stands."""
    released = window_rule(rule)
    # The date enters the window as its last one, on the day that is `cycle - 1` days before it.
    day = date.fromordinal(visit_date.toordinal() - (released.cycle - 1))
    return datetime.combine(day, released.release_time, policy.zone)


def fee_refusal(session: BookableSession, expected: Decimal | None) -> FeeChanged | None:
    """Whether the fee is another than the caller saw. Nobody is charged what they were not shown."""
    if expected is None or expected == session.fee:
        return None
    return FeeChanged(session.fee)

"""Why a number is not given: each refusal of the booking rule, with what would help."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from datasources.sql.slot_ledger import ScheduleStatus
from datasources.sql.user_account import Verification
from domain.patients.consent import ConsentNeeded
from domain.problems import IdempotencyKeyReused, InvalidInput, NotFound


class LimitPeriod(StrEnum):
    """Over which time a person's visits are counted."""

    WEEK = "WEEK"
    MONTH = "MONTH"
    QUARTER = "QUARTER"


@dataclass(frozen=True, slots=True)
class SlotSoldOut:
    """Nothing is left of the session. The waitlist may be joined."""

    schedule_id: str


@dataclass(frozen=True, slots=True)
class SessionNotBookable:
    """The hospital closed or withdrew the session."""

    status: ScheduleStatus


@dataclass(frozen=True, slots=True)
class HospitalNotBookable:
    """The hospital takes no bookings at present."""

    hospital_code: str


@dataclass(frozen=True, slots=True)
class BookingNotOpen:
    """The session's date is not yet released (放号)."""

    opens_at: datetime


@dataclass(frozen=True, slots=True)
class BookingClosed:
    """Booking of the session's date has ended (停挂)."""

    closed_at: datetime


@dataclass(frozen=True, slots=True)
class AlreadyBooked:
    """The person has a number in this hospital's department for the same half-day."""

    order_id: UUID | None
    """The order, if it is the caller's own; None: somebody else's account booked for the same certificate."""


@dataclass(frozen=True, slots=True)
class BookingLimitReached:
    """The person has as many visits in the week, month or quarter as anybody may have."""

    period: LimitPeriod
    most: int


@dataclass(frozen=True, slots=True)
class PatientBanned:
    """The person missed too many visits."""

    until: datetime


@dataclass(frozen=True, slots=True)
class RealNameNeeded:
    """The account is not known by real name."""

    verification: Verification


@dataclass(frozen=True, slots=True)
class AccountBeingDeleted:
    """The owner asked for the account's deletion and has not taken that back."""


@dataclass(frozen=True, slots=True)
class FeeChanged:
    """The session costs something else than the caller saw."""

    fee: Decimal


@dataclass(frozen=True, slots=True)
class FreshCodeNeeded:
    """The account gave back so many numbers today that it must prove its phone anew."""

    cancellations: int


@dataclass(frozen=True, slots=True)
class AttemptInProgress:
    """Another attempt of this account at the same session has not been answered yet."""


@dataclass(frozen=True, slots=True)
class SessionChanged:
    """The hospital moved the session while it was being booked."""


BookingRefusal = (
    NotFound
    | InvalidInput
    | SlotSoldOut
    | SessionNotBookable
    | HospitalNotBookable
    | BookingNotOpen
    | BookingClosed
    | AlreadyBooked
    | BookingLimitReached
    | PatientBanned
    | RealNameNeeded
    | ConsentNeeded
    | AccountBeingDeleted
    | FeeChanged
    | FreshCodeNeeded
    | AttemptInProgress
    | SessionChanged
    | IdempotencyKeyReused
)

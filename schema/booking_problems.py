"""Why a number was not given: each refusal of the booking rule, with what would help."""

import datetime as dt
from typing import Any

import strawberry

from datasources.sql.slot_ledger import ScheduleStatus
from datasources.sql.user_account import Verification
from domain.booking import refused
from domain.booking.refused import LimitPeriod
from domain.global_id import NodeKind, global_id
from domain.money import Money as MoneyRecord
from domain.problems import ProblemCode
from resolvers import booking_problems as words
from schema import enums as enums
from schema.binding import described_enum, of, on
from schema.money import Money
from schema.patient_problems import ConsentNeeded
from schema.problems import Problem, record_of

described_enum(
    LimitPeriod,
    "Over which time a person's visits are counted, by their dates.",
    {"WEEK": "A week, from Monday.", "MONTH": "A calendar month.", "QUARTER": "A calendar quarter."},
)


def _code(code: ProblemCode) -> Any:
    return strawberry.field(resolver=of(lambda _: code), description=f"{code}.")


@strawberry.type(description="Nothing is left of the session; its waitlist may be joined.")
class SlotSoldOut(Problem):
    message: str = strawberry.field(resolver=on(words.of_sold_out), description="What helps.")
    code: ProblemCode = _code(ProblemCode.SLOT_SOLD_OUT)
    schedule_id: strawberry.ID = strawberry.field(
        resolver=of(lambda problem: global_id(NodeKind.SCHEDULE, problem.schedule_id)),
        description="The session, for `joinWaitlist`.",
    )

    is_type_of = record_of(refused.SlotSoldOut)


@strawberry.type(description="The hospital closed or withdrew the session.")
class SessionNotBookable(Problem):
    message: str = strawberry.field(resolver=on(words.of_session), description="What the hospital did.")
    code: ProblemCode = _code(ProblemCode.SESSION_NOT_BOOKABLE)
    status: ScheduleStatus = strawberry.field(description="What the hospital allows with the session now.")

    is_type_of = record_of(refused.SessionNotBookable)


@strawberry.type(description="The hospital takes no bookings at present.")
class HospitalNotBookable(Problem):
    message: str = strawberry.field(resolver=on(words.of_hospital), description="What to do.")
    code: ProblemCode = _code(ProblemCode.HOSPITAL_NOT_BOOKABLE)

    is_type_of = record_of(refused.HospitalNotBookable)


@strawberry.type(description="Numbers of the date are not released yet (即将放号).")
class BookingNotOpen(Problem):
    message: str = strawberry.field(resolver=on(words.of_not_open), description="When they are released.")
    code: ProblemCode = _code(ProblemCode.BOOKING_NOT_OPEN)
    opens_at: dt.datetime = strawberry.field(description="When they are released.")

    is_type_of = record_of(refused.BookingNotOpen)


@strawberry.type(description="Booking of the date has ended (停止挂号).")
class BookingClosed(Problem):
    message: str = strawberry.field(resolver=on(words.of_closed), description="When it ended.")
    code: ProblemCode = _code(ProblemCode.BOOKING_CLOSED)
    closed_at: dt.datetime = strawberry.field(description="When it ended.")

    is_type_of = record_of(refused.BookingClosed)


@strawberry.type(description="The person has a number in this department for the same half-day already.")
class AlreadyBooked(Problem):
    message: str = strawberry.field(resolver=on(words.of_already_booked), description="What to do about it.")
    code: ProblemCode = _code(ProblemCode.ALREADY_BOOKED)
    order_id: strawberry.ID | None = strawberry.field(
        resolver=of(lambda problem: problem.order_id and global_id(NodeKind.ORDER, problem.order_id)),
        description="The order, if it is the caller's own; null if another account booked for the same certificate.",
    )

    is_type_of = record_of(refused.AlreadyBooked)


@strawberry.type(description="The person has as many visits in the week, month or quarter as anybody may have.")
class BookingLimitReached(Problem):
    message: str = strawberry.field(resolver=on(words.of_limit), description="Which limit it is.")
    code: ProblemCode = _code(ProblemCode.BOOKING_LIMIT)
    period: LimitPeriod = strawberry.field(description="Over which time visits are counted.")
    most: int = strawberry.field(description="Visits that one person may have in that time.")

    is_type_of = record_of(refused.BookingLimitReached)


@strawberry.type(description="The person missed so many visits that nothing can be booked for a while.")
class PatientBanned(Problem):
    message: str = strawberry.field(resolver=on(words.of_banned), description="Until when, and what is still possible.")
    code: ProblemCode = _code(ProblemCode.PATIENT_BANNED)
    until: dt.datetime = strawberry.field(description="When booking is possible again.")

    is_type_of = record_of(refused.PatientBanned)


@strawberry.type(description="The account must be known by real name before it books.")
class RealNameNeeded(Problem):
    message: str = strawberry.field(resolver=on(words.of_real_name), description="What to do first.")
    code: ProblemCode = _code(ProblemCode.REAL_NAME_NEEDED)
    verification: Verification = strawberry.field(description="Where the account's verification stands.")

    is_type_of = record_of(refused.RealNameNeeded)


@strawberry.type(description="The account waits for its deletion, so nothing is booked with it.")
class AccountBeingDeleted(Problem):
    message: str = strawberry.field(resolver=on(words.of_deletion), description="How to go on booking.")
    code: ProblemCode = _code(ProblemCode.ACCOUNT_BEING_DELETED)

    is_type_of = record_of(refused.AccountBeingDeleted)


@strawberry.type(description="The session costs something else than the caller expected; nothing was taken.")
class FeeChanged(Problem):
    message: str = strawberry.field(resolver=on(words.of_fee), description="What it costs now.")
    code: ProblemCode = _code(ProblemCode.FEE_CHANGED)
    fee: Money = strawberry.field(
        resolver=of(lambda problem: MoneyRecord(problem.fee)), description="What it costs now."
    )

    is_type_of = record_of(refused.FeeChanged)


@strawberry.type(description="The account gave back so many numbers today that it must prove its phone anew.")
class FreshCodeNeeded(Problem):
    message: str = strawberry.field(resolver=on(words.of_fresh_code), description="How to get a code.")
    code: ProblemCode = _code(ProblemCode.FRESH_CODE_NEEDED)

    is_type_of = record_of(refused.FreshCodeNeeded)


@strawberry.type(description="Another attempt of this account at the same session has not been answered yet.")
class AttemptInProgress(Problem):
    message: str = strawberry.field(resolver=on(words.of_attempt), description="What to do.")
    code: ProblemCode = _code(ProblemCode.ATTEMPT_IN_PROGRESS)

    is_type_of = record_of(refused.AttemptInProgress)


@strawberry.type(description="The hospital changed the session while it was being booked; nothing was taken.")
class SessionChanged(Problem):
    message: str = strawberry.field(resolver=on(words.of_changed), description="What to do.")
    code: ProblemCode = _code(ProblemCode.SESSION_CHANGED)

    is_type_of = record_of(refused.SessionChanged)


BookingRuleProblem = (
    SessionNotBookable
    | HospitalNotBookable
    | BookingNotOpen
    | BookingClosed
    | AlreadyBooked
    | BookingLimitReached
    | PatientBanned
    | RealNameNeeded
    | ConsentNeeded
    | AccountBeingDeleted
)
"""What the booking rule has against a session or a person, whichever way a number is asked for."""

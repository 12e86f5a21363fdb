"""Taking a number: createOrder. One read of the facts, the booking rule, the gate, and one atomic statement."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import TypeVar
from uuid import UUID

import asyncpg
import redis.exceptions
import structlog

from datasources.cache.attempts import Attempts
from datasources.faults import was_deadlocked
from datasources.live.changes import Change, HospitalChange, OrderChange, SlotChange
from datasources.sql.booking_facts import BookingFacts, WhoAndWhat, booking_facts
from datasources.sql.booking_order import BookingOrder
from datasources.sql.booking_statements import Attempt, Outcome, Taken, book_numbers
from datasources.sql.hospital_account import HospitalStatus
from datasources.sql.slot_ledger import ScheduleStatus
from domain.booking.desk import BookingDesk, BookingRequest
from domain.booking.follow_up import lapse_all_in_time
from domain.booking.judgement import fee_refusal, person_refusal, session_of, session_refusal
from domain.booking.new_order import JudgedSession, attempt_of, order_of
from domain.booking.once import bad_key
from domain.booking.refused import (
    AlreadyBooked,
    AttemptInProgress,
    BookingLimitReached,
    BookingRefusal,
    FreshCodeNeeded,
    HospitalNotBookable,
    LimitPeriod,
    PatientBanned,
    SessionChanged,
    SessionNotBookable,
    SlotSoldOut,
)
from domain.booking.session_texts import SessionPlace
from domain.live.changes import publish_changes
from domain.problems import IdempotencyKeyReused, NotFound

GIVEN_BACK_BECAUSE = ("CANCEL", "CANCEL_PAID", "LAPSE", "LAPSE_PAID")
"""Ends of an order that count towards the slow lane; what the hospital or the platform ended does not."""

_log = structlog.get_logger(component="booking")


@dataclass(frozen=True, slots=True)
class Placed:
    """The order that was made. `replayed`: by the same call before."""

    order_id: UUID
    replayed: bool = False
    order: BookingOrder | None = None
    """As it was made; None: read it, for it may have changed since."""


Unproved = TypeVar("Unproved")
Proof = Callable[[], Awaitable[Unproved | None]]
"""Proves the account's phone anew: None when the proof holds, else what is wrong with it."""

PlacingAnswer = Placed | BookingRefusal


async def place_order(
    desk: BookingDesk, request: BookingRequest, now: datetime, prove: Proof[Unproved] | None = None
) -> PlacingAnswer | Unproved:
    """Take a number and make the order, or say what stands in the way.

    The same call again answers the same order. Raises only when a store is down; then the same call again tells
    whether the number was taken.
    """
    malformed = bad_key(request.idempotency_key)
    if malformed is not None:
        return malformed
    looked_at = desk.gate.clock()
    facts = await facts_for(desk, request, now)
    if facts is None:
        return NotFound()
    if facts.earlier_id is not None:
        if facts.earlier_hash != request.digest:
            return IdempotencyKeyReused(request.idempotency_key)
        return Placed(facts.earlier_id, replayed=True)
    judged = await judged_session(desk, request.schedule_id, facts, now)
    if not isinstance(judged, JudgedSession):
        return judged
    refusal = fee_refusal(judged.session, request.expected_fee)
    if refusal is not None:
        return refusal
    if facts.given_back >= desk.policy.slow_lane_after:
        unproved = FreshCodeNeeded(facts.given_back) if prove is None else await prove()
        if unproved is not None:
            return unproved
    return await _take_in_turn(desk, attempt_of(desk, request, facts, judged, now), looked_at, now)


async def judged_session(
    desk: BookingDesk, schedule_id: str, facts: BookingFacts, now: datetime, *, though_full: bool = False
) -> JudgedSession | BookingRefusal:
    """The session, if its rule and the person's standing let a number be taken now, or would, were one left."""
    session = session_of(schedule_id, facts)
    if session is None:
        return NotFound()
    refusal = person_refusal(facts, desk.policy)
    if refusal is not None:
        return refusal
    # A hospital that takes no bookings isn't listed, so its texts would not be found either.
    if session.hospital_status is not HospitalStatus.ONLINE:
        return HospitalNotBookable(session.hospital_code)
    texts = await desk.texts.of(
        SessionPlace(schedule_id, session.hospital_code, session.department_code, facts.push_revision or 0)
    )
    if texts is None:
        return NotFound()
    refusal = session_refusal(session, texts.rule, now, desk.policy)
    if refusal is None or (though_full and isinstance(refusal, SlotSoldOut)):
        return JudgedSession(session, texts)
    return refusal


async def facts_for(desk: BookingDesk, request: BookingRequest, now: datetime) -> BookingFacts | None:
    """What decides the request, read without a lock; None if there is no such account."""
    begins = datetime.combine(now.astimezone(desk.policy.zone).date(), time(), desk.policy.zone)
    asked = WhoAndWhat(
        request.user_id,
        request.patient_id,
        request.schedule_id,
        request.idempotency_key,
        GIVEN_BACK_BECAUSE,
        begins,
        begins + timedelta(days=1),
    )
    return await booking_facts(desk.stores.sql, asked)


async def _take_in_turn(desk: BookingDesk, attempt: Attempt, looked_at: float, now: datetime) -> PlacingAnswer:
    place = (attempt.user_id, attempt.schedule_id)
    if not desk.gate.enter(place):
        return AttemptInProgress()
    marks, token = Attempts(desk.stores.redis), attempt.id.hex
    marked = False
    try:
        try:
            marked = await marks.begin(attempt.user_id, attempt.schedule_id, token)
            if not marked:
                return AttemptInProgress()
        except (redis.exceptions.RedisError, OSError) as error:
            # Without Redis each process still lets an account in once, and the ledger forbids the rest.
            _log.warning("attempts are not marked", error=type(error).__name__)
        taken = await desk.gate.take(attempt, looked_at, lambda attempts: _take_numbers(desk, attempts, now))
    finally:
        desk.gate.leave(place)
        if marked:
            await _unmark(marks, attempt, token)
    return _answer(attempt, taken, now)


async def _unmark(marks: Attempts, attempt: Attempt, token: str) -> None:
    try:
        await marks.end(attempt.user_id, attempt.schedule_id, token)
    except (redis.exceptions.RedisError, OSError) as error:
        _log.warning("an attempt's mark stays until it expires", error=type(error).__name__)


async def _take_numbers(desk: BookingDesk, attempts: Sequence[Attempt], now: datetime) -> list[Taken]:
    answers = await _booked(desk, attempts, now)
    made = [each for each, taken in zip(attempts, answers, strict=True) if taken.outcome is Outcome.TAKEN]
    if made:
        await tell_and_hand_over(desk, made)
    return answers


async def tell_and_hand_over(desk: BookingDesk, made: Sequence[Attempt]) -> None:
    """Tell whoever watches of new orders, and have them lapse in time. Called after the commit; raises nothing."""
    changes: list[Change] = [
        *{SlotChange(each.hospital_code, each.department_code, each.visit_date, each.schedule_id) for each in made},
        *(OrderChange(each.user_id, each.id) for each in made),
        *{HospitalChange(each.hospital_code) for each in made},
    ]
    await asyncio.gather(
        publish_changes(desk.stores, changes),
        lapse_all_in_time(desk.stores, [(each.id, each.lapses_at) for each in made]),
    )


async def _booked(desk: BookingDesk, attempts: Sequence[Attempt], now: datetime) -> list[Taken]:
    try:
        return await book_numbers(desk.stores.sql, attempts, desk.policy.limits, now)
    except asyncpg.PostgresError as error:
        if not was_deadlocked(error):
            raise
        _log.warning("numbers are asked for again after a deadlock", attempts=len(attempts))
        return await book_numbers(desk.stores.sql, attempts, desk.policy.limits, now)


def _answer(attempt: Attempt, taken: Taken, now: datetime) -> PlacingAnswer:
    match taken.outcome:
        case Outcome.TAKEN:
            assert taken.number is not None
            return Placed(attempt.id, order=order_of(attempt, taken.number, now))
        case Outcome.REPLAYED:
            assert taken.order_id is not None
            return Placed(taken.order_id, replayed=True)
        case Outcome.KEY_REUSED:
            return IdempotencyKeyReused(attempt.idempotency_key)
        case Outcome.SOLD_OUT:
            return SlotSoldOut(attempt.schedule_id)
        case Outcome.NOT_BOOKABLE:
            return SessionNotBookable(ScheduleStatus(taken.detail["status"]))
        case Outcome.CHANGED:
            return SessionChanged()
        case Outcome.GONE:
            return NotFound()
        case _:
            return obstacle_as_refusal(taken)


def obstacle_as_refusal(taken: Taken) -> PatientBanned | AlreadyBooked | BookingLimitReached | NotFound:
    """What `booking_obstacle` found against the person."""
    match taken.outcome:
        case Outcome.PATIENT_CHANGED:
            return NotFound()
        case Outcome.BANNED:
            return PatientBanned(datetime.fromisoformat(taken.detail["until"]))
        case Outcome.ALREADY_BOOKED:
            order_id = taken.detail.get("order_id")
            return AlreadyBooked(UUID(order_id) if order_id else None)
        case Outcome.LIMIT:
            return BookingLimitReached(LimitPeriod(taken.detail["period"]), taken.detail["most"])
        case other:
            raise ValueError(f"{other} is not about a person")

"""Taking the place that was offered: the entry becomes an order with the number that was held for it."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlmodel.ext.asyncio.session import AsyncSession

from datasources.sql.booking_facts import BookingFacts
from datasources.sql.booking_statements import Attempt
from datasources.sql.ledger_functions import Applicant, lock_person, obstacle_to
from datasources.sql.waitlist_entries import WaitlistEntries
from datasources.sql.waitlist_entry import WaitlistEntry, WaitlistState
from domain.booking.desk import BookingDesk, BookingRequest
from domain.booking.judgement import fee_refusal
from domain.booking.new_order import JudgedSession, attempt_of
from domain.booking.once import bad_key
from domain.booking.placing import Placed, facts_for, judged_session, obstacle_as_refusal
from domain.booking.refused import BookingRefusal
from domain.booking.waitlist.ending import note_entry_change
from domain.booking.waitlist.judgement import changed_since, wanted_of
from domain.booking.waitlist.refused import OfferEnded
from domain.live.changes import note_hospital_change, note_order_change
from domain.problems import IdempotencyKeyReused, NotFound


@dataclass(frozen=True, slots=True)
class AcceptRequest:
    """Who takes what was offered."""

    user_id: UUID
    entry_id: UUID
    idempotency_key: str
    expected_fee: Decimal | None = None
    """What the caller saw that it costs; None: whatever it costs."""


AcceptAnswer = Placed | BookingRefusal | OfferEnded


async def accept_offer(desk: BookingDesk, request: AcceptRequest, now: datetime) -> AcceptAnswer:
    """Make the order, by the same rules as any other, or say what stands in the way.

    What is refused leaves the offer as it was, until its end. An entry becomes one order, however often it is accepted.
    """
    problem = bad_key(request.idempotency_key)
    if problem is not None:
        return problem
    async with desk.stores.sql.read() as session:
        entry = await WaitlistEntries(session).own(request.user_id, request.entry_id)
    if entry is None:
        return NotFound()
    ended = _no_offer(entry, now)
    if ended is not None:
        return ended
    booking = BookingRequest(
        request.user_id, entry.patient_id, entry.schedule_id, request.idempotency_key, request.expected_fee
    )
    facts = await facts_for(desk, booking, now)
    if facts is None:
        return NotFound()
    if facts.earlier_id is not None:
        return IdempotencyKeyReused(request.idempotency_key)
    judged = await judged_session(desk, entry.schedule_id, facts, now, though_full=True)
    if not isinstance(judged, JudgedSession):
        return judged
    refusal = fee_refusal(judged.session, request.expected_fee)
    if refusal is not None:
        return refusal
    attempt = attempt_of(desk, booking, facts, judged, now)
    try:
        async with desk.stores.sql.unit_of_work() as session:
            return await _accept(session, desk, request, facts, judged, attempt, now)
    except IntegrityError as error:
        if "booking_order_once_per_key" in str(error.orig):
            return IdempotencyKeyReused(request.idempotency_key)
        raise


async def _accept(
    session: AsyncSession,
    desk: BookingDesk,
    request: AcceptRequest,
    facts: BookingFacts,
    judged: JudgedSession,
    attempt: Attempt,
    now: datetime,
) -> AcceptAnswer:
    await lock_person(session, attempt.person)
    applicant = Applicant(attempt.person, attempt.user_id, attempt.patient_id)
    obstacle = await obstacle_to(session, applicant, wanted_of(judged.session), desk.policy.limits, now)
    entries = WaitlistEntries(session)
    ledger = await entries.lock_ledger(attempt.schedule_id)
    entry = await entries.own(request.user_id, request.entry_id)
    if ledger is None or entry is None or entry.person not in (attempt.person, None):
        return NotFound()
    # First: of two calls at once, the second finds the order of the first one in its way, and it is its own.
    ended = _no_offer(entry, now)
    if ended is not None:
        return ended
    if obstacle is not None:
        return obstacle_as_refusal(obstacle)
    changed = changed_since(judged.session, ledger)
    if changed is not None:
        return changed
    await entries.accept(entry, attempt, now)
    note_entry_change(session, entry)
    note_order_change(session, attempt.user_id, attempt.id)
    note_hospital_change(session, attempt.hospital_code)
    return Placed(attempt.id)


def _no_offer(entry: WaitlistEntry, now: datetime) -> Placed | OfferEnded | None:
    """What an entry without an offer answers; None if it has one."""
    if entry.order_id is not None:
        return Placed(entry.order_id, replayed=True)
    if entry.state == WaitlistState.OFFERED and entry.offer_until is not None and now < entry.offer_until:
        return None
    return OfferEnded(WaitlistState.LAPSED if entry.state == WaitlistState.OFFERED else WaitlistState(entry.state))

"""Joining the waitlist of a full session."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession
from uuid_utils.compat import uuid7

from datasources.sql.booking_facts import BookingFacts
from datasources.sql.idempotency_record import IdempotencyRecord, IdempotencyRecords
from datasources.sql.ledger_functions import Applicant, lock_person, obstacle_to
from datasources.sql.waitlist_entries import WaitlistEntries
from datasources.sql.waitlist_entry import WaitlistEntry, WaitlistState
from domain.booking.desk import BookingDesk, BookingRequest
from domain.booking.new_order import JudgedSession, masked_name
from domain.booking.once import bad_key, in_one_go
from domain.booking.placing import facts_for, judged_session, obstacle_as_refusal
from domain.booking.refused import BookingRefusal
from domain.booking.waitlist.ending import note_entry_change
from domain.booking.waitlist.judgement import changed_since, wanted_of
from domain.booking.waitlist.refused import AlreadyWaiting, TooManyWaits, WaitlistNotNeeded
from domain.problems import IdempotencyKeyReused, NotFound

_OPERATION = "joinWaitlist"


@dataclass(frozen=True, slots=True)
class JoinRequest:
    """Who wants to wait for which session, for whom."""

    user_id: UUID
    patient_id: UUID
    schedule_id: str
    idempotency_key: str

    @property
    def digest(self) -> bytes:
        """What must be equal in a call that repeats another."""
        return hashlib.sha256(f"{self.patient_id}\0{self.schedule_id}".encode()).digest()

    @property
    def caller(self) -> str:
        """Whose key it is: two accounts may use the same one."""
        return f"user:{self.user_id}"


@dataclass(frozen=True, slots=True)
class Joined:
    """The entry that was made. `replayed`: by the same call before."""

    entry_id: UUID
    replayed: bool = False


JoinAnswer = Joined | BookingRefusal | WaitlistNotNeeded | AlreadyWaiting | TooManyWaits


async def join_waitlist(desk: BookingDesk, request: JoinRequest, now: datetime) -> JoinAnswer:
    """Put a patient last in line for a full session, or say what stands in the way.

    Whoever may book may wait, and nobody else. The same call again answers the same entry.
    """
    problem = bad_key(request.idempotency_key)
    if problem is not None:
        return problem
    async with desk.stores.sql.read() as session:
        earlier = await _earlier(session, request)
    if earlier is not None:
        return earlier
    facts = await facts_for(desk, BookingRequest(request.user_id, request.patient_id, request.schedule_id, ""), now)
    if facts is None:
        return NotFound()
    judged = await judged_session(desk, request.schedule_id, facts, now, though_full=True)
    if not isinstance(judged, JudgedSession):
        return judged
    if judged.session.remaining > 0:
        return WaitlistNotNeeded(request.schedule_id)

    async def join(session: AsyncSession) -> JoinAnswer:
        return await _join(session, desk, request, facts, judged, now)

    return await in_one_go(desk.stores.sql, join)


async def _join(
    session: AsyncSession,
    desk: BookingDesk,
    request: JoinRequest,
    facts: BookingFacts,
    judged: JudgedSession,
    now: datetime,
) -> JoinAnswer:
    assert facts.person is not None  # judged_session has looked
    await lock_person(session, facts.person)
    earlier = await _earlier(session, request)
    if earlier is not None:
        return earlier
    applicant = Applicant(facts.person, request.user_id, request.patient_id)
    obstacle = await obstacle_to(session, applicant, wanted_of(judged.session), desk.policy.limits, now)
    if obstacle is not None:
        return obstacle_as_refusal(obstacle)
    entries = WaitlistEntries(session)
    ledger = await entries.lock_ledger(request.schedule_id)
    if ledger is None:
        return NotFound()
    changed = changed_since(judged.session, ledger)
    if changed is not None:
        return changed
    waiting = await entries.open_of_person(facts.person, request.schedule_id)
    if waiting is not None:
        return AlreadyWaiting(waiting.id if waiting.user_id == request.user_id else None)
    if ledger.remaining > 0:
        return WaitlistNotNeeded(request.schedule_id)
    if await entries.count_open(facts.person) >= desk.policy.most_waits:
        return TooManyWaits(desk.policy.most_waits)
    entry = WaitlistEntry(
        id=uuid7(),
        user_id=request.user_id,
        patient_id=request.patient_id,
        person=facts.person,
        masked_patient_name=masked_name(desk.ring, request.patient_id, facts.sealed_name),
        schedule_id=request.schedule_id,
        texts=judged.texts.as_stored(),
        state=WaitlistState.WAITING,
        joined_at=now,
    )
    await entries.add(entry)
    await IdempotencyRecords(session).add(
        IdempotencyRecord(
            caller=request.caller,
            operation=_OPERATION,
            idempotency_key=request.idempotency_key,
            request_hash=request.digest,
            subject_id=str(entry.id),
            created_at=now,
        )
    )
    note_entry_change(session, entry)
    return Joined(entry.id)


async def _earlier(session: AsyncSession, request: JoinRequest) -> Joined | IdempotencyKeyReused | None:
    record = await IdempotencyRecords(session).get(request.caller, _OPERATION, request.idempotency_key)
    if record is None:
        return None
    if record.request_hash != request.digest:
        return IdempotencyKeyReused(request.idempotency_key)
    return Joined(UUID(record.subject_id), replayed=True)

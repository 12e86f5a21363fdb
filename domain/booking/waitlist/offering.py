"""Serving the waitlist: a place that comes free is offered in turn, an offer that nobody takes passes on.

`serve_waitlist` is called right after a commit that freed places; `serve_due` is the authority, run by the clock.
Both may run at the same time, in many processes: each step holds the session's ledger row and looks anew.
"""

from collections.abc import Sequence
from datetime import datetime
from enum import Enum, auto

import structlog
from sqlmodel.ext.asyncio.session import AsyncSession

from datasources.mongo.documents import BookingRule
from datasources.mongo.hospitals import HospitalReads
from datasources.sql.booking_statements import Outcome
from datasources.sql.hospital_account import HospitalStatus
from datasources.sql.ledger_functions import Applicant, WantedNumber, lock_person, obstacle_to, take_number
from datasources.sql.slot_ledger import SlotLedger
from datasources.sql.waitlist_entries import WaitlistEntries
from datasources.sql.waitlist_entry import WaitlistState
from datasources.sql.waitlist_reads import Candidate, Queue, WaitlistReads
from datasources.stores import Stores
from domain.booking.judgement import window_refusal
from domain.booking.policy import BookingPolicy
from domain.booking.waitlist.ending import end_entry, end_waits, note_entry_change
from domain.booking.waitlist.rules import ENDS_THE_TURN, WaitlistEnd, booking_closes, offer_end, why_over
from domain.messages.of_waitlist import tell_of_offer

QUEUES_PER_ROUND = 500
MOST_AT_ONCE = 50
"""Sessions that a caller serves before it answers."""

_log = structlog.get_logger(component="waitlist")


async def serve_waitlist(stores: Stores, policy: BookingPolicy, schedule_id: str, now: datetime) -> int:
    """Do what there is to do for who waits for this session; how many places were offered.

    Raises nothing: what freed the places is committed, and what can't be done now the job does.
    """
    try:
        async with stores.sql.read() as session:
            queue = await WaitlistReads(session).queue(schedule_id)
        if queue is None:
            return 0
        rules = await _rules([queue])
        return await _serve(stores, policy, queue, rules.get(queue.hospital_code), now, unless_busy=False)
    except Exception as error:  # noqa: BLE001 - whatever it was, the job comes again
        _log.warning("a waitlist is left to the job", schedule_id=schedule_id, error=type(error).__name__)
        return 0


async def serve_hospital(stores: Stores, policy: BookingPolicy, hospital_code: str, now: datetime) -> int:
    """The same for the sessions of a hospital, after a push that may have freed places; how many were offered.

    A push may free places of a thousand sessions: what is more than MOST_AT_ONCE the job does.
    """
    try:
        async with stores.sql.read() as session:
            today = now.astimezone(policy.zone).date()
            queues = await WaitlistReads(session).due(now, today, limit=MOST_AT_ONCE, hospital_code=hospital_code)
        return await _serve_each(stores, policy, queues, now) if queues else 0
    except Exception as error:  # noqa: BLE001 - whatever it was, the job comes again
        _log.warning("waitlists are left to the job", hospital_code=hospital_code, error=type(error).__name__)
        return 0


async def serve_due(stores: Stores, policy: BookingPolicy, now: datetime) -> int:
    """Serve every session where something may be due; how many places were offered.

    A session that somebody else is busy with is left to them. One that fails doesn't keep the others waiting.
    """
    await stores.catalogue.bind()
    today, after, offered = now.astimezone(policy.zone).date(), "", 0
    while True:
        async with stores.sql.read() as session:
            queues = await WaitlistReads(session).due(now, today, after=after, limit=QUEUES_PER_ROUND)
        offered += await _serve_each(stores, policy, queues, now)
        if len(queues) < QUEUES_PER_ROUND:
            return offered
        after = queues[-1].schedule_id


async def _serve_each(stores: Stores, policy: BookingPolicy, queues: Sequence[Queue], now: datetime) -> int:
    rules, offered = await _rules(queues), 0
    for queue in queues:
        try:
            rule = rules.get(queue.hospital_code)
            offered += await _serve(stores, policy, queue, rule, now, unless_busy=True)
        except Exception as error:  # noqa: BLE001 - the others' turn comes, and this one's again
            _log.warning("a waitlist was not served", schedule_id=queue.schedule_id, error=type(error).__name__)
    return offered


async def _rules(queues: Sequence[Queue]) -> dict[str, BookingRule]:
    hospitals = await HospitalReads().by_codes(sorted({queue.hospital_code for queue in queues}))
    return {code: hospital.booking_rule for code, hospital in hospitals.items()}


async def _serve(
    stores: Stores, policy: BookingPolicy, queue: Queue, rule: BookingRule | None, now: datetime, *, unless_busy: bool
) -> int:
    async with stores.sql.unit_of_work() as session:
        ledger = await WaitlistEntries(session).lock_ledger(queue.schedule_id, unless_busy=unless_busy)
        if ledger is None:
            return 0
        closes_at = booking_closes(ledger, rule, policy)
        over = why_over(ledger, closes_at, now)
        if over is not None:
            await end_waits(session, [ledger], over, now)
            return 0
        await _end_offers(session, ledger, now)
    if queue.hospital_status != HospitalStatus.ONLINE or rule is None:
        return 0
    until = offer_end(closes_at, now, policy)
    if until is None or window_refusal(ledger.visit_date, rule, now, policy) is not None:
        return 0
    offered = 0
    turn = _Turn.PASSED_OVER
    while turn is not _Turn.NOBODY:
        turn = await _next_turn(stores, policy, ledger, until, now)
        offered += turn is _Turn.OFFERED
    return offered


async def _end_offers(session: AsyncSession, ledger: SlotLedger, now: datetime) -> None:
    """Let the offers lapse that nobody took in time; their places are offered to the next ones."""
    for entry in await WaitlistEntries(session).offers_past_their_end(ledger.schedule_id, now):
        await end_entry(session, ledger, entry, WaitlistState.LAPSED, WaitlistEnd.OFFER_LAPSED, now)


class _Turn(Enum):
    """What became of one turn."""

    OFFERED = auto()
    PASSED_OVER = auto()
    NOBODY = auto()


async def _next_turn(stores: Stores, policy: BookingPolicy, seen: SlotLedger, until: datetime, now: datetime) -> _Turn:
    """Offer a place to whose turn it is. `seen` is the session as it was judged; if it has changed, nothing is done."""
    async with stores.sql.read() as session:
        candidate = await WaitlistReads(session).candidate(seen.schedule_id)
    if candidate is None:
        return _Turn.NOBODY
    async with stores.sql.unit_of_work() as session:
        return await _offer(session, policy, seen, candidate, until, now)


async def _offer(
    session: AsyncSession,
    policy: BookingPolicy,
    seen: SlotLedger,
    candidate: Candidate,
    until: datetime,
    now: datetime,
) -> _Turn:
    wanted = WantedNumber(
        seen.schedule_id, seen.hospital_code, seen.department_code, seen.visit_date, seen.half_day, seen.fee
    )
    # The person before the ledger, as everywhere; so who is next is looked at twice.
    await lock_person(session, candidate.person)
    applicant = Applicant(candidate.person, candidate.user_id, candidate.patient_id)
    obstacle = await obstacle_to(session, applicant, wanted, policy.limits, now)
    entries = WaitlistEntries(session)
    ledger = await entries.lock_ledger(seen.schedule_id)
    entry = await entries.first_waiting(seen.schedule_id)
    if ledger is None or entry is None:
        return _Turn.NOBODY
    if entry.id != candidate.id:
        return _Turn.PASSED_OVER
    if obstacle is not None:
        await end_entry(session, ledger, entry, WaitlistState.ENDED, ENDS_THE_TURN[obstacle.outcome], now)
        return _Turn.PASSED_OVER
    taken = await take_number(session, wanted, now, from_waitlist=True)
    if taken.outcome is not Outcome.TAKEN or taken.number is None:
        return _Turn.NOBODY
    await entries.offer(entry, taken.number, until, now)
    await tell_of_offer(session, ledger, entry, until, now)
    note_entry_change(session, entry)
    return _Turn.OFFERED

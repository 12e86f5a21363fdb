"""What taking a number would mean, before anything is taken."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from datasources.sql.ledger_functions import Applicant, WantedNumber, obstacle_to
from domain.booking.deadlines import cancel_until, check_in_opens, half_day_ends, pay_until
from domain.booking.desk import BookingDesk, BookingRequest
from domain.booking.judgement import BookableSession
from domain.booking.placing import facts_for, judged_session, obstacle_as_refusal
from domain.booking.refused import BookingRefusal
from domain.booking.session_texts import SessionTexts
from domain.problems import NotFound


@dataclass(frozen=True, slots=True)
class BookingPreview:
    """What an order of this session, made now, would be."""

    schedule_id: str
    fee: Decimal
    remaining: int
    cancel_until: datetime
    pay_until: datetime | None
    """None: nothing is to be paid."""
    check_in_opens: datetime
    check_in_closes: datetime
    texts: SessionTexts
    fresh_code_needed: bool
    """Whether the account must prove its phone anew to take the number."""


async def preview_order(
    desk: BookingDesk, user_id: UUID, patient_id: UUID, schedule_id: str, now: datetime
) -> BookingPreview | BookingRefusal:
    """What `place_order` would make now, or what stands in its way."""
    facts = await facts_for(desk, BookingRequest(user_id, patient_id, schedule_id, ""), now)
    if facts is None:
        return NotFound()
    judged = await judged_session(desk, schedule_id, facts, now)
    if isinstance(judged, BookingRefusal):
        return judged
    session = judged.session
    obstacle = await _obstacle(desk, Applicant(facts.person or b"", user_id, patient_id), session, now)
    if obstacle is not None:
        return obstacle
    return BookingPreview(
        schedule_id=schedule_id,
        fee=session.fee,
        remaining=session.remaining,
        cancel_until=cancel_until(judged.texts.rule, session.visit_date, desk.policy),
        pay_until=pay_until(session.visit_date, session.half_day, now, desk.policy) if session.fee > 0 else None,
        check_in_opens=check_in_opens(session.visit_date, desk.policy),
        check_in_closes=half_day_ends(session.visit_date, session.half_day, desk.policy),
        texts=judged.texts,
        fresh_code_needed=facts.given_back >= desk.policy.slow_lane_after,
    )


async def _obstacle(
    desk: BookingDesk, applicant: Applicant, session: BookableSession, now: datetime
) -> BookingRefusal | None:
    wanted = WantedNumber(
        session.schedule_id,
        session.hospital_code,
        session.department_code,
        session.visit_date,
        str(session.half_day),
        session.fee,
    )
    # Without the person's lock: only what is made must hold, and this makes nothing.
    async with desk.stores.sql.read() as reading:
        found = await obstacle_to(reading, applicant, wanted, desk.policy.limits, now)
    return None if found is None else obstacle_as_refusal(found)

"""Who may wait for a session: whoever could take a number of it, were one left."""

from datetime import datetime

from datasources.sql.booking_facts import BookingFacts
from datasources.sql.ledger_functions import WantedNumber
from datasources.sql.slot_ledger import ScheduleStatus, SlotLedger
from domain.booking.desk import BookingDesk
from domain.booking.judgement import BookableSession, person_refusal, session_of, session_refusal
from domain.booking.new_order import JudgedSession
from domain.booking.refused import BookingRefusal, SessionChanged, SessionNotBookable, SlotSoldOut
from domain.booking.session_texts import SessionPlace
from domain.problems import NotFound


async def judged_though_full(
    desk: BookingDesk, schedule_id: str, facts: BookingFacts, now: datetime
) -> JudgedSession | BookingRefusal:
    """The session, if its rule and the person's standing would let a number be taken now, be one left or not."""
    session = session_of(schedule_id, facts)
    if session is None:
        return NotFound()
    refusal = person_refusal(facts, desk.policy)
    if refusal is not None:
        return refusal
    texts = await desk.texts.of(
        SessionPlace(schedule_id, session.hospital_code, session.department_code, facts.push_revision or 0)
    )
    if texts is None:
        return NotFound()
    refusal = session_refusal(session, texts.rule, now, desk.policy)
    return JudgedSession(session, texts) if refusal is None or isinstance(refusal, SlotSoldOut) else refusal


def changed_since(session: BookableSession, ledger: SlotLedger) -> SessionNotBookable | SessionChanged | None:
    """Whether the hospital changed the session after it was judged; asked with the ledger's row locked."""
    if ledger.status != ScheduleStatus.BOOKABLE:
        return SessionNotBookable(ScheduleStatus(ledger.status))
    judged = (session.department_code, session.visit_date, session.half_day, session.fee)
    return (
        None if judged == (ledger.department_code, ledger.visit_date, ledger.half_day, ledger.fee) else SessionChanged()
    )


def wanted_of(session: BookableSession) -> WantedNumber:
    """The session as the ledger's functions ask for it."""
    return WantedNumber(
        session.schedule_id,
        session.hospital_code,
        session.department_code,
        session.visit_date,
        str(session.half_day),
        session.fee,
    )

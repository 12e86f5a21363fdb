"""What of a judged session must still hold when its row is locked, and how the ledger's functions ask for it."""

from datasources.sql.ledger_functions import WantedNumber
from datasources.sql.slot_ledger import ScheduleStatus, SlotLedger
from domain.booking.judgement import BookableSession
from domain.booking.refused import SessionChanged, SessionNotBookable


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

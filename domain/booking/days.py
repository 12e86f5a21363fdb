"""What a patient sees of a date and of a session: its state in one word."""

from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple

from datasources.sql.slot_ledger import ScheduleStatus, SlotLedger
from datasources.sql.slot_ledger_reads import DayTotals
from domain.booking.window import DayPhase, WindowDay


class DayState(StrEnum):
    """State of a department's date: 无号, 即将放号, 有号, 约满, 停诊, 已截止."""

    NO_SESSIONS = "NO_SESSIONS"
    COMING = "COMING"
    AVAILABLE = "AVAILABLE"
    FULL = "FULL"
    WITHDRAWN = "WITHDRAWN"
    CLOSED = "CLOSED"


class ScheduleState(StrEnum):
    """State of one session as a patient meets it now."""

    COMING = "COMING"
    AVAILABLE = "AVAILABLE"
    FULL = "FULL"
    WITHDRAWN = "WITHDRAWN"
    CLOSED = "CLOSED"


class BookableDay(NamedTuple):
    """One date of a department's calendar with what can still be taken on it."""

    hospital_code: str
    department_code: str
    date: date
    state: DayState
    capacity: int
    remaining: int
    session_count: int
    withdrawn_count: int
    opens_at: datetime
    closes_at: datetime


def bookable_day(hospital_code: str, department_code: str, day: WindowDay, totals: DayTotals | None) -> BookableDay:
    """A date of the window joined with the totals of its sessions."""
    state = day_state(day.phase, totals)
    if totals is None:
        return BookableDay(hospital_code, department_code, day.date, state, 0, 0, 0, 0, day.opens_at, day.closes_at)
    return BookableDay(
        hospital_code=hospital_code,
        department_code=department_code,
        date=day.date,
        state=state,
        capacity=totals.capacity,
        remaining=totals.remaining,
        session_count=totals.sessions,
        withdrawn_count=totals.withdrawn,
        opens_at=day.opens_at,
        closes_at=day.closes_at,
    )


def day_state(phase: DayPhase, totals: DayTotals | None) -> DayState:
    """The date's state: the window speaks first, then the sessions.

    A date whose sessions are all withdrawn is WITHDRAWN; one with bookable sessions is AVAILABLE or FULL by what
    they have left; one with sessions of which none takes bookings (停约) is CLOSED.
    """
    if phase is DayPhase.CLOSED:
        return DayState.CLOSED
    if phase is DayPhase.COMING:
        return DayState.COMING
    if totals is None or totals.sessions == 0:
        return DayState.NO_SESSIONS
    if totals.withdrawn == totals.sessions:
        return DayState.WITHDRAWN
    if totals.bookable == 0:
        return DayState.CLOSED
    return DayState.AVAILABLE if totals.remaining > 0 else DayState.FULL


def schedule_state(session: SlotLedger, day: WindowDay | None) -> ScheduleState:
    """A session's state. Outside the window it is CLOSED when its date has passed, COMING when it is yet to open."""
    if session.status == ScheduleStatus.WITHDRAWN:
        return ScheduleState.WITHDRAWN
    if session.status == ScheduleStatus.CLOSED or day is None or day.phase is DayPhase.CLOSED:
        return ScheduleState.CLOSED
    if day.phase is DayPhase.COMING:
        return ScheduleState.COMING
    return ScheduleState.AVAILABLE if session.remaining > 0 else ScheduleState.FULL

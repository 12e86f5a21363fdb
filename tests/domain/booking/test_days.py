"""What a patient sees of a date."""

from datetime import date
from decimal import Decimal

import pytest

from datasources.sql.slot_ledger import HalfDay, ScheduleStatus, SlotLedger
from datasources.sql.slot_ledger_reads import DayTotals
from domain.booking.days import DayState, ScheduleState, day_state, schedule_state
from domain.booking.window import DayPhase, WindowDay

NONE = None
SOME_LEFT = DayTotals(sessions=3, bookable=2, withdrawn=1, capacity=40, remaining=1)
FULL = DayTotals(sessions=2, bookable=2, withdrawn=0, capacity=40, remaining=0)
WITHDRAWN = DayTotals(sessions=2, bookable=0, withdrawn=2, capacity=0, remaining=0)
CLOSED = DayTotals(sessions=2, bookable=0, withdrawn=1, capacity=0, remaining=0)


@pytest.mark.parametrize(
    ("phase", "totals", "state"),
    [
        (DayPhase.OPEN, NONE, DayState.NO_SESSIONS),
        (DayPhase.OPEN, SOME_LEFT, DayState.AVAILABLE),
        (DayPhase.OPEN, FULL, DayState.FULL),
        (DayPhase.OPEN, WITHDRAWN, DayState.WITHDRAWN),
        (DayPhase.OPEN, CLOSED, DayState.CLOSED),
        (DayPhase.COMING, SOME_LEFT, DayState.COMING),
        (DayPhase.COMING, NONE, DayState.COMING),
        (DayPhase.CLOSED, SOME_LEFT, DayState.CLOSED),
        (DayPhase.CLOSED, NONE, DayState.CLOSED),
    ],
)
def test_a_date_has_one_state(phase: DayPhase, totals: DayTotals | None, state: DayState) -> None:
    assert day_state(phase, totals) is state


@pytest.mark.parametrize(
    ("status", "phase", "withheld", "state"),
    [
        (ScheduleStatus.BOOKABLE, DayPhase.OPEN, 0, ScheduleState.AVAILABLE),
        (ScheduleStatus.BOOKABLE, DayPhase.OPEN, 10, ScheduleState.FULL),
        (ScheduleStatus.BOOKABLE, DayPhase.COMING, 0, ScheduleState.COMING),
        (ScheduleStatus.BOOKABLE, DayPhase.CLOSED, 0, ScheduleState.CLOSED),
        (ScheduleStatus.BOOKABLE, None, 0, ScheduleState.CLOSED),
        (ScheduleStatus.CLOSED, DayPhase.OPEN, 0, ScheduleState.CLOSED),
        (ScheduleStatus.WITHDRAWN, DayPhase.OPEN, 0, ScheduleState.WITHDRAWN),
        (ScheduleStatus.WITHDRAWN, None, 0, ScheduleState.WITHDRAWN),
    ],
)
def test_a_session_has_one_state(
    status: ScheduleStatus, phase: DayPhase | None, withheld: int, state: ScheduleState
) -> None:
    session = SlotLedger(
        schedule_id="h:1",
        hospital_code="h",
        department_code="d",
        external_id="1",
        visit_date=date(2026, 11, 21),
        half_day=HalfDay.AM,
        status=status,
        fee=Decimal("9.67"),
        capacity=10,
        withheld=withheld,
        taken=0,
    )
    opens = closes = None
    day = None if phase is None else WindowDay(date(2026, 11, 21), phase, opens, closes)  # type: ignore[arg-type]
    assert schedule_state(session, day) is state

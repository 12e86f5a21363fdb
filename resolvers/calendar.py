"""A department's bookable days and the sessions of a day."""

import asyncio
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from datasources.keys import department_key, doctor_key, schedule_key
from datasources.mongo.documents import DepartmentDocument, DoctorDocument, HospitalDocument, ScheduleDocument
from datasources.sql.slot_ledger import HalfDay, SlotLedger
from datasources.sql.slot_ledger_reads import DepartmentDay, DepartmentSpan, HospitalFrom
from domain.booking.days import BookableDay, ScheduleState, bookable_day, schedule_state
from domain.booking.rule import window_rule
from domain.booking.window import window_day
from domain.money import Money
from domain.page import Page
from domain.paging import decode_cursor, encode_cursor, page_size
from resolvers import departments
from resolvers.context import RequestContext


@dataclass(frozen=True, slots=True)
class Session:
    """A schedule as the graph shows it: its ledger row and its texts."""

    ledger: SlotLedger
    text: ScheduleDocument


async def bookable_days(
    context: RequestContext, department: DepartmentDocument, *, first: int, after: str | None
) -> Page[BookableDay]:
    """The dates of a department's calendar from today on, each with its state and what remains."""
    size = page_size(first)
    behind = decode_cursor("bookableDays", after, 1)
    hospital = await context.loaders.hospital_by_code.load(department.hospital_code)
    window = [] if hospital is None else context.window(window_rule(hospital.booking_rule))
    ahead = window if behind is None else [day for day in window if day.date.isoformat() > behind[0]]
    shown = ahead[:size]
    totals = shown and await context.loaders.day_totals_by_span.load(
        DepartmentSpan(department.hospital_code, department.code, shown[0].date, shown[-1].date)
    )
    by_date = totals or {}

    async def count() -> int:
        return len(window)

    return Page(
        nodes=[bookable_day(department.hospital_code, department.code, day, by_date.get(day.date)) for day in shown],
        has_next_page=len(ahead) > size,
        has_previous_page=behind is not None,
        cursor=lambda day: encode_cursor("bookableDays", [day.date.isoformat()]),
        count=count,
    )


async def department_of_day(context: RequestContext, day: BookableDay) -> DepartmentDocument | None:
    """The department whose calendar the date is on."""
    return await context.loaders.department_by_id.load(department_key(day.hospital_code, day.department_code))


async def sessions(
    context: RequestContext, hospital_code: str, department_code: str, day: date, half_day: HalfDay | None
) -> list[Session]:
    """The sessions of a department on a date, morning first.

    A session whose texts have not reached the catalogue yet (its push is being applied) is not shown.
    """
    rows = await context.loaders.sessions_by_department_day.load(DepartmentDay(hospital_code, department_code, day))
    wanted = [row for row in rows or [] if half_day is None or row.half_day == half_day]
    texts = await context.loaders.schedule_text_by_id.load_many([row.schedule_id for row in wanted])
    return [Session(row, text) for row, text in zip(wanted, texts, strict=True) if text is not None]


async def withdrawn_of(context: RequestContext, hospital: HospitalDocument) -> list[Session]:
    """The coming sessions that the hospital withdrew, the earliest first."""
    today = context.clock().astimezone(context.zone).date()
    rows = await context.loaders.withdrawn_by_hospital.load(HospitalFrom(hospital.code, today)) or []
    texts = await context.loaders.schedule_text_by_id.load_many([row.schedule_id for row in rows])
    return [Session(row, text) for row, text in zip(rows, texts, strict=True) if text is not None]


async def session(context: RequestContext, hospital_code: str, external_id: str) -> Session | None:
    """A session by its hospital's own id."""
    return await listed_session(context, schedule_key(hospital_code, external_id))


async def listed_session(context: RequestContext, key: str) -> Session | None:
    """The session under this key, unless its hospital is not listed."""
    ledger = await context.loaders.session_by_id.load(key)
    if ledger is None or await context.loaders.hospital_by_code.load(ledger.hospital_code) is None:
        return None
    text = await context.loaders.schedule_text_by_id.load(key)
    return None if text is None else Session(ledger, text)


async def state(context: RequestContext, session: Session) -> ScheduleState:
    """What a patient can do with the session now."""
    hospital = await context.loaders.hospital_by_code.load(session.ledger.hospital_code)
    if hospital is None:
        return ScheduleState.CLOSED
    day = window_day(window_rule(hospital.booking_rule), session.ledger.visit_date, context.clock(), context.zone)
    return schedule_state(session.ledger, day)


async def hospital_of(context: RequestContext, session: Session) -> HospitalDocument | None:
    """The session's hospital."""
    return await context.loaders.hospital_by_code.load(session.ledger.hospital_code)


async def department_of(context: RequestContext, session: Session) -> DepartmentDocument | None:
    """The session's department."""
    return await context.loaders.department_by_id.load(
        department_key(session.ledger.hospital_code, session.ledger.department_code)
    )


async def doctor_of(context: RequestContext, session: Session) -> DoctorDocument | None:
    """The doctor's own entry, where the hospital keeps one."""
    if session.text.doctor_code is None:
        return None
    return await context.loaders.doctor_by_id.load(doctor_key(session.ledger.hospital_code, session.text.doctor_code))


def fee(session: Session) -> Money:
    """What a number of this session costs."""
    return Money(Decimal(session.ledger.fee))


async def bookable_days_of(
    context: RequestContext, hospital_code: str, department_code: str, *, first: int, after: str | None
) -> Page[BookableDay] | None:
    """The calendar of a department of a listed hospital; None if there is no such department."""
    department = await departments.department(context, hospital_code, department_code)
    return None if department is None else await bookable_days(context, department, first=first, after=after)


async def sessions_of(
    context: RequestContext, hospital_code: str, department_code: str, day: date, half_day: HalfDay | None
) -> list[Session] | None:
    """The sessions of a department of a listed hospital; None if there is no such department."""
    department = await departments.department(context, hospital_code, department_code)
    return None if department is None else await sessions(context, hospital_code, department_code, day, half_day)


async def own_session(context: RequestContext, key: str) -> Session | None:
    """The session under this key as its own hospital sees it, listed or not."""
    ledger, text = await asyncio.gather(
        context.loaders.session_by_id.load(key), context.loaders.schedule_text_by_id.load(key)
    )
    return None if ledger is None or text is None else Session(ledger, text)

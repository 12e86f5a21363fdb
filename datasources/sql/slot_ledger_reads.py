"""Reads of the slot ledger for browsing: totals per date the sessions of a day, and a hospital's own."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from sqlalchemy import text
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from datasources.sql.database import fetch
from datasources.sql.slot_ledger import SlotLedger


class DepartmentSpan(NamedTuple):
    """A department and a range of dates, both ends included."""

    hospital_code: str
    department_code: str
    first: date
    last: date


class DepartmentDay(NamedTuple):
    """A department on one date."""

    hospital_code: str
    department_code: str
    day: date


class HospitalFrom(NamedTuple):
    """A hospital from a date on."""

    hospital_code: str
    first: date


class DayTotals(NamedTuple):
    """Sums over a department's sessions of one date. Capacity and remaining count bookable sessions only."""

    sessions: int
    bookable: int
    withdrawn: int
    capacity: int
    remaining: int


_DAY_TOTALS = """
    SELECT l.hospital_code, l.department_code, l.visit_date,
           count(*),
           count(*) FILTER (WHERE l.status = 'BOOKABLE'),
           count(*) FILTER (WHERE l.status = 'WITHDRAWN'),
           coalesce(sum(l.capacity) FILTER (WHERE l.status = 'BOOKABLE'), 0),
           coalesce(sum(greatest(l.capacity - l.withheld - l.taken - l.waiting, 0))
                    FILTER (WHERE l.status = 'BOOKABLE'), 0)
      FROM unnest($1::text[], $2::text[], $3::date[], $4::date[]) AS wanted(hospital, department, first, last)
      JOIN slot_ledger l
        ON l.hospital_code = wanted.hospital AND l.department_code = wanted.department
       AND l.visit_date BETWEEN wanted.first AND wanted.last
     GROUP BY 1, 2, 3
"""

_SESSIONS_OF_DAYS = text("""
    SELECT l.*
      FROM unnest(CAST(:hospitals AS text[]), CAST(:departments AS text[]), CAST(:days AS date[]))
           AS wanted(hospital, department, day)
      JOIN slot_ledger l
        ON l.hospital_code = wanted.hospital AND l.department_code = wanted.department AND l.visit_date = wanted.day
     ORDER BY l.half_day, l.schedule_id
""")

_WITHDRAWN = text("""
    SELECT l.*
      FROM unnest(CAST(:hospitals AS text[]), CAST(:firsts AS date[])) AS wanted(hospital, first)
     CROSS JOIN LATERAL (
           SELECT * FROM slot_ledger
            WHERE status = 'WITHDRAWN' AND visit_date >= wanted.first AND hospital_code = wanted.hospital
            ORDER BY visit_date, half_day, schedule_id
            LIMIT :most) l
     ORDER BY l.visit_date, l.half_day, l.schedule_id
""")


class SlotLedgerReads:
    """Browsing reads inside the session it is given."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def day_totals(self, spans: Sequence[DepartmentSpan]) -> dict[DepartmentSpan, dict[date, DayTotals]]:
        """The totals of each date that has sessions, for each span."""
        distinct = list(dict.fromkeys(spans))
        rows = await fetch(
            self._session,
            _DAY_TOTALS,
            [span.hospital_code for span in distinct],
            [span.department_code for span in distinct],
            [span.first for span in distinct],
            [span.last for span in distinct],
        )
        by_department: dict[tuple[str, str], dict[date, DayTotals]] = {}
        for hospital, department, day, *totals in rows:
            by_department.setdefault((hospital, department), {})[day] = DayTotals(*totals)
        return {span: by_department.get((span.hospital_code, span.department_code), {}) for span in distinct}

    async def sessions_of_days(self, days: Sequence[DepartmentDay]) -> dict[DepartmentDay, list[SlotLedger]]:
        """The sessions of each department and date, morning first."""
        distinct = list(dict.fromkeys(days))
        rows = await self._session.exec(  # type: ignore[call-overload]
            select(SlotLedger).from_statement(
                _SESSIONS_OF_DAYS.bindparams(
                    hospitals=[day.hospital_code for day in distinct],
                    departments=[day.department_code for day in distinct],
                    days=[day.day for day in distinct],
                )
            )
        )
        found: dict[DepartmentDay, list[SlotLedger]] = {day: [] for day in distinct}
        for session in rows.scalars() if hasattr(rows, "scalars") else rows:
            found[DepartmentDay(session.hospital_code, session.department_code, session.visit_date)].append(session)
        return found

    async def withdrawn(self, spans: Sequence[HospitalFrom], most: int) -> dict[HospitalFrom, list[SlotLedger]]:
        """The sessions that each hospital withdrew from a date on, the earliest first, at most so many of each."""
        distinct = list(dict.fromkeys(spans))
        rows = await self._session.exec(  # type: ignore[call-overload]
            select(SlotLedger).from_statement(
                _WITHDRAWN.bindparams(
                    hospitals=[span.hospital_code for span in distinct],
                    firsts=[span.first for span in distinct],
                    most=most,
                )
            )
        )
        found: list[SlotLedger] = list(rows.scalars() if hasattr(rows, "scalars") else rows)
        return {
            span: [row for row in found if row.hospital_code == span.hospital_code and row.visit_date >= span.first]
            for span in distinct
        }

    async def by_ids(self, schedule_ids: Sequence[str]) -> dict[str, SlotLedger]:
        """Ledger rows by schedule key."""
        rows = await self._session.exec(select(SlotLedger).where(col(SlotLedger.schedule_id).in_(schedule_ids)))
        return {row.schedule_id: row for row in rows}

    async def page_of_hospital(
        self, hospital_code: str, department_code: str | None, *, offset: int, limit: int
    ) -> tuple[list[SlotLedger], int]:
        """Some of a hospital's sessions, or of one department's, by date, and how many there are in all."""
        wanted = [col(SlotLedger.hospital_code) == hospital_code]
        if department_code is not None:
            wanted.append(col(SlotLedger.department_code) == department_code)
        rows = await self._session.exec(
            select(SlotLedger)
            .where(*wanted)
            .order_by(col(SlotLedger.visit_date), col(SlotLedger.half_day), col(SlotLedger.schedule_id))
            .offset(offset)
            .limit(limit)
        )
        count = await self._session.exec(select(func.count()).select_from(SlotLedger).where(*wanted))
        return list(rows.all()), count.one()

"""What can be taken of a department's sessions, or of one session, as it changes.

Each event is the whole state. Changes come from bookings, from pushes, and from the clock: at the release, at the stop
and at midnight the window looks different although nobody changed anything.
"""

from collections.abc import AsyncGenerator, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple
from zoneinfo import ZoneInfo

from datasources.keys import department_key
from datasources.live.changes import CatalogueChange, Change, SlotChange
from datasources.live.topics import catalogue_topic, department_topic, schedule_topic
from datasources.mongo.departments import DepartmentReads
from datasources.mongo.documents import DepartmentDocument, HospitalDocument, ScheduleDocument
from datasources.mongo.hospitals import HospitalReads
from datasources.mongo.schedules import ScheduleReads
from datasources.sql.slot_ledger import ScheduleStatus, SlotLedger
from datasources.sql.slot_ledger_reads import DayTotals, DepartmentDay, SlotLedgerReads
from datasources.stores import Stores
from domain.booking.days import BookableDay, ScheduleState, bookable_day, schedule_state
from domain.booking.rule import window_rule
from domain.booking.window import window_day, window_days
from domain.clock import Clock
from domain.live.states import Seen, latest_states
from domain.live.window_turns import next_turn


class Selection(NamedTuple):
    """The dates of a department that are watched; None leaves the calendar's own end."""

    hospital_code: str
    department_code: str
    first: date | None
    last: date | None

    def takes(self, day: date) -> bool:
        """Whether the date is among them."""
        return (self.first is None or day >= self.first) and (self.last is None or day <= self.last)


@dataclass(frozen=True, slots=True)
class SlotAvailability:
    """The watched dates and all that was read for them."""

    days: tuple[BookableDay, ...]
    visible: tuple[object, ...]
    """What a subscriber can see change of the sessions."""
    department: DepartmentDocument = field(compare=False)
    hospital: HospitalDocument = field(compare=False)
    sessions: Mapping[DepartmentDay, list[SlotLedger]] = field(compare=False)
    texts: Mapping[str, ScheduleDocument | None] = field(compare=False)


@dataclass(frozen=True, slots=True)
class ScheduleAvailability:
    """A session, its texts, and what can be done with it."""

    visible: tuple[object, ...]
    ledger: SlotLedger = field(compare=False)
    text: ScheduleDocument = field(compare=False)


def watch_slot_availability(
    stores: Stores, zone: ZoneInfo, clock: Clock, selection: Selection
) -> AsyncGenerator[SlotAvailability | None, None]:
    """The state of these dates now, then each that differs. None: there is no such department (any more)."""

    def concerns(change: Change) -> bool:
        return not isinstance(change, SlotChange) or selection.takes(change.visit_date)

    department = department_topic(selection.hospital_code, selection.department_code)
    topics = [department, catalogue_topic(selection.hospital_code)]
    return latest_states(stores, topics, _DepartmentReader(stores, zone, clock, selection), clock, concerns=concerns)


def watch_schedule_availability(
    stores: Stores, zone: ZoneInfo, clock: Clock, hospital_code: str, schedule_id: str
) -> AsyncGenerator[ScheduleAvailability | None, None]:
    """The state of a session now, then each that differs. None: there is no such session (any more)."""
    topics = [schedule_topic(schedule_id), catalogue_topic(hospital_code)]
    return latest_states(stores, topics, _ScheduleReader(stores, zone, clock, hospital_code, schedule_id), clock)


class _DepartmentReader:
    """Reads the ledger each time, the catalogue only when it may have changed."""

    def __init__(self, stores: Stores, zone: ZoneInfo, clock: Clock, selection: Selection) -> None:
        self._stores = stores
        self._zone = zone
        self._clock = clock
        self._selection = selection
        self._hospital: HospitalDocument | None = None
        self._department: DepartmentDocument | None = None
        self._texts: dict[str, ScheduleDocument | None] = {}

    async def __call__(self, changed: frozenset[type[Change]]) -> Seen[SlotAvailability | None]:
        hospital_code, department_code, *_ = self._selection
        if CatalogueChange in changed:
            key = department_key(hospital_code, department_code)
            self._hospital = (await HospitalReads().by_codes([hospital_code])).get(hospital_code)
            self._department = (await DepartmentReads().by_ids([key])).get(key)
            self._texts = {}
        if self._hospital is None or self._department is None:
            return Seen(None)
        now = self._clock()
        rule = window_rule(self._hospital.booking_rule)
        shown = {day.date: day for day in window_days(rule, now, self._zone) if self._selection.takes(day.date)}
        async with self._stores.sql.read() as session:
            sessions = await SlotLedgerReads(session).sessions_of_days(
                [DepartmentDay(hospital_code, department_code, day) for day in shown]
            )
        await self._read_missing_texts(row.schedule_id for rows in sessions.values() for row in rows)
        state = SlotAvailability(
            days=tuple(
                bookable_day(hospital_code, department_code, shown[place.day], _totals(rows))
                for place, rows in sessions.items()
            ),
            visible=tuple(
                _visible(row, schedule_state(row, shown[place.day]), self._texts[row.schedule_id])
                for place, rows in sessions.items()
                for row in rows
            ),
            department=self._department,
            hospital=self._hospital,
            sessions=sessions,
            texts=dict(self._texts),
        )
        return Seen(state, next_turn(rule, now, self._zone))

    async def _read_missing_texts(self, ids: Iterable[str]) -> None:
        wanted = set(ids)
        missing = [id for id in wanted if id not in self._texts]
        found = await ScheduleReads().by_ids(missing) if missing else {}
        self._texts = {id: found.get(id, self._texts.get(id)) for id in wanted}


class _ScheduleReader:
    """Reads one session's row each time, the catalogue only when it may have changed."""

    def __init__(self, stores: Stores, zone: ZoneInfo, clock: Clock, hospital_code: str, schedule_id: str) -> None:
        self._stores = stores
        self._zone = zone
        self._clock = clock
        self._hospital_code = hospital_code
        self._schedule_id = schedule_id
        self._hospital: HospitalDocument | None = None
        self._text: ScheduleDocument | None = None

    async def __call__(self, changed: frozenset[type[Change]]) -> Seen[ScheduleAvailability | None]:
        if CatalogueChange in changed:
            self._hospital = (await HospitalReads().by_codes([self._hospital_code])).get(self._hospital_code)
            self._text = (await ScheduleReads().by_ids([self._schedule_id])).get(self._schedule_id)
        if self._hospital is None or self._text is None:
            return Seen(None)
        async with self._stores.sql.read() as session:
            row = (await SlotLedgerReads(session).by_ids([self._schedule_id])).get(self._schedule_id)
        if row is None:
            return Seen(None)
        now = self._clock()
        rule = window_rule(self._hospital.booking_rule)
        state = schedule_state(row, window_day(rule, row.visit_date, now, self._zone))
        until = next_turn(rule, now, self._zone)
        return Seen(ScheduleAvailability(_visible(row, state, self._text), row, self._text), until)


def _totals(rows: list[SlotLedger]) -> DayTotals:
    bookable = [row for row in rows if row.status == ScheduleStatus.BOOKABLE]
    return DayTotals(
        sessions=len(rows),
        bookable=len(bookable),
        withdrawn=sum(row.status == ScheduleStatus.WITHDRAWN for row in rows),
        capacity=sum(row.capacity for row in bookable),
        remaining=sum(row.remaining for row in bookable),
    )


def _visible(row: SlotLedger, state: ScheduleState, text: ScheduleDocument | None) -> tuple[object, ...]:
    place = row.schedule_id, row.department_code, row.visit_date, row.half_day
    return *place, row.status, state, row.capacity, row.remaining, row.fee, text

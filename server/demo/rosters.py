"""Who sees patients when: the weekly habit of a real department, and the even load of the large set."""

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from typing import NamedTuple

from datasources.sql.slot_ledger import HalfDay
from server.demo.departments import DemoDepartment
from server.demo.draws import Draws
from server.demo.people import DemoDoctor

SATURDAY, SUNDAY = 5, 6


class Shift(NamedTuple):
    """One session to be held. Without a doctor it is the department's general clinic (普通门诊)."""

    day: date
    half_day: HalfDay
    doctor: DemoDoctor | None


Roster = Callable[[DemoDepartment, Iterable[date]], Iterator[Shift]]
"""The shifts of a leaf department on these days. A day's shifts depend on that day alone."""


def weekly_shifts(department: DemoDepartment, days: Iterable[date]) -> Iterator[Shift]:
    """A general clinic on most half-days, each doctor on two or three half-days a week, little at the weekend."""
    draws = Draws(f"roster:{department.hospital_code}:{department.code}")
    general = {
        (weekday, half_day)
        for weekday in range(7)
        for half_day in HalfDay
        if draws.chance(_general_clinic_percent(weekday, half_day))
    }
    habits = [(doctor, _habit(doctor)) for doctor in department.doctors]
    for day in days:
        for half_day in HalfDay:
            slot = (day.weekday(), half_day)
            if slot in general:
                yield Shift(day, half_day, None)
            for doctor, habit in habits:
                if slot in habit:
                    yield Shift(day, half_day, doctor)


def steady_shifts(department: DemoDepartment, days: Iterable[date]) -> Iterator[Shift]:
    """Four sessions every day: in each half the general clinic and one doctor in turn."""
    for day in days:
        for half_day in HalfDay:
            turn = day.toordinal() * len(HalfDay) + (half_day is HalfDay.PM)
            yield Shift(day, half_day, None)
            yield Shift(day, half_day, department.doctors[turn % len(department.doctors)])


def _general_clinic_percent(weekday: int, half_day: HalfDay) -> int:
    if weekday == SUNDAY:
        return 20 if half_day is HalfDay.AM else 0
    if weekday == SATURDAY:
        return 60 if half_day is HalfDay.AM else 15
    return 95 if half_day is HalfDay.AM else 65


def _habit(doctor: DemoDoctor) -> set[tuple[int, HalfDay]]:
    draws = Draws(f"habit:{doctor.hospital_code}:{doctor.code}")
    habit = {(draws.below(SATURDAY), draws.pick(tuple(HalfDay))) for _ in range(2)}
    if draws.chance(20):
        habit.add((SATURDAY, HalfDay.AM))
    return habit

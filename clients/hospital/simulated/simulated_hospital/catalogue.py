"""What the hospital offers: invented by itself, or read from a folder that an older system exported."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from htbooking_hospital import BookingRule, Department, Doctor, Hospital, Schedule
from htbooking_hospital.items import as_input
from htbooking_hospital.older_export import read_export

DAYS = 7
_DEPARTMENTS = (
    ("01", "内科", None),
    ("0101", "心血管内科门诊", "01"),
    ("0102", "呼吸内科门诊", "01"),
    ("02", "外科", None),
    ("0201", "骨科门诊", "02"),
    ("03", "眼科门诊", None),
)
_DOCTORS = (
    ("d1", "闻远舟", "主任医师", "0101", "12.50"),
    ("d2", "施听澜", "副主任医师", "0102", "9.67"),
    ("d3", "岑望川", "主任医师", "0201", "12.50"),
    ("d4", "陆知微", "主治医师", "03", "0"),
)
_CAPACITY = 12


@dataclass(frozen=True)
class Catalogue:
    """All that is pushed, in the form in which it is pushed."""

    hospital: Mapping[str, Any]
    departments: Sequence[Mapping[str, Any]]
    doctors: Sequence[Mapping[str, Any]]
    sessions: Sequence[Mapping[str, Any]]

    def name(self) -> str:
        """A name that changes with any of it: a push of the same is the same push."""
        content = json.dumps([self.hospital, self.departments, self.doctors, self.sessions], sort_keys=True)
        return hashlib.sha256(content.encode()).hexdigest()[:32]


def invented(name: str, today: date, withdrawn: set[str]) -> Catalogue:
    """A small hospital with sessions on each of the next days."""
    rule = BookingRule(cycle=DAYS, release_time="00:00", stop_time="23:59", quit_day=0, quit_time="23:59")
    entry = Hospital(
        name,
        level="3A",
        region_code="330106",
        address="柳岸路 9 号",
        introduction="由程序扮演的医院：推送排班、确认预约、安排取号。",
        booking_rule=rule,
    )
    return Catalogue(
        as_input(entry),
        [as_input(Department(code, text, parent_code=parent)) for code, text, parent in _DEPARTMENTS],
        [as_input(Doctor(code, text, title, department_codes=[home])) for code, text, title, home, _ in _DOCTORS],
        [dict(as_input(session)) for session in sessions(today, DAYS, withdrawn)],
    )


def sessions(today: date, days: int, withdrawn: set[str]) -> Iterator[Schedule]:
    """Each doctor's mornings and afternoons."""
    for offset in range(days):
        day = today + timedelta(days=offset)
        for doctor, _, _, department, fee in _DOCTORS:
            for half_day in ("AM", "PM"):
                id = f"{doctor}-{day:%Y%m%d}-{half_day}"
                yield Schedule(
                    id,
                    department,
                    day,
                    half_day,
                    _CAPACITY,
                    fee,
                    status="WITHDRAWN" if id in withdrawn else "BOOKABLE",
                    doctor_code=doctor,
                    fetch_address="门诊楼 2 层",
                )


def exported(folder: Path, today: date, withdrawn: set[str]) -> Catalogue:
    """An older system's export, its earliest session moved to today. Raises ExportError."""
    export = read_export(folder, today)
    rows = [dict(item.fields) for item in export.schedules]
    for row in rows:
        if str(row["externalId"]) in withdrawn:
            row["status"] = "WITHDRAWN"
    return Catalogue(export.hospital.fields, [item.fields for item in export.departments], [], rows)


def many_sessions(count: int, today: date) -> Iterator[Schedule]:
    """So many sessions, made one by one: what a large hospital has for a year, to see how fast they go out."""
    for number in range(count):
        day = today + timedelta(days=1 + number % 60)
        yield Schedule(
            f"m{number}",
            ("0101", "0102", "0201", "03")[number % 4],
            day,
            ("AM", "PM")[number // 4 % 2],
            30,
            "9.67",
            doctor_name="轮值医师",
            doctor_title="主治医师",
            notice="请提前十分钟到。",
        )

"""Reads what an older hospital system exported: hospital.json, department.json and schedule.json.

Values stay as they came, under the graph's names: the platform judges them. README.md of the package says which of the
older names becomes which of the graph's.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

_DATE = re.compile(r"^\s*(\d{4})[-/.]?(\d{1,2})[-/.]?(\d{1,2})\s*$")
_EXACT_DIGITS = 15

Row = Mapping[str, Any]


# ---- what becomes of what ----


@dataclass(frozen=True, slots=True)
class Column:
    """One value of an older row: its name there, its name in the graph."""

    theirs: str
    ours: str
    required: bool = False
    """Missing, it is sent as empty text, so that the platform refuses this row and not the whole call."""
    is_text: bool = False
    """The graph wants text here; a number is sent as its digits."""


HOSPITAL = (
    Column("hosname", "name", required=True, is_text=True),
    Column("hostype", "level"),
    Column("address", "address", is_text=True),
    Column("intro", "introduction", is_text=True),
    Column("route", "route", is_text=True),
    Column("logoData", "logo", is_text=True),
)
REGIONS = ("districtCode", "cityCode", "provinceCode")
"""The first of these that is filled becomes `regionCode`."""
RULE = (
    Column("cycle", "cycle"),
    Column("releaseTime", "releaseTime", is_text=True),
    Column("stopTime", "stopTime", is_text=True),
    Column("quitDay", "quitDay"),
    Column("quitTime", "quitTime", is_text=True),
)
DEPARTMENT = (
    Column("depcode", "code", required=True),
    Column("depname", "name", required=True, is_text=True),
    Column("intro", "introduction", is_text=True),
    Column("bigcode", "parentCode"),
)
PARENT = (Column("bigcode", "code", required=True), Column("bigname", "name", required=True, is_text=True))
SCHEDULE = (
    Column("hosScheduleId", "externalId", required=True),
    Column("depcode", "departmentCode", required=True),
    Column("workDate", "date", required=True),
    Column("workTime", "halfDay", required=True),
    Column("reservedNumber", "capacity", required=True),
    Column("availableNumber", "available"),
    Column("amount", "fee", required=True),
    Column("status", "status"),
    Column("docname", "doctorName", is_text=True),
    Column("title", "doctorTitle", is_text=True),
    Column("skill", "skill", is_text=True),
)
OWNER = "hoscode"


def mapped(row: Row, columns: Sequence[Column]) -> dict[str, Any]:
    """The row under the graph's names, its values untouched."""
    item: dict[str, Any] = {}
    for column in columns:
        value = row.get(column.theirs)
        if value is not None:
            item[column.ours] = str(value) if column.is_text and isinstance(value, int | float) else value
        elif column.required:
            item[column.ours] = ""
    return item


def hospital_input(row: Row) -> dict[str, Any]:
    """The hospital's entry. A rule that came as text stays text: the platform reads it, single quotes and all."""
    item = mapped(row, HOSPITAL)
    region = next((row[name] for name in REGIONS if row.get(name) not in (None, "")), None)
    if region is not None:
        item["regionCode"] = region
    rule = row.get("bookingRule")
    if isinstance(rule, Mapping):
        item["bookingRule"] = mapped(rule, RULE)
        if (lines := rule.get("rule")) is not None:
            item["bookingRule"]["rules"] = [str(line) for line in (lines if isinstance(lines, list) else [lines])]
    elif rule is not None:
        item["bookingRuleText"] = rule if isinstance(rule, str) else json.dumps(rule, ensure_ascii=False)
    return item


# ---- the export ----


class ExportError(Exception):
    """The folder can't be read as an export. The message says what to mend."""


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to push, and where it stands in the export."""

    fields: dict[str, Any]
    origin: str


@dataclass(slots=True)
class Export:
    """A folder read into what can be pushed."""

    hospital_code: str
    hospital: Item
    departments: list[Item]
    schedules: list[Item]
    stamp: str
    """Names this very export: the same files, untouched, have the same one."""
    not_sent: list[str] = field(default_factory=list)
    """Rows that can't be sent at all, and why."""
    unknown_names: list[str] = field(default_factory=list)
    """What the export holds beyond the mapping."""


def read_export(folder: Path, first_day: date | None = None) -> Export:
    """Read the folder; with `first_day`, every session is moved by as many days as bring the earliest one there."""
    row = _hospital_row(folder)
    code = str(row.get(OWNER, ""))
    hospital_names = {OWNER, "bookingRule", *REGIONS, *_theirs(HOSPITAL)}
    export = Export(code, Item(hospital_input(row), "hospital.json"), [], [], _stamp(folder))
    export.unknown_names += _unknown("hospital.json", [row], hospital_names)
    if isinstance(row.get("bookingRule"), Mapping):
        export.unknown_names += _unknown("hospital.json bookingRule", [row["bookingRule"]], {"rule", *_theirs(RULE)})

    department_rows = _rows(folder, "department.json", export, {OWNER, *_theirs(DEPARTMENT), *_theirs(PARENT)})
    export.departments = _departments(department_rows)
    schedule_rows = _rows(folder, "schedule.json", export, {OWNER, *_theirs(SCHEDULE)})
    export.schedules = [
        Item(mapped(row, SCHEDULE), _origin("schedule.json", place, row, "hosScheduleId"))
        for place, row in schedule_rows.items()
    ]
    if first_day is not None:
        shift_dates(export.schedules, first_day)
    return export


def shift_dates(schedules: Sequence[Item], first_day: date) -> None:
    """Move every date that can be read, so that the earliest becomes `first_day`; the others stay as they came."""
    read = {id(item): day for item in schedules if (day := _day(item.fields["date"])) is not None}
    if not read:
        return
    difference = first_day - min(read.values())
    for item in schedules:
        if id(item) in read:
            item.fields["date"] = (read[id(item)] + difference).isoformat()


def _departments(rows: Mapping[int, Row]) -> list[Item]:
    """Parents first. A `bigcode` that no row has as its own code becomes a department of its own, once per name."""
    own = {str(row.get("depcode")) for row in rows.values()}
    above: dict[tuple[str, str], Item] = {}
    parents: list[Item] = []
    others: list[Item] = []
    parent_codes = {str(row.get("bigcode")) for row in rows.values()}
    for place, row in rows.items():
        item = Item(mapped(row, DEPARTMENT), _origin("department.json", place, row, "depcode"))
        (parents if str(row.get("depcode")) in parent_codes else others).append(item)
        code = row.get("bigcode")
        if code not in (None, "") and str(code) not in own:
            origin = _origin("department.json", place, row, "bigcode")
            above.setdefault((str(code), str(row.get("bigname"))), Item(mapped(row, PARENT), origin))
    return [*above.values(), *parents, *others]


def _hospital_row(folder: Path) -> Row:
    content = _json(folder / "hospital.json")
    if isinstance(content, list) and len(content) == 1:
        content = content[0]
    if not isinstance(content, Mapping):
        raise ExportError(f"{folder / 'hospital.json'} must hold one hospital, an object.")
    return content


def _rows(folder: Path, name: str, export: Export, known_names: set[str]) -> dict[int, Row]:
    """The file's rows by their place, counted from 0. Those of another hospital, and what is no row, are left out."""
    content = _json(folder / name)
    if not isinstance(content, list):
        raise ExportError(f"{folder / name} must hold a list of objects.")
    rows: dict[int, Row] = {}
    for place, row in enumerate(content):
        if not isinstance(row, Mapping):
            export.not_sent.append(f"{name}[{place}]: not an object")
        elif str(row.get(OWNER, export.hospital_code)) != export.hospital_code:
            export.not_sent.append(f"{name}[{place}]: {OWNER} {row[OWNER]!r} is not {export.hospital_code!r}")
        else:
            rows[place] = row
    export.unknown_names += _unknown(name, rows.values(), known_names)
    return rows


def _json(path: Path) -> Any:
    try:
        # Python's own limits on digits and JSON's on precision must not change what the hospital sent.
        return json.loads(path.read_text("utf-8-sig"), parse_int=_whole, parse_constant=str)
    except OSError as error:
        raise ExportError(f"{path} can't be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise ExportError(f"{path} is not UTF-8 (byte {error.start}).") from error
    except json.JSONDecodeError as error:
        raise ExportError(f"{path} is not JSON: {error}.") from error


def _whole(digits: str) -> int | str:
    return int(digits) if len(digits) <= _EXACT_DIGITS else digits


def _stamp(folder: Path) -> str:
    """A system that writes the same content anew means it anew: a fee that went up and came back must be taken."""
    whole = hashlib.sha256()
    for name in ("hospital.json", "department.json", "schedule.json"):
        path = folder / name
        whole.update(f"{name} {path.stat().st_mtime_ns}\n".encode())
        whole.update(path.read_bytes())
    return whole.hexdigest()


def _day(value: object) -> date | None:
    match = _DATE.match(str(value))
    if match is None:
        return None
    try:
        return date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        return None


def _theirs(columns: Sequence[Column]) -> set[str]:
    return {column.theirs for column in columns}


def _origin(name: str, place: int, row: Row, code: str) -> str:
    return f"{name}[{place}] ({code} {row.get(code)!r})"


def _unknown(name: str, rows: Any, known: set[str]) -> list[str]:
    found = sorted({key for row in rows for key in row} - known)
    return [f"{name}: {', '.join(found)}"] if found else []

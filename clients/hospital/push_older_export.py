"""Pushes a folder that an older hospital system exported: hospital.json, department.json and schedule.json.

    python push_older_export.py --endpoint https://booking.example/graphql --key-id hk_… --secret … --folder export

README.md beside this file says which of the older names becomes which of the graph's. Values go out as they came: the
platform judges them, and whatever it refuses is printed with its place in the file, its field and the reason.
Needs Python 3.11, httpx, and integration_client.py beside it.
"""

import argparse
import hashlib
import json
import os
import re
import secrets
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING or __package__:
    from clients.hospital.integration_client import IntegrationClient, IntegrationError, RefusedError
else:
    from integration_client import IntegrationClient, IntegrationError, RefusedError

MOST_ITEMS = 1_000
MOST_BATCH_BYTES = 1_000_000
CHINA = timezone(timedelta(hours=8))
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


# ---- the push ----

_HOSPITAL_MUTATION = """
mutation($input: UpsertHospitalInput!) {
  answer: upsertHospital(input: $input) {
    __typename
    ... on HospitalUpserted { replayed hospital { code } }
    ... on InvalidInput { message fields { field code message } }
    ... on Problem { message }
  }
}
"""
_BATCH_MUTATION = """
mutation($input: %(kind)sInput!) {
  answer: %(operation)s(input: $input) {
    __typename
    ... on CataloguePushed { created replaced replayed refused { index field code message } }
    ... on InvalidBatch { message items { index field code message } }
    ... on InvalidInput { message fields { field code message } }
    ... on Problem { message }
  }
}
"""


class Push:
    """Sends an export batch by batch and says what became of each."""

    def __init__(
        self, client: IntegrationClient, export: Export, *, batch_size: int, all_or_nothing: bool, salt: str
    ) -> None:
        self._client = client
        self._export = export
        self._batch_size = batch_size
        self._all_or_nothing = all_or_nothing
        self._salt = salt
        self.refused = len(export.not_sent)

    def run(self) -> None:
        """Push everything. Raises IntegrationError when the platform can't be reached or doesn't know the key."""
        for line in self._export.not_sent:
            say(f"not sent  {line}")
        for line in self._export.unknown_names:
            say(f"ignored   names without a place in the graph: {line}")
        self._push_hospital()
        self._push_batches("upsertDepartments", self._export.departments)
        self._push_batches("upsertSchedules", self._export.schedules)

    def _push_hospital(self) -> None:
        item = self._export.hospital
        body = {"hospital": item.fields}
        answer = self._answer(_HOSPITAL_MUTATION, "upsertHospital", body)
        if answer is None:
            return
        if answer["__typename"] != "HospitalUpserted":
            say(f"upsertHospital: refused, {answer['message']}")
            self._name_fields(answer, item)
            return
        say(f"upsertHospital: taken{_replayed(answer)}")
        code = answer["hospital"]["code"]
        if code != self._export.hospital_code:
            raise ExportError(
                f"This key is of the hospital {code}, but the export says {OWNER} {self._export.hospital_code!r}. "
                f"The entry of {code} was replaced; push its own export to put it right. Nothing more was sent."
            )

    def _push_batches(self, operation: str, items: Sequence[Item]) -> None:
        kind = operation[0].upper() + operation[1:]
        mutation = _BATCH_MUTATION % {"kind": kind, "operation": operation}
        for batch in batches(items, self._batch_size):
            body = {"items": [item.fields for item in batch], "allOrNothing": self._all_or_nothing}
            say(f"{operation}: {len(batch)} sent, {batch[0].origin} to {batch[-1].origin}")
            answer = self._answer(mutation, operation, body)
            if answer is None:
                continue
            if answer["__typename"] == "CataloguePushed":
                refused = {problem["index"] for problem in answer["refused"]}
                figures = f"{answer['created']} created, {answer['replaced']} replaced, {len(refused)} refused"
                say(f"  {figures}{_replayed(answer)}")
                self._name_items(answer["refused"], batch)
            else:
                say(f"  nothing taken: {answer['message']}")
                self._name_items(answer.get("items", []), batch)
                self._name_fields(answer, None)

    def _answer(self, mutation: str, operation: str, body: dict[str, Any]) -> dict[str, Any] | None:
        """The mutation's answer; None, with the reasons printed, when the graph couldn't read the input at all."""
        call = {"idempotencyKey": self._key(operation, body), **body}
        try:
            answer: dict[str, Any] = self._client.execute(mutation, {"input": call})["answer"]
        except RefusedError as refusal:
            if refusal.code != "BAD_REQUEST":
                raise
            say(f"{operation}: nothing taken, the input doesn't fit the graph")
            for error in refusal.errors:
                say(f"    {error['message']}")
            self.refused += len(refusal.errors)
            return None
        return answer

    def _key(self, operation: str, body: dict[str, Any]) -> str:
        """The same batch of the same export always has the same key, so repeating a broken-off run is harmless."""
        content = json.dumps([operation, self._export.stamp, self._salt, body], sort_keys=True, ensure_ascii=False)
        return f"older-export-{hashlib.sha256(content.encode()).hexdigest()[:48]}"

    def _name_items(self, problems: Sequence[Mapping[str, Any]], batch: Sequence[Item]) -> None:
        for problem in problems:
            index = problem["index"]
            said = f"{problem['field']}  {problem['code']}  {problem['message']}"
            say(f"    [{index}] {batch[index].origin}  {said}")
        self.refused += len({problem["index"] for problem in problems})

    def _name_fields(self, answer: Mapping[str, Any], item: Item | None) -> None:
        for problem in answer.get("fields", []):
            where = f"{item.origin}  " if item else ""
            say(f"    {where}{problem['field']}  {problem['code']}  {problem['message']}")
        self.refused += 1


def batches(items: Sequence[Item], most: int) -> Iterator[list[Item]]:
    """The items in order, in lists of at most so many, and small enough for one request."""
    batch: list[Item] = []
    size = 0
    for item in items:
        bytes_needed = len(json.dumps(item.fields, ensure_ascii=False).encode())
        if batch and (len(batch) == most or size + bytes_needed > MOST_BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(item)
        size += bytes_needed
    if batch:
        yield batch


def _replayed(answer: Mapping[str, Any]) -> str:
    return " (replayed: this call was made before, nothing was done again; see --again)" if answer["replayed"] else ""


# ---- the command ----


def main(words: Sequence[str] | None = None) -> int:
    """The exit code: 0 everything was taken, 1 something was refused, 2 the push could not be made."""
    arguments = _parser().parse_args(words)
    if not arguments.key_id or not arguments.secret:
        complain("Give --key-id and --secret, or set HTBOOKING_KEY_ID and HTBOOKING_SECRET.")
        return 2
    first_day = datetime.now(CHINA).date() if arguments.shift_to_today else None
    try:
        export = read_export(arguments.folder, first_day)
        with IntegrationClient(
            arguments.endpoint, arguments.key_id, arguments.secret, language=arguments.language
        ) as client:
            push = Push(
                client,
                export,
                batch_size=arguments.batch_size,
                all_or_nothing=arguments.all_or_nothing,
                salt=secrets.token_hex(8) if arguments.again else "",
            )
            push.run()
    except ExportError as error:
        complain(str(error))
        return 2
    except IntegrationError as error:
        complain(f"{error}\nRun the same command again when that is mended: what was taken is not done twice.")
        return 2
    say(f"{push.refused} refused in all" if push.refused else "everything was taken")
    return 1 if push.refused else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="Push an older hospital system's export to HTBooking.")
    parser.add_argument("--endpoint", required=True, help="the graph's address, ending in /graphql")
    parser.add_argument("--key-id", default=os.environ.get("HTBOOKING_KEY_ID"), help="or HTBOOKING_KEY_ID")
    parser.add_argument(
        "--secret",
        default=os.environ.get("HTBOOKING_SECRET"),
        help="or HTBOOKING_SECRET, which other users of this machine can't see",
    )
    parser.add_argument(
        "--folder", required=True, type=Path, help="holds hospital.json, department.json, schedule.json"
    )
    parser.add_argument(
        "--shift-to-today", action="store_true", help="move all sessions so that the earliest is today (in China)"
    )
    parser.add_argument("--all-or-nothing", action="store_true", help="take a batch only if every row of it is good")
    parser.add_argument("--again", action="store_true", help="make new calls of an export that was pushed before")
    parser.add_argument("--batch-size", type=_batch_size, default=500, help="rows per call, 1 to 1000; 500 if left out")
    parser.add_argument("--language", choices=("en", "zh-CN"), default="en", help="of the platform's messages")
    return parser


def _batch_size(text: str) -> int:
    size = int(text)
    if not 1 <= size <= MOST_ITEMS:
        raise argparse.ArgumentTypeError(f"1 to {MOST_ITEMS}")
    return size


def say(line: str) -> None:
    """A line of the report. What the file holds may not move the terminal's cursor."""
    sys.stdout.write("".join(character for character in line if character.isprintable()) + "\n")


def complain(line: str) -> None:
    """Why the push could not be made."""
    sys.stderr.write(line + "\n")


if __name__ == "__main__":
    sys.exit(main())

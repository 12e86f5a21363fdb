"""Older names and numbers against ours, both ways. Nothing outside this folder knows them."""

import re
from collections.abc import Mapping
from typing import Any

from datasources.mongo.documents import DepartmentDocument
from datasources.sql.slot_ledger import HalfDay, ScheduleStatus
from domain.catalogue.listing import KeptSession

HALF_DAYS = {"0": HalfDay.AM, "1": HalfDay.PM}
STATUSES = {"1": ScheduleStatus.BOOKABLE, "0": ScheduleStatus.CLOSED, "-1": ScheduleStatus.WITHDRAWN}
_HALF_DAY_NUMBERS = {half_day: int(number) for number, half_day in HALF_DAYS.items()}
_STATUS_NUMBERS = {status: int(number) for number, status in STATUSES.items()}
_CAPITAL = re.compile("[A-Z]")
_NEEDED = ("external_id", "department_code", "date", "half_day", "capacity", "fee")
_REGIONS = ("districtCode", "cityCode", "provinceCode")
Names = Mapping[str, str]
HOSPITAL: Names = {
    "hosname": "name",
    "hostype": "level",
    "address": "address",
    "intro": "introduction",
    "route": "route",
    "logoData": "logo",
    "bookingRule": "booking_rule_text",
}
DEPARTMENT: Names = {"depcode": "code", "depname": "name", "intro": "introduction", "bigcode": "parent_code"}
SESSION: Names = {
    "hosScheduleId": "external_id",
    "depcode": "department_code",
    "workDate": "date",
    "workTime": "half_day",
    "reservedNumber": "capacity",
    "availableNumber": "available",
    "amount": "fee",
    "status": "status",
    "docname": "doctor_name",
    "title": "doctor_title",
    "skill": "skill",
}
"""What they call it, and what our pushes do."""

Values = Mapping[str, str]


def hospital_item(values: Values) -> dict[str, object]:
    """`saveHospital`."""
    item = {"name": "", **_taken(values, HOSPITAL)}
    item["region_code"] = next((values[name] for name in _REGIONS if values.get(name)), None)
    return item


def department_item(values: Values) -> dict[str, object]:
    """`saveDepartment`, without the department above."""
    return {"code": "", "name": "", **_taken(values, DEPARTMENT)}


def parent_item(values: Values) -> dict[str, object] | None:
    """The department above, which older systems name with each of its children."""
    code = values.get("bigcode", "").strip()
    return {"code": code, "name": values.get("bigname", "")} if code else None


def session_item(values: Values) -> dict[str, object]:
    """`saveSchedule`. A number that means nothing stays as it is, to be refused with its field."""
    item = {**dict.fromkeys(_NEEDED, ""), **_taken(values, SESSION)}
    if "workTime" in values:
        item["half_day"] = HALF_DAYS.get(values["workTime"].strip(), values["workTime"])
    if values.get("status"):
        item["status"] = STATUSES.get(values["status"].strip(), values["status"])
    return item


def _taken(values: Values, names: Names) -> dict[str, object]:
    # An empty form field is one that was left out: forms know no other way to say so.
    return {ours: values[theirs] for theirs, ours in names.items() if values.get(theirs, "") != ""}


def older_field(names: Names, field: str) -> str:
    """How the older protocol calls a field that a push names, such as `halfDay` or `bookingRule.cycle`."""
    first, _, _rest = field.partition(".")
    if first == "bookingRule":
        return field
    if first == "regionCode":
        return "/".join(_REGIONS)
    ours = _CAPITAL.sub(lambda found: f"_{found[0].lower()}", first)
    return next((theirs for theirs, name in names.items() if name == ours), field)


def older_department(department: DepartmentDocument, names: Mapping[str, str]) -> dict[str, Any]:
    """A row of `department/list`; `names` are those of all departments."""
    above = department.parent_code or ""
    return {
        "hoscode": department.hospital_code,
        "depcode": department.code,
        "depname": department.name,
        "intro": department.introduction,
        "bigcode": above,
        "bigname": names.get(above, ""),
    }


def older_session(session: KeptSession) -> dict[str, Any]:
    """A row of `schedule/list`."""
    row, texts = session.ledger, session.texts
    return {
        "hoscode": row.hospital_code,
        "hosScheduleId": row.external_id,
        "depcode": row.department_code,
        "workDate": row.visit_date.isoformat(),
        "workTime": _HALF_DAY_NUMBERS[HalfDay(row.half_day)],
        "reservedNumber": row.capacity,
        "availableNumber": row.remaining,
        "amount": str(row.fee),
        "status": _STATUS_NUMBERS[ScheduleStatus(row.status)],
        "docname": texts.doctor_name if texts else "",
        "title": texts.doctor_title if texts else "",
        "skill": texts.skill if texts else "",
    }

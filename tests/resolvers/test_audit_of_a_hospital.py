"""A hospital's managers read what the audit log holds about their own hospital, and nothing about any other."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from datasources.sql.audit_entry import AuditLog
from domain.audit.actor import Actor
from domain.permissions import Role
from tests.platform import Hospital, Platform, StaffPerson

LOG = """
query ($actorKind: String, $actorId: String, $action: String, $subjectKind: String, $subjectId: String,
  $hospitalCode: String, $from: DateTime, $to: DateTime, $first: Int, $after: String) {
  auditLog(actorKind: $actorKind, actorId: $actorId, action: $action, subjectKind: $subjectKind,
    subjectId: $subjectId, hospitalCode: $hospitalCode, from: $from, to: $to, first: $first, after: $after) {
    totalCount pageInfo { hasNextPage endCursor } nodes { number hospitalCode subjectId actorKind address }
  }
}
"""


@dataclass
class House:
    """A hospital, its manager, a clerk, and what was done there."""

    hospital: Hospital
    manager: StaffPerson
    clerk: StaffPerson

    def filters(self, platform: Platform) -> list[dict[str, Any]]:
        """One for each argument, each of which finds something here."""
        now = platform.clock()
        return [
            {"actorKind": "staff"},
            {"actorId": str(self.clerk.key)},
            {"action": "SIGN_IN"},
            {"subjectKind": "staff"},
            {"subjectId": str(self.clerk.key)},
            {"hospitalCode": self.hospital.code},
            {"from": (now - timedelta(days=1)).isoformat()},
            {"to": (now + timedelta(days=1)).isoformat()},
        ]


async def house(platform: Platform) -> House:
    hospital = await platform.new_hospital()
    manager = await platform.new_staff(Role.HOSPITAL_MANAGER, hospital=hospital)
    return House(hospital, manager, await platform.new_staff(Role.HOSPITAL_CLERK, hospital=hospital))


async def log(platform: Platform, reader: StaffPerson, **variables: Any) -> Any:
    return (await platform.data(LOG, {"first": 100, **variables}, bearer=reader.token))["auditLog"]


async def test_a_manager_sees_the_own_hospitals_entries_alone(platform: Platform) -> None:
    own, other = await house(platform), await house(platform)
    await platform.new_user()
    seen = await log(platform, own.manager)
    assert {each["hospitalCode"] for each in seen["nodes"]} == {own.hospital.code}
    assert {str(own.manager.key), str(own.clerk.key)} <= {each["subjectId"] for each in seen["nodes"]}
    assert seen["totalCount"] == len(seen["nodes"])
    assert {each["hospitalCode"] for each in (await log(platform, other.manager))["nodes"]} == {other.hospital.code}


async def test_no_filter_leads_beyond_the_own_hospital(platform: Platform) -> None:
    own, other = await house(platform), await house(platform)
    for filter in own.filters(platform):
        seen = await log(platform, own.manager, **filter)
        assert seen["totalCount"] > 0, filter
        assert {each["hospitalCode"] for each in seen["nodes"]} == {own.hospital.code}, filter
    for filter in other.filters(platform):
        seen = await log(platform, own.manager, **filter)
        assert {each["hospitalCode"] for each in seen["nodes"]} <= {own.hospital.code}, filter
        names_the_other = set(filter) & {"actorId", "subjectId", "hospitalCode"}
        assert (seen["totalCount"] == 0) == bool(names_the_other), filter


async def test_a_cursor_of_the_whole_log_shows_no_more(platform: Platform) -> None:
    own, other = await house(platform), await house(platform)
    boss = await platform.new_staff(Role.PLATFORM_ADMINISTRATOR)
    page = await log(platform, boss, first=1)
    behind = await log(platform, own.manager, after=page["pageInfo"]["endCursor"])
    assert other.hospital.code not in {each["hospitalCode"] for each in behind["nodes"]}
    assert {each["hospitalCode"] for each in behind["nodes"]} == {own.hospital.code}


async def test_where_patients_were_is_not_shown_to_a_hospital(platform: Platform) -> None:
    own = await house(platform)
    boss = await platform.new_staff(Role.PLATFORM_ADMINISTRATOR)
    patient = Actor("user", "somebody", platform.clock(), own.hospital.code, "203.0.113.9")
    clerk = Actor("staff", str(own.clerk.key), platform.clock(), own.hospital.code, "203.0.113.8")
    async with platform.stores.sql.unit_of_work() as session:
        for each in (patient, clerk):
            await AuditLog(session).append(each.act("TESTED", "test", own.hospital.code))
    found = {"subjectId": own.hospital.code, "action": "TESTED"}
    told = {each["actorKind"]: each["address"] for each in (await log(platform, own.manager, **found))["nodes"]}
    assert told == {"user": "", "staff": "203.0.113.8"}
    whole = {each["actorKind"]: each["address"] for each in (await log(platform, boss, **found))["nodes"]}
    assert whole == {"user": "203.0.113.9", "staff": "203.0.113.8"}


@pytest.mark.parametrize("role", [Role.HOSPITAL_CLERK, Role.OPERATOR, Role.READ_ONLY])
async def test_the_right_is_the_managers_alone(platform: Platform, role: Role) -> None:
    hospital = await platform.new_hospital() if role is Role.HOSPITAL_CLERK else None
    person = await platform.new_staff(role, hospital=hospital)
    assert (await platform.error(LOG, bearer=person.token))["extensions"]["code"] == "FORBIDDEN"

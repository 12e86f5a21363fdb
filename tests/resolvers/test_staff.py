"""Staff are managed by those above them, within their reach, and nobody is locked out for good."""

import asyncio
import secrets
import uuid
from typing import Any

import pytest
from sqlmodel import col, select, update

from datasources.sql.audit_entry import AuditEntry
from datasources.sql.staff_account import StaffAccount, StaffStatus
from domain.audit.actor import Actor
from domain.callers import StaffMember
from domain.global_id import NodeKind, global_id
from domain.permissions import GRANTS, HOSPITAL_ROLES, Role
from domain.problems import NotAllowed, ProblemCode
from domain.staff import administration
from tests.platform import PASSWORD, Hospital, Platform, StaffPerson

INPUTS = {
    "createStaff": "CreateStaffInput",
    "updateStaff": "UpdateStaffInput",
    "lockStaff": "LockStaffInput",
    "unlockStaff": "StaffInput",
    "resetStaffPassword": "StaffInput",
}
ANSWERS = {
    "createStaff": """
      ... on StaffCreated { initialPassword staff { id signInName name roles hospitalCode mustChangePassword } }
    """,
    "updateStaff": "... on StaffUpdated { staff { name roles } }",
    "lockStaff": "... on StaffLocked { endedSessions staff { status } }",
    "unlockStaff": "... on StaffUnlocked { staff { status } }",
    "resetStaffPassword": """
      ... on StaffPasswordReset { initialPassword staff { mustChangePassword hasSecondFactor } }
    """,
}
PROBLEMS = "... on Problem { code message } ... on InvalidInput { fields { field code } }"
SIGN_IN = """
mutation ($input: SignInAsStaffInput!) { signInAsStaff(input: $input) { ... on StaffSignedIn { mustChangePassword } } }
"""
LIST = """
query ($text: String, $role: Role, $hospitalCode: String, $status: StaffStatus, $first: Int, $after: String) {
  staff(text: $text, role: $role, hospitalCode: $hospitalCode, status: $status, first: $first, after: $after) {
    totalCount pageInfo { hasNextPage endCursor } nodes { id signInName hospitalCode roles status }
  }
}
"""
ME = "{ myStaffAccount { signInName } }"


def document(mutation: str) -> str:
    answer = f"__typename {ANSWERS[mutation]} {PROBLEMS}"
    return f"mutation ($input: {INPUTS[mutation]}!) {{ {mutation}(input: $input) {{ {answer} }} }}"


async def do(platform: Platform, by: StaffPerson, mutation: str, **input: Any) -> Any:
    return (await platform.data(document(mutation), {"input": input}, bearer=by.token))[mutation]


async def administrator(platform: Platform) -> StaffPerson:
    return await platform.new_staff(Role.PLATFORM_ADMINISTRATOR)


def entry(*roles: Role, hospital: Hospital | None = None) -> dict[str, Any]:
    code = None if hospital is None else hospital.code
    return {"signInName": f"n{secrets.token_hex(6)}", "name": "李伟", "roles": list(roles), "hospitalCode": code}


async def hospital_person(platform: Platform, role: Role, hospital: Hospital) -> StaffPerson:
    return await platform.new_staff(role, hospital=hospital)


async def stored(platform: Platform, person: StaffPerson) -> StaffAccount:
    async with platform.stores.sql.read() as session:
        return (await session.exec(select(StaffAccount).where(StaffAccount.id == person.key))).one()


async def test_a_new_account_has_a_password_that_is_shown_once_and_must_be_changed(platform: Platform) -> None:
    boss = await administrator(platform)
    created = await do(platform, boss, "createStaff", **entry(Role.REVIEWER, Role.FINANCE))
    assert created["__typename"] == "StaffCreated"
    assert len(created["initialPassword"]) == 20
    assert created["staff"]["roles"] == ["REVIEWER", "FINANCE"]
    assert created["staff"]["mustChangePassword"] is True
    given = {"signInName": created["staff"]["signInName"], "password": created["initialPassword"]}
    signed_in = await platform.data(SIGN_IN, {"input": given})
    assert signed_in["signInAsStaff"] == {"mustChangePassword": True}


async def test_a_sign_in_name_is_taken_in_any_letter_case(platform: Platform) -> None:
    boss = await administrator(platform)
    given = entry(Role.FINANCE)
    await do(platform, boss, "createStaff", **given)
    again = await do(platform, boss, "createStaff", **given | {"signInName": given["signInName"].upper()})
    assert again["fields"] == [{"field": "signInName", "code": "DUPLICATE"}]


async def test_a_hospitals_roles_need_a_hospital_that_is_there(platform: Platform) -> None:
    boss = await administrator(platform)
    for given in (
        entry(Role.HOSPITAL_CLERK),
        entry(Role.FINANCE) | {"hospitalCode": "x"},
        entry(Role.HOSPITAL_CLERK) | {"hospitalCode": "no-such-hospital"},
    ):
        answer = await do(platform, boss, "createStaff", **given)
        assert [each["field"] for each in answer["fields"]] == ["hospitalCode"]


PASSES_THE_DOOR = {Role.PLATFORM_ADMINISTRATOR, Role.HOSPITAL_MANAGER}


@pytest.mark.parametrize("mutation", list(INPUTS))
@pytest.mark.parametrize("role", list(Role))
async def test_each_role_at_each_mutation(platform: Platform, role: Role, mutation: str) -> None:
    hospital = await platform.new_hospital()
    caller = await platform.new_staff(role, hospital=hospital if role in HOSPITAL_ROLES else None)
    target = await platform.new_staff(Role.FINANCE)
    given = entry(Role.FINANCE) if mutation == "createStaff" else {"id": target.id}
    answer = await platform.answer(document(mutation), {"input": given}, bearer=caller.token)
    if role not in PASSES_THE_DOOR:
        assert [each["extensions"]["code"] for each in answer["errors"]] == ["FORBIDDEN"]
        return
    kind = answer["data"][mutation]["__typename"]
    if role is Role.HOSPITAL_MANAGER:
        # The platform's staff are not there for a hospital; and it cannot make them.
        assert kind == ("InvalidInput" if mutation == "createStaff" else "NotFound")
    else:
        assert kind.startswith("Staff")


@pytest.mark.parametrize("mutation", list(INPUTS))
async def test_visitors_and_hospitals_systems_manage_nobody(platform: Platform, mutation: str) -> None:
    hospital = await platform.new_hospital()
    given = entry(Role.FINANCE) if mutation == "createStaff" else {"id": "x"}
    for caller in (None, hospital):
        error = await platform.error(document(mutation), {"input": given}, hospital=caller)
        assert error["extensions"]["code"] == "UNAUTHENTICATED"


@pytest.mark.parametrize("mutation", ["updateStaff", "lockStaff", "unlockStaff", "resetStaffPassword"])
async def test_a_manager_reaches_no_other_hospitals_staff(platform: Platform, mutation: str) -> None:
    mine, theirs = await platform.new_hospital(), await platform.new_hospital()
    manager = await hospital_person(platform, Role.HOSPITAL_MANAGER, mine)
    clerk = await hospital_person(platform, Role.HOSPITAL_CLERK, theirs)
    answer = await do(platform, manager, mutation, id=clerk.id)
    assert answer["code"] == "NOT_FOUND"
    await platform.data(ME, bearer=clerk.token)
    listed = await platform.data(LIST, {"hospitalCode": theirs.code}, bearer=manager.token)
    assert listed["staff"]["totalCount"] == 0


@pytest.mark.parametrize("mutation", ["updateStaff", "lockStaff", "unlockStaff", "resetStaffPassword"])
async def test_a_manager_manages_clerks_but_no_other_manager(platform: Platform, mutation: str) -> None:
    hospital = await platform.new_hospital()
    manager = await hospital_person(platform, Role.HOSPITAL_MANAGER, hospital)
    clerk = await hospital_person(platform, Role.HOSPITAL_CLERK, hospital)
    peer = await hospital_person(platform, Role.HOSPITAL_MANAGER, hospital)
    assert (await do(platform, manager, mutation, id=clerk.id))["__typename"].startswith("Staff")
    assert (await do(platform, manager, mutation, id=peer.id))["code"] == "BEYOND_OWN_RIGHTS"


async def test_a_manager_makes_clerks_of_the_own_hospital_only(platform: Platform) -> None:
    mine, theirs = await platform.new_hospital(), await platform.new_hospital()
    manager = await hospital_person(platform, Role.HOSPITAL_MANAGER, mine)
    created = await do(platform, manager, "createStaff", **entry(Role.HOSPITAL_CLERK))
    assert created["staff"]["hospitalCode"] == mine.code
    for given in (entry(Role.HOSPITAL_CLERK, hospital=theirs), entry(Role.HOSPITAL_MANAGER, hospital=mine)):
        assert (await do(platform, manager, "createStaff", **given))["code"] == "BEYOND_OWN_RIGHTS"


async def test_a_manager_gives_a_clerk_no_higher_role(platform: Platform) -> None:
    hospital = await platform.new_hospital()
    manager = await hospital_person(platform, Role.HOSPITAL_MANAGER, hospital)
    clerk = await hospital_person(platform, Role.HOSPITAL_CLERK, hospital)
    answer = await do(platform, manager, "updateStaff", id=clerk.id, roles=[Role.HOSPITAL_MANAGER], name="新名")
    assert answer["code"] == "BEYOND_OWN_RIGHTS"
    assert (await stored(platform, clerk)).name == "测试员"


async def test_who_holds_two_roles_is_managed_by_both_or_nobody(platform: Platform) -> None:
    hospital = await platform.new_hospital()
    manager = await hospital_person(platform, Role.HOSPITAL_MANAGER, hospital)
    both = await platform.new_staff(Role.HOSPITAL_CLERK, Role.HOSPITAL_MANAGER, hospital=hospital)
    assert (await do(platform, manager, "lockStaff", id=both.id))["code"] == "BEYOND_OWN_RIGHTS"


async def test_a_lock_ends_the_session_at_once_and_an_unlock_lets_sign_in_again(platform: Platform) -> None:
    boss, person = await administrator(platform), await platform.new_staff(Role.FINANCE)
    await platform.data(ME, bearer=person.token)
    locked = await do(platform, boss, "lockStaff", id=person.id, reason="离职")
    assert (locked["endedSessions"], locked["staff"]) == (1, {"status": "LOCKED"})
    assert (await platform.error(ME, bearer=person.token))["extensions"]["code"] == "SESSION_ENDED"
    again = await do(platform, boss, "lockStaff", id=person.id)
    assert again["endedSessions"] == 0
    assert (await do(platform, boss, "unlockStaff", id=person.id))["staff"] == {"status": "ACTIVE"}
    assert (await platform.error(ME, bearer=person.token))["extensions"]["code"] == "SESSION_ENDED"


async def test_an_unlock_forgives_wrong_passwords(platform: Platform) -> None:
    boss = await administrator(platform)
    person = await platform.new_staff(Role.FINANCE, failed_tries=7)
    await do(platform, boss, "unlockStaff", id=person.id)
    assert (await stored(platform, person)).failed_tries == 0


async def test_a_reset_password_ends_sessions_and_takes_the_second_factor_away(platform: Platform) -> None:
    boss = await administrator(platform)
    person = await platform.new_staff(Role.FINANCE, recovery_code_hashes=["x"], totp_confirmed_at=platform.clock())
    reset = await do(platform, boss, "resetStaffPassword", id=person.id)
    assert reset["staff"] == {"mustChangePassword": True, "hasSecondFactor": False}
    assert reset["initialPassword"] != PASSWORD
    assert (await platform.error(ME, bearer=person.token))["extensions"]["code"] == "SESSION_ENDED"
    assert (await stored(platform, person)).recovery_code_hashes == []


@pytest.mark.parametrize(
    ("mutation", "more"),
    [("lockStaff", {}), ("resetStaffPassword", {}), ("updateStaff", {"roles": [Role.FINANCE]})],
)
async def test_nobody_takes_their_own_access_away(platform: Platform, mutation: str, more: dict[str, Any]) -> None:
    boss = await administrator(platform)
    assert (await do(platform, boss, mutation, id=boss.id, **more))["code"] == "OWN_ACCOUNT"


async def test_administrators_may_change_their_own_name(platform: Platform) -> None:
    boss = await administrator(platform)
    assert (await do(platform, boss, "updateStaff", id=boss.id, name="王芳"))["staff"]["name"] == "王芳"


TAKEN_AWAY = [("lockStaff", {}), ("updateStaff", {"roles": [Role.FINANCE]})]


@pytest.mark.parametrize(("mutation", "more"), TAKEN_AWAY)
async def test_two_administrators_at_each_other_leave_one(
    platform: Platform, mutation: str, more: dict[str, Any]
) -> None:
    await _retire_administrators(platform)
    one, two = await administrator(platform), await administrator(platform)
    await asyncio.gather(
        platform.answer(document(mutation), {"input": {"id": two.id, **more}}, bearer=one.token),
        platform.answer(document(mutation), {"input": {"id": one.id, **more}}, bearer=two.token),
    )
    async with platform.stores.sql.read() as session:
        left = await session.exec(
            select(StaffAccount.id).where(
                col(StaffAccount.roles).contains([Role.PLATFORM_ADMINISTRATOR.value]),
                StaffAccount.status == StaffStatus.ACTIVE,
            )
        )
        assert len(left.all()) == 1


async def test_the_last_administrator_stays_whoever_asks(platform: Platform) -> None:
    await _retire_administrators(platform)
    last = await administrator(platform)
    nobody = uuid.uuid4()
    caller = StaffMember(nobody, nobody, None, GRANTS[Role.PLATFORM_ADMINISTRATOR])
    actor = Actor.of(caller, platform.clock())
    denied = NotAllowed(ProblemCode.LAST_ADMINISTRATOR)
    sql = platform.stores.sql
    assert await administration.lock_staff(sql, caller, last.key, "", actor) == denied
    assert await administration.update_staff(sql, caller, last.key, None, [Role.FINANCE], actor) == denied


async def _retire_administrators(platform: Platform) -> None:
    async with platform.stores.sql.unit_of_work() as session:
        await session.exec(
            update(StaffAccount)
            .where(col(StaffAccount.roles).contains([Role.PLATFORM_ADMINISTRATOR.value]))
            .values(status=StaffStatus.LOCKED.value)
        )


@pytest.mark.parametrize("roles", [[], [Role.HOSPITAL_CLERK]])
async def test_roles_that_do_not_fit_the_account_are_refused(platform: Platform, roles: list[Role]) -> None:
    boss, person = await administrator(platform), await platform.new_staff(Role.FINANCE)
    answer = await do(platform, boss, "updateStaff", id=person.id, roles=roles)
    assert [each["field"] for each in answer["fields"]] == ["roles"]


async def test_an_id_of_something_else_is_not_found(platform: Platform) -> None:

    boss = await administrator(platform)
    for id in (global_id(NodeKind.HOSPITAL, "x"), global_id(NodeKind.STAFF, "x")):
        assert (await do(platform, boss, "lockStaff", id=id))["code"] == "NOT_FOUND"


async def test_the_list_is_filtered_and_paged(platform: Platform) -> None:
    boss = await administrator(platform)
    hospital = await platform.new_hospital()
    people = sorted(
        [await hospital_person(platform, Role.HOSPITAL_CLERK, hospital) for _ in range(3)]
        + [await hospital_person(platform, Role.HOSPITAL_MANAGER, hospital)],
        key=lambda person: person.sign_in_name,
    )
    found: list[str] = []
    after = None
    while True:
        page = (
            await platform.data(LIST, {"hospitalCode": hospital.code, "first": 2, "after": after}, bearer=boss.token)
        )["staff"]
        assert page["totalCount"] == 4
        found += [each["id"] for each in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert found == [person.id for person in people]
    for more, count in (
        ({"role": Role.HOSPITAL_MANAGER}, 1),
        ({"status": "LOCKED"}, 0),
        ({"text": people[0].sign_in_name[1:9]}, 1),
        ({"text": "测试"}, 4),
        ({"text": "%"}, 0),
    ):
        page = await platform.data(LIST, {"hospitalCode": hospital.code, **more}, bearer=boss.token)
        assert page["staff"]["totalCount"] == count, more


async def test_a_manager_sees_the_own_hospitals_staff_and_a_clerk_nobody(platform: Platform) -> None:
    hospital = await platform.new_hospital()
    manager = await hospital_person(platform, Role.HOSPITAL_MANAGER, hospital)
    clerk = await hospital_person(platform, Role.HOSPITAL_CLERK, hospital)
    seen = (await platform.data(LIST, bearer=manager.token))["staff"]
    assert {each["id"] for each in seen["nodes"]} == {manager.id, clerk.id}
    assert (await platform.error(LIST, bearer=clerk.token))["extensions"]["code"] == "FORBIDDEN"


async def test_every_change_is_in_the_audit_log_with_its_hospital(platform: Platform) -> None:
    hospital = await platform.new_hospital()
    manager = await hospital_person(platform, Role.HOSPITAL_MANAGER, hospital)
    clerk = await hospital_person(platform, Role.HOSPITAL_CLERK, hospital)
    await do(platform, manager, "updateStaff", id=clerk.id, name="王芳")
    await do(platform, manager, "lockStaff", id=clerk.id, reason="离职")
    await do(platform, manager, "unlockStaff", id=clerk.id)
    await do(platform, manager, "resetStaffPassword", id=clerk.id)
    async with platform.stores.sql.read() as session:
        found = await session.exec(
            select(AuditEntry)
            .where(AuditEntry.subject_id == str(clerk.key), AuditEntry.actor_id == str(manager.key))
            .order_by(col(AuditEntry.id))
        )
        entries = found.all()
    assert [each.action for each in entries] == [
        "STAFF_UPDATED",
        "SESSION_ENDED",
        "STAFF_LOCKED",
        "STAFF_UNLOCKED",
        "STAFF_PASSWORD_RESET",
    ]
    assert {each.hospital_code for each in entries if each.action != "SESSION_ENDED"} == {hospital.code}
    assert entries[0].detail == {"changed": ["name"]}
    assert entries[2].detail == {"reason": "离职"}
    assert all(each.request_id and each.address for each in entries)

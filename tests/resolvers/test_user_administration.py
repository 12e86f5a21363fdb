"""Staff look after users: found by what is known of them, changed on record, and locked out at once."""

from typing import Any

import pytest
from sqlmodel import col, select

from datasources.sql.audit_entry import AuditEntry
from domain.global_id import NodeKind, global_id, node_reference
from domain.paging import encode_cursor
from domain.permissions import Role
from tests.browser import new_phone
from tests.platform import Platform, StaffPerson

LIST = """
query ($text: String, $status: UserStatus, $sort: UserSort! = NEWEST, $first: Int! = 20, $after: String) {
  users(text: $text, status: $status, sort: $sort, first: $first, after: $after) {
    totalCount pageInfo { hasNextPage endCursor } nodes { id phone nickname status }
  }
}
"""
INPUTS = {
    "createUser": "CreateUserInput",
    "updateUser": "UpdateUserInput",
    "lockUser": "UserReasonInput",
    "unlockUser": "UserInput",
    "deleteUser": "UserReasonInput",
}
ANSWERS = {
    "createUser": "... on UserCreated { user { id phone status } }",
    "updateUser": "... on UserUpdated { user { nickname } }",
    "lockUser": "... on UserLocked { endedSessions user { status } }",
    "unlockUser": "... on UserUnlocked { user { status } }",
    "deleteUser": "... on UserDeletionBegun { endedSessions user { status deleteAfter } }",
}
PROBLEMS = "... on Problem { code } ... on InvalidInput { fields { field code } }"


async def do(platform: Platform, by: StaffPerson, mutation: str, **input: Any) -> Any:
    answer = f"__typename {ANSWERS[mutation]} {PROBLEMS}"
    query = f"mutation ($input: {INPUTS[mutation]}!) {{ {mutation}(input: $input) {{ {answer} }} }}"
    return (await platform.data(query, {"input": input}, bearer=by.token))[mutation]


async def operator(platform: Platform) -> StaffPerson:
    return await platform.new_staff(Role.OPERATOR)


async def test_a_user_is_found_by_the_whole_phone_and_never_by_part_of_it(platform: Platform) -> None:
    staff, user = await operator(platform), await platform.new_user()
    national = user.phone.removeprefix("+86")
    for text in (national, f"+86 {national}"):
        found = (await platform.data(LIST, {"text": text}, bearer=staff.token))["users"]
        assert [each["id"] for each in found["nodes"]] == [user.id]
        assert national not in str(found)
    assert (await platform.data(LIST, {"text": national[:8]}, bearer=staff.token))["users"]["totalCount"] == 0


async def test_users_are_found_by_part_of_the_nickname_and_paged_both_ways(platform: Platform) -> None:
    staff = await operator(platform)
    mark = new_phone()[3:]
    users = [await platform.new_user() for _ in range(3)]
    for number, user in enumerate(users):
        await do(platform, staff, "updateUser", id=user.id, nickname=f"{number}-{mark}")
    for sort in ("NEWEST", "OLDEST"):
        found: list[str] = []
        variables: dict[str, Any] = {"text": mark, "sort": sort, "first": 2}
        more = True
        while more:
            page = (await platform.data(LIST, variables, bearer=staff.token))["users"]
            assert page["totalCount"] == 3
            found += [each["id"] for each in page["nodes"]]
            variables["after"] = page["pageInfo"]["endCursor"]
            more = page["pageInfo"]["hasNextPage"]
        assert sorted(found) == sorted(user.id for user in users)


async def test_a_lock_ends_the_users_sessions_at_once(platform: Platform) -> None:
    staff, user = await operator(platform), await platform.new_user()
    sessions = "query ($id: ID!) { userSessions(id: $id) { device current } }"
    seen = (await platform.data(sessions, {"id": user.id}, bearer=staff.token))["userSessions"]
    assert [each["current"] for each in seen] == [False]
    locked = await do(platform, staff, "lockUser", id=user.id, reason="投诉")
    assert (locked["endedSessions"], locked["user"]) == (1, {"status": "LOCKED"})
    assert (await user.error("{ me { id } }"))["extensions"]["code"] == "SESSION_ENDED"
    assert (await do(platform, staff, "lockUser", id=user.id))["endedSessions"] == 0
    assert (await do(platform, staff, "unlockUser", id=user.id))["user"] == {"status": "ACTIVE"}
    assert (await user.error("{ me { id } }"))["extensions"]["code"] == "SESSION_ENDED"


async def test_an_account_is_made_once_for_a_phone(platform: Platform) -> None:
    staff, phone = await operator(platform), new_phone().removeprefix("+86")
    created = await do(platform, staff, "createUser", phone=phone)
    assert created["user"]["status"] == "ACTIVE"
    assert phone not in str(created)
    again = await do(platform, staff, "createUser", phone=f"+86{phone}")
    assert again["fields"] == [{"field": "phone", "code": "DUPLICATE"}]
    wrong = await do(platform, staff, "createUser", phone="12345")
    assert wrong["fields"] == [{"field": "phone", "code": "MALFORMED"}]
    assert (await platform.new_user(f"+86{phone}")).id == created["user"]["id"]


async def test_a_deletion_ends_sessions_now_and_forbids_a_lock(platform: Platform) -> None:
    staff, user = await operator(platform), await platform.new_user()
    begun = await do(platform, staff, "deleteUser", id=user.id, reason="本人要求")
    assert (begun["endedSessions"], begun["user"]["status"]) == (1, "DELETING")
    again = await do(platform, staff, "deleteUser", id=user.id)
    assert again["user"] == begun["user"]
    assert (await do(platform, staff, "lockUser", id=user.id))["fields"] == [{"field": "id", "code": "STILL_IN_USE"}]


@pytest.mark.parametrize("mutation", ["updateUser", "lockUser", "unlockUser", "deleteUser"])
async def test_nobody_is_not_found(platform: Platform, mutation: str) -> None:
    staff = await operator(platform)
    more = {"nickname": "x"} if mutation == "updateUser" else {}
    for key in ("01890000-0000-7000-8000-000000000001", "x"):
        answer = await do(platform, staff, mutation, id=global_id(NodeKind.USER, key), **more)
        assert answer["code"] == "NOT_FOUND"


async def test_every_change_is_on_record_without_what_it_changed(platform: Platform) -> None:
    staff, user = await operator(platform), await platform.new_user()
    await do(platform, staff, "updateUser", id=user.id, nickname="新昵称")
    await do(platform, staff, "lockUser", id=user.id)
    await do(platform, staff, "unlockUser", id=user.id)
    await do(platform, staff, "deleteUser", id=user.id)
    async with platform.stores.sql.read() as session:
        found = await session.exec(
            select(AuditEntry)
            .where(AuditEntry.subject_id == node_reference(user.id).key, AuditEntry.actor_id == str(staff.key))
            .order_by(col(AuditEntry.id))
        )
        entries = found.all()
    assert [each.action for each in entries] == [
        "USER_UPDATED",
        "SESSION_ENDED",
        "USER_LOCKED",
        "USER_UNLOCKED",
        "USER_DELETION_BEGUN",
    ]
    assert "新昵称" not in str([each.detail for each in entries])


async def test_a_cursor_that_was_tampered_with_is_refused(platform: Platform) -> None:
    staff = await operator(platform)
    error = await platform.error(LIST, {"after": encode_cursor("users.NEWEST", ["x", "y"])}, bearer=staff.token)
    assert error["extensions"]["code"] == "BAD_CURSOR"

"""A user's own account: who sees it, its nickname, its phone, and its end."""

import asyncio
import uuid
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import col, select

from datasources.sql.audit_entry import AuditEntry
from datasources.sql.sign_in_session import SignInSession
from datasources.sql.user_account import UserAccount, UserStatus
from domain.global_id import node_reference
from domain.identity.erasure import erase_due
from domain.identity.own_account import DELETION_GRACE
from domain.permissions import Role
from tests.browser import User, new_phone
from tests.platform import Platform

NODE = "query ($id: ID!) { node(id: $id) { __typename ... on User { phone } } }"
RENAME = """mutation ($n: String!) { updateProfile(input: {nickname: $n}) { __typename
  ... on AccountChanged { user { nickname } } ... on InvalidInput { fields { field code } } } }"""
REQUEST = """mutation ($phone: String) { requestPhoneChangeCode(input: {newPhone: $phone}) { __typename
  ... on LoginCodeSent { challengeId } ... on InvalidInput { fields { field code } } ... on Problem { code } } }"""
CHANGE = """mutation ($input: ChangePhoneInput!) { changePhone(input: $input) { __typename
  ... on AccountChanged { user { phone } } ... on WrongCode { triesLeft }
  ... on InvalidInput { fields { field code } } ... on Problem { code } } }"""
DELETE = """mutation ($sure: Boolean!) { requestAccountDeletion(input: {confirm: $sure}) { __typename
  ... on AccountChanged { user { status deleteAfter } } ... on InvalidInput { fields { field } } } }"""
KEEP = """mutation { cancelAccountDeletion(input: {confirm: true}) {
  ... on AccountChanged { user { status deleteAfter } } } }"""
ME = "{ me { id phone status } }"


def key_of(user: User) -> uuid.UUID:
    return uuid.UUID(node_reference(user.id).key)


async def acts_on(platform: Platform, user: User) -> list[str]:
    async with platform.stores.sql.read() as session:
        found = await session.exec(
            select(AuditEntry.action)
            .where(col(AuditEntry.subject_id) == str(key_of(user)))
            .order_by(col(AuditEntry.id))
        )
        return list(found.all())


async def proof(user: User, new_phone: str | None) -> dict[str, Any]:
    """A proof of the new phone or, without one, of the phone that the user has."""
    sent = (await user.data(REQUEST, {"phone": new_phone}))["requestPhoneChangeCode"]
    assert sent["__typename"] == "LoginCodeSent", sent
    return {"challengeId": sent["challengeId"], "code": await user.browser.code_of(new_phone or user.phone)}


async def changed(user: User, phone: str, old: dict[str, Any], new: dict[str, Any]) -> Any:
    return (await user.data(CHANGE, {"input": {"newPhone": phone, "old": old, "new": new}}))["changePhone"]


def mistyped(given: dict[str, Any]) -> dict[str, Any]:
    return given | {"code": f"{(int(given['code']) + 1) % 10**6:06}"}


async def test_a_user_is_a_node_for_the_owner_and_for_staff_who_may_read_users(platform: Platform) -> None:
    user, stranger = await platform.new_user(), await platform.new_user()
    found = {"node": {"__typename": "User", "phone": f"{user.phone[3:6]}****{user.phone[-4:]}"}}
    assert await user.data(NODE, {"id": user.id}) == found
    operator, clerk = await platform.new_staff(Role.OPERATOR), await platform.new_staff(Role.FINANCE)
    assert await platform.data(NODE, {"id": user.id}, bearer=operator.token) == found
    assert await platform.data(NODE, {"id": user.id}, bearer=clerk.token) == {"node": None}
    assert await stranger.data(NODE, {"id": user.id}) == {"node": None}
    assert await platform.data(NODE, {"id": user.id}) == {"node": None}


async def test_a_visitor_has_no_account(platform: Platform) -> None:
    assert (await platform.error(ME))["extensions"]["code"] == "UNAUTHENTICATED"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("小王", "小王"), ("  a \n\t b ", "a b"), ("a\u202eb\x00\u200bc", "abc"), ("", ""), ("好" * 30, "好" * 30)],
)
async def test_a_nickname_is_kept_without_what_cannot_be_seen(platform: Platform, typed: str, kept: str) -> None:
    user = await platform.new_user()
    assert (await user.data(RENAME, {"n": typed}))["updateProfile"]["user"] == {"nickname": kept}


async def test_a_nickname_has_an_end(platform: Platform) -> None:
    user = await platform.new_user()
    refused = (await user.data(RENAME, {"n": "好" * 31}))["updateProfile"]
    assert refused["fields"] == [{"field": "nickname", "code": "TOO_LONG"}]


async def test_a_phone_is_changed_once_both_are_proved(platform: Platform) -> None:
    user, phone = await platform.new_user(), new_phone()
    platform.clock.now += timedelta(minutes=1)
    elsewhere = platform.new_browser()
    await elsewhere.sign_in(user.phone)
    platform.clock.now += timedelta(minutes=1)
    old, new = await proof(user, None), await proof(user, phone)
    answer = await changed(user, phone, old, new)
    assert answer["user"] == {"phone": f"{phone[3:6]}****{phone[-4:]}"}
    assert (await elsewhere.error(ME))["extensions"]["code"] == "SESSION_ENDED"
    assert (await user.data(ME))["me"]["id"] == user.id
    assert "PHONE_CHANGED" in await acts_on(platform, user)
    platform.clock.now += timedelta(minutes=2)
    assert (await platform.new_browser().sign_in(phone))["user"]["id"] == user.id
    assert (await platform.new_browser().sign_in(user.phone))["user"]["id"] != user.id


async def test_a_mistyped_code_costs_a_try_and_not_the_other_code(platform: Platform) -> None:
    user, phone = await platform.new_user(), new_phone()
    platform.clock.now += timedelta(minutes=1)
    old, new = await proof(user, None), await proof(user, phone)
    assert (await changed(user, phone, mistyped(old), new))["triesLeft"] == 4
    assert (await changed(user, phone, old, mistyped(new)))["triesLeft"] == 4
    assert (await changed(user, phone, new, old))["__typename"] == "WrongCode"
    assert (await changed(user, phone, old, new))["__typename"] == "AccountChanged"


async def test_a_code_to_sign_in_with_changes_no_phone(platform: Platform) -> None:
    user, phone = await platform.new_user(), new_phone()
    platform.clock.now += timedelta(minutes=1)
    sent = await user.browser.request_code(user.phone)
    stolen = {"challengeId": sent["challengeId"], "code": await user.browser.code_of(user.phone)}
    assert (await changed(user, phone, stolen, await proof(user, phone)))["__typename"] == "WrongCode"


async def test_somebody_elses_phone_cannot_be_taken(platform: Platform) -> None:
    user, other = await platform.new_user(), await platform.new_user()
    platform.clock.now += timedelta(minutes=1)
    old, new = await proof(user, None), await proof(user, other.phone)
    assert (await changed(user, other.phone, old, new))["code"] == "PHONE_TAKEN"
    assert (await other.data(ME))["me"]["id"] == other.id


async def test_of_two_who_take_one_new_phone_at_once_one_gets_it(platform: Platform) -> None:
    users, phone = [await platform.new_user() for _ in range(2)], new_phone()
    proofs = []
    for user in users:
        platform.clock.now += timedelta(minutes=1)
        proofs.append((await proof(user, None), phone))
    # One code is live for a phone and a purpose, so both use the same proof of the new one.
    new = await proof(users[1], phone)
    answers = await asyncio.gather(
        *(changed(user, phone, old, new) for user, (old, _) in zip(users, proofs, strict=True))
    )
    assert Counter(each["__typename"] for each in answers) == {"AccountChanged": 1, "WrongCode": 1}


async def test_the_own_phone_is_no_new_one(platform: Platform) -> None:
    user = await platform.new_user()
    for phone, code in ((user.phone, "DUPLICATE"), ("123", "MALFORMED")):
        answer = (await user.data(REQUEST, {"phone": phone}))["requestPhoneChangeCode"]
        assert answer["fields"] == [{"field": "newPhone", "code": code}]


async def test_a_deletion_can_be_taken_back_within_its_grace(platform: Platform) -> None:
    user = await platform.new_user()
    assert (await user.data(DELETE, {"sure": False}))["requestAccountDeletion"]["fields"] == [{"field": "confirm"}]
    asked = (await user.data(DELETE, {"sure": True}))["requestAccountDeletion"]["user"]
    assert asked["status"] == "DELETING"
    platform.clock.now += timedelta(minutes=5)
    assert (await user.data(DELETE, {"sure": True}))["requestAccountDeletion"]["user"] == asked
    assert (await platform.new_browser().sign_in(user.phone))["user"]["status"] == "DELETING"
    kept = (await user.data(KEEP))["cancelAccountDeletion"]["user"]
    assert kept == {"status": "ACTIVE", "deleteAfter": None}
    await erase_due(platform.stores, platform.clock.now + 2 * DELETION_GRACE)
    assert (await user.data(ME))["me"]["status"] == "ACTIVE"


async def test_after_the_grace_personal_data_is_gone_and_the_row_stays(platform: Platform) -> None:
    user = await platform.new_user()
    await user.data(RENAME, {"n": "小王"})
    await user.data(DELETE, {"sure": True})
    due = platform.clock.now + DELETION_GRACE
    await erase_due(platform.stores, due - timedelta(seconds=1))
    assert (await user.data(ME))["me"]["status"] == "DELETING"
    erased = await asyncio.gather(*(erase_due(platform.stores, due) for _ in range(4)))
    assert sum(erased) >= 1
    assert (await user.error(ME))["extensions"]["code"] == "SESSION_ENDED"
    async with platform.stores.sql.read() as session:
        row = await session.get(UserAccount, key_of(user))
        found = await session.exec(select(SignInSession).where(col(SignInSession.user_id) == key_of(user)))
        sessions = list(found.all())
    assert row is not None
    assert (row.status, row.sealed_phone, row.phone_index, row.masked_phone, row.nickname) == (
        UserStatus.DELETED,
        None,
        None,
        "",
        "",
    )
    assert {(each.end_reason, each.device, each.address) for each in sessions} == {("ACCOUNT_DELETED", "", "")}
    assert (await acts_on(platform, user)).count("USER_ERASED") == 1
    platform.clock.now += timedelta(minutes=2)
    assert (await platform.new_browser().sign_in(user.phone))["user"]["id"] != user.id

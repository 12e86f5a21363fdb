"""A user's sessions through the whole application: refreshed by cookie, listed, ended, and refused after that."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import col, select, update

from datasources.sql.audit_entry import AuditEntry
from datasources.sql.user_account import UserAccount, UserStatus
from domain.global_id import node_reference
from domain.identity.sessions import GRACE
from tests.browser import Browser, User
from tests.platform import Platform

REFRESH = """mutation { refreshSession(input: {}) { __typename
  ... on SessionRefreshed { accessToken expiresAt } ... on SessionBusy { retryAfterSeconds }
  ... on Problem { code message } } }"""
SIGN_OUT = "mutation { signOut(input: {}) { ... on SignedOut { endedSessions } } }"
SIGN_OUT_EVERYWHERE = """mutation ($stay: Boolean!) {
  signOutEverywhere(input: {stayHere: $stay}) { ... on SignedOut { endedSessions } } }"""
END = """mutation ($id: ID!) { endSession(input: {id: $id}) { __typename
  ... on SignedOut { endedSessions } ... on Problem { code } } }"""
MINE = "{ mySessions { id device address createdAt lastUsedAt expiresAt current } }"
ME = "{ me { id } }"


async def refreshed(browser: Browser) -> Any:
    """The answer to a refresh, sent as clients send it: without Authorization."""
    browser.token = None
    answer = (await browser.data(REFRESH))["refreshSession"]
    browser.token = answer.get("accessToken")
    return answer


async def refusal(browser: Browser) -> tuple[int, str]:
    response = await browser.response(ME)
    return response.status_code, response.json()["errors"][0]["extensions"]["code"]


async def on_another_device(platform: Platform, user: User, device: str = "") -> Browser:
    platform.clock.now += timedelta(minutes=1)
    browser = platform.new_browser()
    await browser.sign_in(user.phone, device)
    return browser


async def test_an_expired_token_is_refused_and_the_cookie_brings_a_new_one(platform: Platform) -> None:
    user = await platform.new_user()
    platform.clock.now += timedelta(minutes=15)
    assert await refusal(user.browser) == (401, "TOKEN_EXPIRED")
    assert (await refreshed(user.browser))["__typename"] == "SessionRefreshed"
    assert (await user.data(ME))["me"]["id"] == user.id


@pytest.mark.parametrize("token", ["nonsense", "a.b.c"])
async def test_a_token_that_is_none_is_refused(platform: Platform, token: str) -> None:
    browser = platform.new_browser()
    browser.token = token
    response = await browser.response(ME)
    assert response.status_code == 401
    assert response.headers["www-authenticate"] == 'Bearer error="invalid_token"'
    assert response.json()["errors"][0]["extensions"]["code"] == "TOKEN_INVALID"


async def test_a_browser_without_a_cookie_is_told_to_sign_in(platform: Platform) -> None:
    answer = await refreshed(platform.new_browser())
    assert (answer["__typename"], answer["code"]) == ("SessionEnded", "SESSION_ENDED")


async def test_a_copied_cookie_ends_the_session_for_thief_and_owner(platform: Platform) -> None:
    user = await platform.new_user()
    thief = platform.new_browser()
    thief.http.cookies.update(user.browser.http.cookies)
    assert (await refreshed(thief))["__typename"] == "SessionRefreshed"
    busy = await refreshed(user.browser)
    assert (busy["__typename"], busy["retryAfterSeconds"]) == ("SessionBusy", 1)
    platform.clock.now += GRACE + timedelta(seconds=1)
    assert (await refreshed(user.browser))["__typename"] == "SessionEnded"
    assert "htb_user" not in user.browser.http.cookies
    assert await refusal(thief) == (401, "SESSION_ENDED")
    assert (await refreshed(thief))["__typename"] == "SessionEnded"


async def test_the_list_of_sessions_shows_where_one_is_signed_in(platform: Platform) -> None:
    user = await platform.new_user()
    phone = await on_another_device(platform, user, "  my \n phone ")
    sessions = (await phone.data(MINE))["mySessions"]
    assert [(each["device"], each["current"]) for each in sessions] == [
        ("my phone", True),
        ("a test's browser", False),
    ]
    assert all(each["address"].endswith("::*") for each in sessions)
    assert user.browser.address not in str(sessions)


async def test_signing_out_ends_this_session_alone(platform: Platform) -> None:
    user = await platform.new_user()
    other = await on_another_device(platform, user)
    assert await user.data(SIGN_OUT) == {"signOut": {"endedSessions": 1}}
    assert await refusal(user.browser) == (401, "SESSION_ENDED")
    assert "htb_user" not in user.browser.http.cookies
    assert (await other.data(ME))["me"]["id"] == user.id


async def test_the_cookie_alone_signs_out_when_the_token_has_expired(platform: Platform) -> None:
    user = await platform.new_user()
    token, user.browser.token = user.browser.token, None
    assert await user.data(SIGN_OUT) == {"signOut": {"endedSessions": 1}}
    assert await user.data(SIGN_OUT) == {"signOut": {"endedSessions": 0}}
    user.browser.token = token
    assert await refusal(user.browser) == (401, "SESSION_ENDED")


async def test_signing_out_everywhere_ends_all_sessions_or_all_others(platform: Platform) -> None:
    user = await platform.new_user()
    second = await on_another_device(platform, user)
    third = await on_another_device(platform, user)
    bystander = await platform.new_user()
    assert await third.data(SIGN_OUT_EVERYWHERE, {"stay": True}) == {"signOutEverywhere": {"endedSessions": 2}}
    assert await refusal(user.browser) == await refusal(second) == (401, "SESSION_ENDED")
    assert await third.data(SIGN_OUT_EVERYWHERE, {"stay": False}) == {"signOutEverywhere": {"endedSessions": 1}}
    assert await refusal(third) == (401, "SESSION_ENDED")
    assert (await bystander.data(ME))["me"]["id"] == bystander.id


async def test_one_session_is_ended_by_its_owner_and_by_nobody_else(platform: Platform) -> None:
    user, stranger = await platform.new_user(), await platform.new_user()
    [theirs] = (await stranger.data(MINE))["mySessions"]
    for id in theirs["id"], str(uuid.uuid4()), "no id":
        answer = (await user.data(END, {"id": id}))["endSession"]
        assert (answer["__typename"], answer["code"]) == ("NotFound", "NOT_FOUND")
    assert (await stranger.data(ME))["me"]["id"] == stranger.id
    assert (await stranger.data(END, {"id": theirs["id"]}))["endSession"]["endedSessions"] == 1
    assert await refusal(stranger.browser) == (401, "SESSION_ENDED")


async def test_a_locked_accounts_token_is_refused_at_once(platform: Platform) -> None:
    user = await platform.new_user()
    key = uuid.UUID(node_reference(user.id).key)
    async with platform.stores.sql.unit_of_work() as session:
        await session.exec(update(UserAccount).where(col(UserAccount.id) == key).values(status=UserStatus.LOCKED))
    assert await refusal(user.browser) == (401, "SESSION_ENDED")
    assert (await refreshed(user.browser))["__typename"] == "SessionEnded"


async def test_the_audit_log_says_what_happened_and_holds_no_secret(platform: Platform) -> None:
    user = await platform.new_user()
    token, cookie = user.token, user.browser.http.cookies["htb_user"]
    await user.data(SIGN_OUT)
    async with platform.stores.sql.read() as session:
        found = await session.exec(
            select(AuditEntry)
            .where(col(AuditEntry.subject_id) == node_reference(user.id).key)
            .order_by(col(AuditEntry.id))
        )
        entries = list(found.all())
    assert [each.action for each in entries] == ["USER_CREATED", "SIGN_IN", "SESSION_ENDED"]
    assert {each.address for each in entries} == {user.browser.address}
    assert all(each.request_id for each in entries)
    told = repr([each.model_dump() for each in entries])
    for secret in token, cookie, user.phone[3:]:
        assert secret not in told

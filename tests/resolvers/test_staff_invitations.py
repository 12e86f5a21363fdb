"""Joining a hospital's staff by a link that is good once."""

import asyncio
import secrets
from datetime import timedelta

import pytest

from datasources.sql.hospital_account import HospitalAccount, HospitalAccounts
from domain.global_id import node_reference
from domain.permissions import Role
from domain.staff.invitations import MOST_OPEN
from tests.onboarding import ACCEPT, CHOSEN, INVITE, accept, acts_on, done, told_of
from tests.platform import Hospital, Platform, StaffPerson

LIST = """query ($code: String) { staffInvitations(hospitalCode: $code, first: 100) { totalCount
  nodes { id note isOpen invitedBy acceptedAt staffId revokedAt } } }"""
REVOKE = """mutation ($input: RevokeStaffInvitationInput!) { revokeStaffInvitation(input: $input) { __typename
  ... on StaffInvitationRevoked { invitation { isOpen } } ... on Problem { code } } }"""
PREVIEW = """query ($token: String!) { staffInvitation(token: $token) { hospitalCode hospitalName roles } }"""
LOCK = "mutation ($input: LockStaffInput!) { lockStaff(input: $input) { __typename } }"
ENDED = "INVITATION_ENDED"


@pytest.fixture
async def hospital(platform: Platform) -> Hospital:
    return await platform.new_hospital()


@pytest.fixture
async def manager(platform: Platform, hospital: Hospital) -> StaffPerson:
    return await platform.new_staff(Role.HOSPITAL_MANAGER, hospital=hospital)


async def invited(platform: Platform, by: StaffPerson, *roles: str, **more: object) -> str:
    """The token of an invitation that was made."""
    answer = await done(platform, INVITE, by.token, roles=list(roles) or ["HOSPITAL_CLERK"], **more)
    assert answer["__typename"] == "StaffInvited", answer
    token: str = answer["token"]
    return token


async def test_a_clerk_joins_by_a_link_that_is_good_once(
    platform: Platform, hospital: Hospital, manager: StaffPerson
) -> None:
    token = await invited(platform, manager, note="住院部小王")
    shown = (await platform.data(PREVIEW, {"token": token}))["staffInvitation"]
    assert shown == {"hospitalCode": hospital.code, "hospitalName": "测试医院", "roles": ["HOSPITAL_CLERK"]}
    weak = await accept(platform, token, password="short")
    assert weak["fields"] == [{"field": "password", "code": "OUT_OF_RANGE"}]
    taken = await accept(platform, token, signInName=manager.sign_in_name.upper())
    assert taken["fields"] == [{"field": "signInName", "code": "DUPLICATE"}]
    answers = await asyncio.gather(*(accept(platform, token) for _ in range(3)))
    assert sorted(each.get("code", "") for each in answers) == ["", ENDED, ENDED]
    [joined] = [each for each in answers if "code" not in each]
    # The hospital of these tests has a key already.
    assert (joined["staff"]["roles"], joined["firstKey"]) == (["HOSPITAL_CLERK"], None)
    assert (await platform.data(PREVIEW, {"token": token}))["staffInvitation"] is None
    [listed] = (await platform.data(LIST, bearer=manager.token))["staffInvitations"]["nodes"]
    assert (listed["note"], listed["isOpen"], listed["invitedBy"]) == ("住院部小王", False, manager.id)
    assert listed["staffId"] == joined["staff"]["id"]
    assert await acts_on(platform, listed["id"]) == ["STAFF_INVITED"]


async def test_those_who_are_there_are_told_who_joined(platform: Platform, manager: StaffPerson) -> None:
    joined = await accept(platform, await invited(platform, manager, "HOSPITAL_MANAGER"))
    key = node_reference(joined["staff"]["id"]).key
    assert await told_of(platform, key) == [("STAFF_JOINED", {"name": "王*明"})]
    assert await acts_on(platform, key) == ["STAFF_JOINED"]


async def test_a_link_ends_when_it_is_revoked_out_of_time_or_its_maker_lost_the_right(
    platform: Platform, hospital: Hospital, manager: StaffPerson
) -> None:
    tokens = [await invited(platform, manager, expiresInHours=hours) for hours in (72, 1, 72)]
    newest, *_ = (await platform.data(LIST, bearer=manager.token))["staffInvitations"]["nodes"]
    revoked = await done(platform, REVOKE, manager.token, invitationId=newest["id"])
    assert revoked["invitation"]["isOpen"] is False
    assert (await done(platform, REVOKE, manager.token, invitationId=newest["id"]))["code"] == "NOT_FOUND"
    platform.clock.now += timedelta(hours=1)
    administrator = await platform.new_staff(Role.PLATFORM_ADMINISTRATOR)
    ends = [(await accept(platform, token)).get("code") for token in tokens[1:]]
    assert ends == [ENDED, ENDED]
    await done(platform, LOCK, administrator.token, id=manager.id)
    assert (await accept(platform, tokens[0]))["code"] == ENDED


async def test_managers_invite_to_their_own_hospital_alone(
    platform: Platform, hospital: Hospital, manager: StaffPerson
) -> None:
    other = await platform.new_hospital()
    beyond = await done(platform, INVITE, manager.token, roles=["HOSPITAL_CLERK"], hospitalCode=other.code)
    assert beyond["code"] == "BEYOND_OWN_RIGHTS"
    platforms = await done(platform, INVITE, manager.token, roles=["OPERATOR"])
    assert platforms["fields"] == [{"field": "hospitalCode", "code": "MALFORMED"}]
    await invited(platform, manager)
    [mine] = (await platform.data(LIST, bearer=manager.token))["staffInvitations"]["nodes"]
    stranger = await platform.new_staff(Role.HOSPITAL_MANAGER, hospital=other)
    seen = await platform.data(LIST, {"code": hospital.code}, bearer=stranger.token)
    assert seen["staffInvitations"]["totalCount"] == 0
    assert (await done(platform, REVOKE, stranger.token, invitationId=mine["id"]))["code"] == "NOT_FOUND"
    clerk = await platform.new_staff(Role.HOSPITAL_CLERK, hospital=hospital)
    refused = await platform.error(INVITE, {"input": {"roles": ["HOSPITAL_CLERK"]}}, bearer=clerk.token)
    assert refused["extensions"]["code"] == "FORBIDDEN"


async def test_an_administrator_invites_a_first_manager_who_gets_the_first_key(platform: Platform) -> None:
    code = f"t{secrets.token_hex(6)}"
    async with platform.stores.sql.unit_of_work() as session:
        await HospitalAccounts(session).add(HospitalAccount(code=code, name="新医院"))
    administrator = await platform.new_staff(Role.PLATFORM_ADMINISTRATOR)
    tokens = [await invited(platform, administrator, "HOSPITAL_MANAGER", hospitalCode=code) for _ in range(2)]
    joined = await asyncio.gather(*(accept(platform, token) for token in tokens))
    assert sorted(each["firstKey"] is None for each in joined) == [False, True]
    nowhere = await done(platform, INVITE, administrator.token, roles=["HOSPITAL_MANAGER"], hospitalCode="nowhere")
    assert nowhere["fields"] == [{"field": "hospitalCode", "code": "UNKNOWN_REFERENCE"}]


async def test_open_invitations_are_few_and_guessing_tokens_is_refused(
    platform: Platform, manager: StaffPerson
) -> None:
    answers = await asyncio.gather(
        *(done(platform, INVITE, manager.token, roles=["HOSPITAL_CLERK"]) for _ in range(MOST_OPEN + 2))
    )
    assert [each["__typename"] for each in answers].count("TooManyInvitations") == 2
    guesser, codes = platform.new_browser(), []
    given = {"token": "x", "signInName": "guess", "name": "x", "password": CHOSEN}
    for _ in range(31):
        answer = await guesser.answer(ACCEPT, {"input": given})
        codes += [each["extensions"]["code"] for each in answer.get("errors", [])]
    assert codes == ["RATE_LIMITED"]

"""Keys of hospitals' systems, made, changed over and ended by the hospital's managers and by administrators."""

from datetime import timedelta
from typing import Any

import pytest

from domain.permissions import Role
from htbooking_hospital import HospitalClient
from tests.onboarding import acts_on, done, told_of
from tests.platform import ENDPOINT, Hospital, Platform, StaffPerson

KEY = "keyId hospitalCode label isLive createdAt lastUsedAt endsAt revokedAt"
KEYS = f"query ($code: String) {{ integrationKeys(hospitalCode: $code) {{ {KEY} }} }}"
ISSUED = f"""__typename ... on IntegrationKeyIssued {{ secret key {{ {KEY} }} replaced {{ {KEY} }} }}
  ... on Problem {{ code message }} ... on TooManyKeys {{ keyIds most }}
  ... on InvalidInput {{ fields {{ field code }} }}"""
ISSUE = f"mutation ($input: IssueIntegrationKeyInput!) {{ issueIntegrationKey(input: $input) {{ {ISSUED} }} }}"
ROTATE = f"mutation ($input: RotateIntegrationKeyInput!) {{ rotateIntegrationKey(input: $input) {{ {ISSUED} }} }}"
REVOKE = f"""mutation ($input: RevokeIntegrationKeyInput!) {{ revokeIntegrationKey(input: $input) {{ __typename
  ... on IntegrationKeyRevoked {{ key {{ {KEY} }} }} ... on Problem {{ code }} }} }}"""
ACCOUNT = "{ myHospitalAccount { code } }"


@pytest.fixture
async def hospital(platform: Platform) -> Hospital:
    return await platform.new_hospital()


@pytest.fixture
async def manager(platform: Platform, hospital: Hospital) -> StaffPerson:
    return await platform.new_staff(Role.HOSPITAL_MANAGER, hospital=hospital)


def by(platform: Platform, hospital: Hospital, issued: dict[str, Any]) -> Hospital:
    """The hospital's system with this key."""
    key_id, secret = issued["key"]["keyId"], issued["secret"]
    client = HospitalClient(ENDPOINT, key_id, secret, clock=lambda: platform.clock().timestamp())
    return Hospital(hospital.code, client)


async def refused(platform: Platform, hospital: Hospital) -> str | None:
    """Why the hospital's system is refused; None if it is not."""
    answer = await platform.answer(ACCOUNT, hospital=hospital)
    return str(answer["errors"][0]["extensions"]["code"]) if "errors" in answer else None


async def test_a_key_is_shown_once_and_two_are_live_at_most(
    platform: Platform, hospital: Hospital, manager: StaffPerson
) -> None:
    issued = await done(platform, ISSUE, manager.token, label=" HIS ")
    assert (issued["key"]["label"], issued["key"]["isLive"], issued["replaced"]) == ("HIS", True, None)
    assert await refused(platform, by(platform, hospital, issued)) is None
    listed = (await platform.data(KEYS, bearer=manager.token))["integrationKeys"]
    assert [each["keyId"] for each in listed][1:] == [issued["key"]["keyId"]]
    assert issued["secret"] not in str(listed)
    third = await done(platform, ISSUE, manager.token)
    assert (third["code"], third["keyIds"], third["most"]) == ("TOO_MANY_KEYS", [each["keyId"] for each in listed], 2)
    key_id = issued["key"]["keyId"]
    assert await told_of(platform, key_id) == [("KEY_ISSUED", {"key": key_id})]
    assert await acts_on(platform, key_id) == ["KEY_ISSUED"]


async def test_a_revoked_key_opens_nothing(platform: Platform, hospital: Hospital, manager: StaffPerson) -> None:
    issued = await done(platform, ISSUE, manager.token)
    key_id = issued["key"]["keyId"]
    for _ in range(2):
        revoked = await done(platform, REVOKE, manager.token, keyId=key_id)
        assert (revoked["key"]["isLive"], revoked["key"]["revokedAt"] is None) == (False, False)
    assert await refused(platform, by(platform, hospital, issued)) == "KEY_REVOKED"
    assert (await done(platform, ROTATE, manager.token, keyId=key_id))["code"] == "NOT_FOUND"
    assert await acts_on(platform, key_id) == ["KEY_ISSUED", "KEY_REVOKED"]
    assert [kind for kind, _ in await told_of(platform, key_id)] == ["KEY_ISSUED", "KEY_REVOKED"]


async def test_a_key_is_changed_over_to_another_while_both_are_taken(
    platform: Platform, hospital: Hospital, manager: StaffPerson
) -> None:
    [old] = (await platform.data(KEYS, bearer=manager.token))["integrationKeys"]
    issued = await done(platform, ROTATE, manager.token, keyId=old["keyId"], overlapHours=2)
    new = by(platform, hospital, issued)
    assert issued["replaced"]["endsAt"] == "2026-11-20T12:00:00+08:00"
    assert [await refused(platform, each) for each in (hospital, new)] == [None, None]
    assert (await done(platform, ISSUE, manager.token))["code"] == "TOO_MANY_KEYS"
    platform.clock.now += timedelta(hours=2)
    assert [await refused(platform, each) for each in (hospital, new)] == ["KEY_REVOKED", None]
    fresh = await platform.new_staff(Role.PLATFORM_ADMINISTRATOR)
    again = await done(platform, ISSUE, fresh.token, hospitalCode=hospital.code)
    assert again["__typename"] == "IntegrationKeyIssued"
    at_once = await done(platform, ROTATE, fresh.token, keyId=again["key"]["keyId"], overlapHours=0)
    assert at_once["replaced"]["isLive"] is False
    assert (await done(platform, ROTATE, fresh.token, keyId=old["keyId"], overlapHours=200))["fields"] == [
        {"field": "overlapHours", "code": "OUT_OF_RANGE"}
    ]


async def test_nobody_elses_hospital_is_reached(platform: Platform, hospital: Hospital) -> None:
    other = await platform.new_hospital()
    stranger = await platform.new_staff(Role.HOSPITAL_MANAGER, hospital=other)
    administrator = await platform.new_staff(Role.PLATFORM_ADMINISTRATOR)
    [key] = (await platform.data(KEYS, {"code": hospital.code}, bearer=administrator.token))["integrationKeys"]
    assert (await platform.data(KEYS, {"code": hospital.code}, bearer=stranger.token))["integrationKeys"] == []
    assert (await done(platform, ISSUE, stranger.token, hospitalCode=hospital.code))["code"] == "NOT_FOUND"
    assert (await done(platform, ROTATE, stranger.token, keyId=key["keyId"]))["code"] == "NOT_FOUND"
    assert (await done(platform, REVOKE, stranger.token, keyId=key["keyId"]))["code"] == "NOT_FOUND"
    assert await refused(platform, hospital) is None
    for role, of in ((Role.HOSPITAL_CLERK, hospital), (Role.OPERATOR, None)):
        clerk = await platform.new_staff(role, hospital=of)
        assert (await platform.error(KEYS, bearer=clerk.token))["extensions"]["code"] == "FORBIDDEN"
    # A key that leaked must not make others.
    assert (await platform.error(KEYS, hospital=hospital))["extensions"]["code"] == "UNAUTHENTICATED"
    missing = await done(platform, ISSUE, administrator.token, hospitalCode="nowhere")
    assert missing["fields"] == [{"field": "hospitalCode", "code": "UNKNOWN_REFERENCE"}]

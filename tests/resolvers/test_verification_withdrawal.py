"""Withdrawing the consent to identity pictures: they go at once, and whatever waited for them goes with them."""

import asyncio
from collections import Counter
from typing import Any

import pytest
from sqlmodel import col, select

from datasources.sql.audit_entry import AuditEntry
from datasources.sql.stored_file import FileState
from domain.global_id import node_reference
from domain.permissions import Role
from tests.browser import User
from tests.platform import Platform, StaffPerson
from tests.verifications import (
    MINE,
    QUEUE,
    REVEAL,
    VIEW,
    decide,
    decided,
    file_of,
    new_picture,
    row_of,
    submitted,
)

WITHDRAW = """mutation ($kind: ConsentKind!) { withdrawConsent(input: {kind: $kind}) { __typename
  ... on ConsentWithdrawn { consents { withdrawnAt } } ... on Problem { code message } } }"""
GIVE = """mutation { giveConsent(input: {kind: HEALTH_DATA, version: "2026-11"}) { __typename } }"""


@pytest.fixture
async def reviewer(platform: Platform) -> StaffPerson:
    return await platform.new_staff(Role.REVIEWER)


async def withdraw(user: User, kind: str = "IDENTITY_PICTURES") -> Any:
    return (await user.data(WITHDRAW, {"kind": kind}))["withdrawConsent"]


async def acts_on(platform: Platform, user: User) -> list[str]:
    async with platform.stores.sql.read() as session:
        found = await session.exec(
            select(AuditEntry.action)
            .where(col(AuditEntry.subject_id) == node_reference(user.id).key)
            .order_by(col(AuditEntry.id))
        )
        return list(found.all())


async def test_a_request_that_waits_is_withdrawn_and_forgets_everything(
    platform: Platform, reviewer: StaffPerson
) -> None:
    user = await platform.new_user()
    front, back = await new_picture(platform, user.token), await new_picture(platform, user.token)
    unused, avatar = await new_picture(platform, user.token), await new_picture(platform, user.token, "AVATAR")
    request = await submitted(platform, user.token, frontFileId=front, backFileId=back)
    assert (await withdraw(user))["__typename"] == "ConsentWithdrawn"

    for id in front, back, unused:
        file = await file_of(platform, id)
        assert (file.state, file.used_by) == (FileState.DELETED, None)
    assert (await file_of(platform, avatar)).state == FileState.READY
    row = await row_of(platform, request)
    assert (row.sealed_name, row.sealed_certificate, row.certificate_index) == (None, None, None)
    seen = await user.data(MINE)
    assert (seen["myVerification"]["state"], seen["me"]["verification"]) == ("NONE", "NONE")
    (mine,) = seen["myVerification"]["requests"]
    assert (mine["state"], mine["name"], mine["frontFileId"], mine["backFileId"]) == ("WITHDRAWN", None, None, None)
    assert (await acts_on(platform, user))[-2:] == ["CONSENT_WITHDRAWN", "VERIFICATION_WITHDRAWN"]

    assert (await decide(platform, reviewer.token, request["id"], "VERIFY"))["code"] == "NOT_FOUND"
    viewed = await platform.data(VIEW, {"id": front}, bearer=reviewer.token)
    assert viewed["viewIdentityPicture"]["code"] == "NOT_FOUND"
    asked = {"input": {"requestId": request["id"], "reason": "complaint"}}
    shown = (await platform.data(REVEAL, asked, bearer=reviewer.token))["revealVerification"]
    assert shown["code"] == "NOT_FOUND"
    since = {"state": "WITHDRAWN", "from": platform.clock.now.isoformat(), "first": 100}
    queue = (await platform.data(QUEUE, since, bearer=reviewer.token))["verificationRequests"]
    assert request["id"] in [each["id"] for each in queue["nodes"]]

    again = await submitted(platform, user.token)
    assert (await decided(platform, reviewer.token, again["id"], "VERIFY"))["state"] == "VERIFIED"


async def test_a_verified_account_stays_verified_without_its_pictures(
    platform: Platform, reviewer: StaffPerson
) -> None:
    user = await platform.new_user()
    request = await submitted(platform, user.token)
    await decided(platform, reviewer.token, request["id"], "VERIFY")
    await withdraw(user)
    assert (await file_of(platform, request["frontFileId"])).state == FileState.DELETED
    seen = await user.data(MINE)
    assert (seen["me"]["verification"], seen["me"]["name"]) == ("VERIFIED", "欧**娜")
    row = await row_of(platform, request)
    assert row.certificate_index is not None
    assert row.originals_deleted_at == platform.clock.now
    assert "VERIFICATION_WITHDRAWN" not in await acts_on(platform, user)


async def test_the_consent_to_health_data_is_another(platform: Platform) -> None:
    user = await platform.new_user()
    request = await submitted(platform, user.token)
    await user.data(GIVE)
    assert (await withdraw(user, "HEALTH_DATA"))["__typename"] == "ConsentWithdrawn"
    assert (await row_of(platform, request)).state == "PENDING"
    assert (await file_of(platform, request["frontFileId"])).state == FileState.READY


async def test_nobody_elses_request_is_touched_and_nothing_is_withdrawn_twice(platform: Platform) -> None:
    user, other = await platform.new_user(), await platform.new_user()
    request = await submitted(platform, other.token)
    assert (await withdraw(user))["code"] == "NOT_FOUND"
    assert (await row_of(platform, request)).state == "PENDING"
    assert (await withdraw(other))["__typename"] == "ConsentWithdrawn"
    assert (await withdraw(other))["code"] == "NOT_FOUND"


async def test_of_a_withdrawal_and_a_decision_at_once_the_first_stands(
    platform: Platform, reviewer: StaffPerson
) -> None:
    outcomes: Counter[tuple[str, str]] = Counter()
    for _ in range(8):
        user = await platform.new_user()
        request = await submitted(platform, user.token)
        answer, _ = await asyncio.gather(
            decide(platform, reviewer.token, request["id"], "VERIFY"),
            withdraw(user),
        )
        row = await row_of(platform, request)
        assert (await file_of(platform, request["frontFileId"])).state == FileState.DELETED
        outcomes[answer["__typename"], row.state] += 1
    assert set(outcomes) <= {("VerificationDecided", "VERIFIED"), ("NotFound", "WITHDRAWN")}

"""How reviewers see requests for verification and decide them, each once."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from domain.global_id import NodeKind, global_id
from domain.permissions import Role
from tests.browser import User
from tests.platform import Platform, StaffPerson
from tests.verifications import (
    MINE,
    NODE,
    QUEUE,
    REVEAL,
    VIEW,
    acts_on,
    decide,
    decided,
    invalid_fields,
    new_submission,
    submit,
    submitted,
)


@pytest.fixture
async def user(platform: Platform) -> User:
    return await platform.new_user()


@pytest.fixture
async def reviewer(platform: Platform) -> StaffPerson:
    return await platform.new_staff(Role.REVIEWER)


async def test_of_two_reviewers_at_once_one_decides(platform: Platform, user: User) -> None:
    request = await submitted(platform, user.token)
    reviewers = [await platform.new_staff(Role.REVIEWER) for _ in range(2)]
    answers = await asyncio.gather(
        decide(platform, reviewers[0].token, request["id"], "VERIFY"),
        decide(platform, reviewers[1].token, request["id"], "REJECT", rejection="UNREADABLE_PICTURE"),
    )
    won = [each["__typename"] for each in answers].index("VerificationDecided")
    winner, late = answers[won], answers[1 - won]
    assert late["code"] == "ALREADY_DECIDED"
    decision = winner["request"]
    assert (late["state"], late["decidedAt"]) == (decision["state"], decision["decidedAt"])
    assert (late["decidedBy"], late["decidedByName"]) == (reviewers[won].id, "测试员")
    assert late["message"].startswith("测试员 ")
    assert (await user.data(MINE))["me"]["verification"] == decision["state"]
    assert len([each for each in await acts_on(platform, user.id) if each[0] == "VERIFICATION_DECIDED"]) == 1


async def test_a_rejection_says_why(platform: Platform, user: User, reviewer: StaffPerson) -> None:
    request = await submitted(platform, user.token)
    assert invalid_fields(await decide(platform, reviewer.token, request["id"], "REJECT")) == [("rejection", "MISSING")]
    assert invalid_fields(await decide(platform, reviewer.token, request["id"], "VERIFY", note="gut")) == [
        ("note", "OUT_OF_RANGE")
    ]
    assert (await user.data(MINE))["me"]["verification"] == "PENDING"
    nobody = global_id(NodeKind.VERIFICATION_REQUEST, UUID(int=7))
    for id in (nobody, user.id):
        assert (await decide(platform, reviewer.token, id, "VERIFY"))["code"] == "NOT_FOUND"


async def test_a_certificate_verifies_one_account(platform: Platform) -> None:
    # When no other test hands in, so that the queue's first page shows them.
    platform.clock.now += timedelta(days=200)
    begin, reviewer = platform.clock.now.isoformat(), await platform.new_staff(Role.REVIEWER)
    user, other = await platform.new_user(), await platform.new_user()
    first = await submitted(platform, user.token, certificateNumber=(number := f"G{user.phone[-8:]}"))
    second = await submitted(platform, other.token, certificateNumber=f" {number.lower()} ")
    answers = await asyncio.gather(
        *(decide(platform, reviewer.token, each["id"], "VERIFY") for each in (first, second))
    )
    assert sorted(each.get("code", "") for each in answers) == ["", "CERTIFICATE_IN_USE"]
    lost = answers.index(next(each for each in answers if "code" in each))
    loser, left = ((user, first), (other, second))[lost]
    assert (await loser.data(MINE))["me"]["verification"] == "PENDING"
    queue = await platform.data(QUEUE, {"state": "PENDING", "from": begin}, bearer=reviewer.token)
    seen = queue["verificationRequests"]["nodes"]
    assert [each["certificateVerifiedElsewhere"] for each in seen if each["id"] == left["id"]] == [True]
    assert (await loser.data(MINE))["myVerification"]["requests"][0]["certificateVerifiedElsewhere"] is None
    await decided(platform, reviewer.token, left["id"], "REJECT", rejection="USED_ELSEWHERE")
    assert (await loser.data(MINE))["me"]["verification"] == "REJECTED"


async def test_the_queue_is_paged_from_the_oldest(platform: Platform) -> None:
    # When no other test hands in.
    platform.clock.now += timedelta(days=400)
    begin, reviewer = platform.clock.now, await platform.new_staff(Role.REVIEWER)
    requests = []
    for _ in range(3):
        requests.append(await submitted(platform, (await platform.new_user()).token))
        platform.clock.now += timedelta(minutes=1)
    await decided(platform, reviewer.token, requests[0]["id"], "VERIFY")

    async def page(**wanted: Any) -> Any:
        variables = {"from": begin.isoformat(), "before": (begin + timedelta(hours=1)).isoformat(), **wanted}
        return (await platform.data(QUEUE, variables, bearer=reviewer.token))["verificationRequests"]

    first = await page(first=2)
    rest = await page(first=2, after=first["pageInfo"]["endCursor"])
    assert [each["id"] for each in first["nodes"] + rest["nodes"]] == [each["id"] for each in requests]
    assert first["totalCount"] == 3
    assert first["nodes"][0]["decidedBy"] == reviewer.id
    assert {each["name"] for each in first["nodes"]} == {"欧**娜"}
    assert [each["id"] for each in (await page(state="VERIFIED"))["nodes"]] == [requests[0]["id"]]
    before = await page(before=(begin + timedelta(minutes=1)).isoformat())
    assert [each["id"] for each in before["nodes"]] == [requests[0]["id"]]
    error = await platform.error(QUEUE, {"after": "bm8"}, bearer=reviewer.token)
    assert error["extensions"]["code"] == "BAD_CURSOR"


async def test_only_owner_and_reviewers_see_a_request(platform: Platform, user: User, reviewer: StaffPerson) -> None:
    request = await submitted(platform, user.token)
    other, operator = await platform.new_user(), await platform.new_staff(Role.OPERATOR)

    async def seen(token: str | None) -> Any:
        return (await platform.data(NODE, {"id": request["id"]}, bearer=token))["node"]

    shown = {"__typename": "VerificationRequest", "name": "欧**娜", "decidedBy": None}
    assert await seen(user.token) == await seen(reviewer.token) == shown
    assert [await seen(each) for each in (other.token, operator.token, None)] == [None, None, None]
    assert (await other.data(MINE))["myVerification"]["requests"] == []
    asked = {"input": {"requestId": request["id"], "reason": "?"}}
    for query, variables in ((QUEUE, {}), (REVEAL, asked)):
        assert (await platform.error(query, variables, bearer=operator.token))["extensions"]["code"] == "FORBIDDEN"
        assert (await platform.error(query, variables, bearer=user.token))["extensions"]["code"] == "UNAUTHENTICATED"


async def test_what_a_reviewer_sees_in_clear_is_on_record(
    platform: Platform, user: User, reviewer: StaffPerson
) -> None:
    given = await new_submission(platform, user.token)
    request = (await submit(platform, user.token, given))["request"]

    async def reveal(id: str, reason: str) -> Any:
        input = {"requestId": id, "reason": reason}
        return (await platform.data(REVEAL, {"input": input}, bearer=reviewer.token))["revealVerification"]

    assert (await reveal(request["id"], " "))["code"] == "INVALID_INPUT"
    assert (await reveal(user.id, "look"))["code"] == "NOT_FOUND"
    shown = await reveal(request["id"], "compare with the picture")
    assert (shown["name"], shown["certificateNumber"]) == (given["name"], given["certificateNumber"])
    assert shown["request"]["name"] == "欧**娜"
    action, kind, _, detail = (await acts_on(platform, user.id))[-1]
    assert (action, kind, detail["reason"]) == ("VERIFICATION_REVEALED", "staff", "compare with the picture")
    viewed = await platform.data(VIEW, {"id": shown["request"]["frontFileId"]}, bearer=reviewer.token)
    assert viewed["viewIdentityPicture"]["__typename"] == "FileLink"

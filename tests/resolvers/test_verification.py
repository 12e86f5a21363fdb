"""Real-name verification through the whole application: handed in, looked into, decided once, told to its owner."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import orjson
import pytest
from sqlmodel import col, select, update

from datasources.sql.audit_entry import AuditEntry
from datasources.sql.stored_file import StoredFile
from datasources.sql.user_account import UserAccount
from datasources.sql.verification_request import VerificationRequest
from domain.global_id import NodeKind, global_id, node_reference
from domain.permissions import Role
from domain.verification.decision import ACCOUNTS_NAME
from domain.verification.export import export_verifications
from domain.verification.identity import read_identity
from domain.verification.notice import CHANNEL
from domain.verification.submission import MOST_PER_DAY
from tests.browser import User
from tests.platform import Platform, StaffPerson
from tests.verifications import (
    MINE,
    REVEAL,
    UPLOAD,
    agree_to_pictures,
    decide,
    decided,
    new_picture,
    new_resident_id,
    new_submission,
    submit,
    submitted,
)

NODE = "query ($id: ID!) { node(id: $id) { __typename ... on VerificationRequest { name decidedBy } } }"
VIEW = """mutation ($id: ID!) { viewIdentityPicture(input: {fileId: $id, reason: "review"}) {
  __typename ... on Problem { code } } }"""
DELETE = "mutation ($id: ID!) { deleteFile(input: {fileId: $id}) { __typename ... on Problem { code } } }"
WITHDRAW = """mutation { withdrawConsent(input: {kind: IDENTITY_PICTURES}) { __typename } }"""


@pytest.fixture
async def user(platform: Platform) -> User:
    return await platform.new_user()


@pytest.fixture
async def reviewer(platform: Platform) -> StaffPerson:
    return await platform.new_staff(Role.REVIEWER)


def key_of(id: str) -> UUID:
    return UUID(node_reference(id).key)


async def row_of(platform: Platform, request: dict[str, Any]) -> VerificationRequest:
    async with platform.stores.sql.read() as session:
        found = await session.get(VerificationRequest, key_of(request["id"]))
    assert found is not None
    return found


async def file_of(platform: Platform, id: str) -> StoredFile:
    async with platform.stores.sql.read() as session:
        found = await session.get(StoredFile, key_of(id))
    assert found is not None
    return found


async def acts_on(platform: Platform, user: User) -> list[tuple[str, str, str, dict[str, Any]]]:
    async with platform.stores.sql.read() as session:
        found = await session.exec(
            select(AuditEntry)
            .where(AuditEntry.subject_id == str(key_of(user.id)), col(AuditEntry.action).startswith("VERIFICATION"))
            .order_by(col(AuditEntry.id))
        )
        return [(each.action, each.actor_kind, each.result, each.detail) for each in found]


def fields(answer: dict[str, Any]) -> list[tuple[str, str]]:
    assert answer["__typename"] == "InvalidInput", answer
    return [(each["field"], each["code"]) for each in answer["fields"]]


async def test_a_whole_life(platform: Platform, user: User, reviewer: StaffPerson) -> None:
    assert await user.data(MINE) == {
        "myVerification": {"state": "NONE", "requests": []},
        "me": {"name": "", "verification": "NONE"},
    }
    number = new_resident_id()
    front, back = await new_picture(platform, user.token), await new_picture(platform, user.token)
    sides = {"frontFileId": front, "backFileId": back}
    first = await submitted(
        platform, user.token, name="王小 二", certificateKind="10", certificateNumber=number, **sides
    )
    assert (first["name"], first["certificateNumber"]) == ("王**二", f"{number[:3]}{'*' * 11}{number[-4:]}")
    assert (first["state"], first["certificateVerifiedElsewhere"], first["decidedBy"]) == ("PENDING", None, None)
    mine = await user.data(MINE)
    assert (mine["myVerification"], mine["me"]["verification"]) == (
        {"state": "PENDING", "requests": [first]},
        "PENDING",
    )

    platform.clock.now += timedelta(minutes=10)
    rejected = await decided(
        platform, reviewer.token, first["id"], "REJECT", rejection="NOT_AS_STATED", note=" 姓名中没有空格。 "
    )
    assert (rejected["state"], rejected["decidedBy"]) == ("REJECTED", reviewer.id)
    mine = (await user.data(MINE))["myVerification"]
    assert mine["state"] == "REJECTED"
    (told,) = mine["requests"]
    assert (told["rejection"], told["note"], told["decidedBy"]) == ("NOT_AS_STATED", "姓名中没有空格。", None)
    assert told["rejectionMessage"].startswith("The name or number is not the one")
    assert (told["decidedAt"], told["submittedAt"]) == ("2026-11-20T02:10:00+00:00", "2026-11-20T02:00:00+00:00")

    again = await submitted(
        platform, user.token, name="王小二", certificateKind="10", certificateNumber=number, **sides
    )
    assert again["id"] != first["id"]
    assert (await user.data(MINE))["me"] == {"name": "", "verification": "PENDING"}
    await decided(platform, reviewer.token, again["id"], "VERIFY")
    mine = await user.data(MINE)
    assert mine["me"] == {"name": "王*二", "verification": "VERIFIED"}
    assert [each["state"] for each in mine["myVerification"]["requests"]] == ["VERIFIED", "REJECTED"]
    assert (await submit(platform, user.token, await new_submission(platform, user.token)))[
        "code"
    ] == "ALREADY_VERIFIED"

    async with platform.stores.sql.read() as session:
        account = await session.get(UserAccount, key_of(user.id))
    assert account is not None
    assert account.sealed_name is not None
    opened = platform.ring.open(ACCOUNTS_NAME, str(account.id), account.sealed_name)
    assert opened.get_secret_value().decode() == "王小二"
    first_key, again_key = (node_reference(each["id"]).key for each in (first, again))
    assert await acts_on(platform, user) == [
        ("VERIFICATION_SUBMITTED", "user", "DONE", {"request": first_key}),
        ("VERIFICATION_DECIDED", "staff", "REJECTED", {"request": first_key, "rejection": "NOT_AS_STATED"}),
        ("VERIFICATION_SUBMITTED", "user", "DONE", {"request": again_key}),
        ("VERIFICATION_DECIDED", "staff", "VERIFIED", {"request": again_key}),
    ]


async def test_the_rows_hold_nothing_readable(platform: Platform, user: User) -> None:
    given = await new_submission(platform, user.token)
    request = (await submit(platform, user.token, given))["request"]
    row = await row_of(platform, request)
    stored = b"".join(each for each in (row.sealed_name, row.sealed_certificate, row.certificate_index) if each)
    assert given["name"].encode() not in stored
    assert given["certificateNumber"].encode() not in stored
    identity = read_identity(platform.ring, row)
    assert identity is not None
    assert (identity.name, identity.certificate_number) == (given["name"], given["certificateNumber"])


async def test_a_record_moved_to_another_row_is_shown_to_nobody(platform: Platform, user: User) -> None:
    other = await platform.new_user()
    mine, theirs = await submitted(platform, user.token), await submitted(platform, other.token)
    stolen = await row_of(platform, theirs)
    async with platform.stores.sql.unit_of_work() as session:
        id = key_of(mine["id"])
        values = {"sealed_certificate": stolen.sealed_certificate, "sealed_name": stolen.sealed_name}
        await session.exec(update(VerificationRequest).where(col(VerificationRequest.id) == id).values(values))
    assert (await user.error(MINE))["extensions"]["code"] == "INTERNAL"
    assert (await other.data(MINE))["myVerification"]["state"] == "PENDING"
    async with platform.stores.sql.unit_of_work() as session:
        await session.delete(await row_of(platform, mine))


async def test_no_picture_is_taken_before_its_own_consent(platform: Platform, user: User) -> None:
    asked = {"purpose": "IDENTITY_PICTURE", "contentType": "image/png", "size": 9}
    refused = (await user.data(UPLOAD, {"input": asked}))["requestUpload"]
    assert refused == {"__typename": "ConsentNeeded", "code": "CONSENT_NEEDED"}
    await user.data("""mutation { giveConsent(input: {kind: HEALTH_DATA, version: "2026-11"}) { __typename } }""")
    assert (await user.data(UPLOAD, {"input": asked}))["requestUpload"]["code"] == "CONSENT_NEEDED"
    avatar = asked | {"purpose": "AVATAR"}
    assert (await user.data(UPLOAD, {"input": avatar}))["requestUpload"]["__typename"] == "UploadTicket"

    given = await new_submission(platform, user.token)
    await user.data(WITHDRAW)
    answer = await submit(platform, user.token, given)
    assert (answer["code"], answer["kind"]) == ("CONSENT_NEEDED", "IDENTITY_PICTURES")
    await agree_to_pictures(platform, user.token)
    request = (await submit(platform, user.token, given))["request"]
    assert (await row_of(platform, request)).consent_version == "2026-11"


async def test_what_is_wrong_is_named(platform: Platform, user: User) -> None:
    picture, avatar = await new_picture(platform, user.token), await new_picture(platform, user.token, "AVATAR")

    async def wrong(**changes: Any) -> list[tuple[str, str]]:
        given = await new_submission(platform, user.token, frontFileId=picture)
        return fields(await submit(platform, user.token, given | changes))

    assert await wrong(name=" ") == [("name", "MISSING")]
    assert await wrong(name="长" * 51, certificateKind="99") == [
        ("name", "TOO_LONG"),
        ("certificateKind", "UNKNOWN_REFERENCE"),
    ]
    assert await wrong(certificateNumber="E1") == [("certificateNumber", "CERTIFICATE_FORM")]
    mistyped = {"certificateKind": "10", "certificateNumber": "110105194912310021"}
    assert await wrong(**mistyped) == [
        ("certificateNumber", "CERTIFICATE_CHECK_CHARACTER"),
        ("backFileId", "MISSING"),
    ]
    assert await wrong(backFileId=picture) == [("backFileId", "DUPLICATE")]
    assert await wrong(frontFileId=avatar) == [("frontFileId", "NOT_FOUND")]
    nothing = global_id(NodeKind.FILE, UUID(int=7))
    assert await wrong(backFileId=nothing) == [("backFileId", "NOT_FOUND")]
    assert (await user.data(MINE))["myVerification"] == {"state": "NONE", "requests": []}
    assert (await file_of(platform, picture)).used_by is None


async def test_pictures_are_ones_own_and_serve_one_request(
    platform: Platform, user: User, reviewer: StaffPerson
) -> None:
    other = await platform.new_user()
    mine, theirs = await new_picture(platform, user.token), await new_picture(platform, other.token)
    stolen = await new_submission(platform, user.token, frontFileId=theirs)
    assert fields(await submit(platform, user.token, stolen)) == [("frontFileId", "NOT_FOUND")]
    assert (await file_of(platform, theirs)).used_by is None

    request = await submitted(platform, user.token, frontFileId=mine)
    assert (await file_of(platform, mine)).used_by == f"verification:{key_of(request['id'])}"
    assert (await user.data(DELETE, {"id": mine}))["deleteFile"]["code"] == "STILL_IN_USE"
    await decided(platform, reviewer.token, request["id"], "REJECT")
    assert (await file_of(platform, mine)).used_by is None
    assert (await user.data(DELETE, {"id": mine}))["deleteFile"]["__typename"] == "FileDeleted"


async def test_one_request_at_a_time(platform: Platform, user: User) -> None:
    request = await submitted(platform, user.token)
    answer = await submit(platform, user.token, await new_submission(platform, user.token))
    assert (answer["code"], answer["submittedAt"]) == ("VERIFICATION_UNDER_WAY", request["submittedAt"])


async def test_of_twenty_submissions_at_once_one_is_taken(platform: Platform, user: User) -> None:
    given = [await new_submission(platform, user.token) for _ in range(5)]
    answers = await asyncio.gather(*(submit(platform, user.token, given[turn % 5]) for turn in range(20)))
    taken = [each for each in answers if each["__typename"] == "VerificationSubmitted"]
    assert len(taken) == 1
    assert {each["__typename"] for each in answers} == {"VerificationSubmitted", "VerificationUnderWay"}
    assert (await user.data(MINE))["myVerification"]["requests"] == [taken[0]["request"]]
    held = [(await file_of(platform, each["frontFileId"])).used_by is not None for each in given]
    assert sum(held) == 1


async def test_five_submissions_a_day(platform: Platform) -> None:
    # 23:59:50 in the platform's zone.
    platform.clock.now = platform.clock.now.replace(hour=15, minute=59, second=50)
    user, reviewer = await platform.new_user(), await platform.new_staff(Role.REVIEWER)
    picture = await new_picture(platform, user.token)
    for _ in range(MOST_PER_DAY):
        request = await submitted(platform, user.token, frontFileId=picture)
        await decided(platform, reviewer.token, request["id"], "REJECT")
    given = await new_submission(platform, user.token, frontFileId=picture)
    answer = await submit(platform, user.token, given)
    assert (answer["code"], answer["most"]) == ("TOO_MANY_SUBMISSIONS", 5)
    platform.clock.now += timedelta(seconds=9)
    assert (await submit(platform, user.token, given))["code"] == "TOO_MANY_SUBMISSIONS"
    platform.clock.now += timedelta(seconds=1)
    assert (await submit(platform, user.token, given))["__typename"] == "VerificationSubmitted"


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
    assert len([each for each in await acts_on(platform, user) if each[0] == "VERIFICATION_DECIDED"]) == 1


async def test_a_rejection_says_why(platform: Platform, user: User, reviewer: StaffPerson) -> None:
    request = await submitted(platform, user.token)
    assert fields(await decide(platform, reviewer.token, request["id"], "REJECT")) == [("rejection", "MISSING")]
    assert fields(await decide(platform, reviewer.token, request["id"], "VERIFY", note="gut")) == [
        ("note", "OUT_OF_RANGE")
    ]
    assert (await user.data(MINE))["me"]["verification"] == "PENDING"
    nobody = global_id(NodeKind.VERIFICATION_REQUEST, UUID(int=7))
    for id in (nobody, user.id):
        assert (await decide(platform, reviewer.token, id, "VERIFY"))["code"] == "NOT_FOUND"


async def test_a_certificate_verifies_one_account(platform: Platform, user: User, reviewer: StaffPerson) -> None:
    other = await platform.new_user()
    first = await submitted(platform, user.token, certificateNumber=(number := f"G{user.phone[-8:]}"))
    second = await submitted(platform, other.token, certificateNumber=f" {number.lower()} ")
    answers = await asyncio.gather(
        *(decide(platform, reviewer.token, each["id"], "VERIFY") for each in (first, second))
    )
    assert sorted(each.get("code", "") for each in answers) == ["", "CERTIFICATE_IN_USE"]
    lost = answers.index(next(each for each in answers if "code" in each))
    loser, left = ((user, first), (other, second))[lost]
    assert (await loser.data(MINE))["me"]["verification"] == "PENDING"
    seen = (await platform.data(QUEUE, {"state": "PENDING"}, bearer=reviewer.token))["verificationRequests"]["nodes"]
    assert [each["certificateVerifiedElsewhere"] for each in seen if each["id"] == left["id"]] == [True]
    assert (await loser.data(MINE))["myVerification"]["requests"][0]["certificateVerifiedElsewhere"] is None
    await decided(platform, reviewer.token, left["id"], "REJECT", rejection="USED_ELSEWHERE")
    assert (await loser.data(MINE))["me"]["verification"] == "REJECTED"


QUEUE = """query ($state: VerificationRequestState, $from: DateTime, $before: DateTime, $first: Int, $after: String) {
  verificationRequests(state: $state, submittedFrom: $from, submittedBefore: $before, first: $first, after: $after) {
    totalCount nodes { id name certificateNumber decidedBy certificateVerifiedElsewhere } pageInfo { endCursor } } }"""


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
        variables = {"from": begin.isoformat(), **wanted}
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
    action, kind, _, detail = (await acts_on(platform, user))[-1]
    assert (action, kind, detail["reason"]) == ("VERIFICATION_REVEALED", "staff", "compare with the picture")
    viewed = await platform.data(VIEW, {"id": shown["request"]["frontFileId"]}, bearer=reviewer.token)
    assert viewed["viewIdentityPicture"]["__typename"] == "FileLink"


async def test_an_export_of_ones_own_data_tells_what_was_handed_in_but_not_who_decided(
    platform: Platform, user: User, reviewer: StaffPerson
) -> None:
    given = await new_submission(platform, user.token)
    request = (await submit(platform, user.token, given))["request"]
    await decided(platform, reviewer.token, request["id"], "REJECT", note="请重拍。")
    async with platform.stores.sql.unit_of_work() as session:
        (told,) = await export_verifications(session, platform.ring, key_of(user.id))
    assert (told["name"], told["certificateNumber"]) == (given["name"], given["certificateNumber"])
    assert (told["id"], told["frontFileId"]) == (request["id"], given["frontFileId"])
    assert (told["state"], told["rejection"], told["note"]) == ("REJECTED", "UNREADABLE_PICTURE", "请重拍。")
    assert str(reviewer.key) not in str(told)


async def test_other_processes_hear_of_a_decision(platform: Platform, user: User, reviewer: StaffPerson) -> None:
    request = await submitted(platform, user.token)
    async with platform.stores.redis.pubsub(ignore_subscribe_messages=True) as channel:
        await channel.subscribe(CHANNEL)
        await channel.get_message(timeout=5)
        await decided(platform, reviewer.token, request["id"], "VERIFY")
        heard = None
        while heard is None:
            heard = await channel.get_message(timeout=5)
    told = {"user": str(key_of(user.id)), "request": str(key_of(request["id"])), "state": "VERIFIED"}
    assert orjson.loads(heard["data"]) == told


async def test_logs_hold_no_names_and_numbers(
    platform: Platform, user: User, reviewer: StaffPerson, capfd: pytest.CaptureFixture[str]
) -> None:
    given = await new_submission(platform, user.token)
    request = (await submit(platform, user.token, given))["request"]
    await decided(platform, reviewer.token, request["id"], "VERIFY")
    logged = capfd.readouterr()
    for clear in (given["name"], given["certificateNumber"]):
        assert clear not in logged.err + logged.out

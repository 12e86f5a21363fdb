"""What people hand in to be known by real name: consent first, own pictures, one request at a time."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import col, update

from datasources.sql.verification_request import VerificationRequest
from domain.global_id import NodeKind, global_id
from domain.permissions import Role
from domain.verification.identity import read_identity
from domain.verification.submission import MOST_PER_DAY
from tests.browser import User
from tests.platform import Platform, StaffPerson
from tests.verifications import (
    MINE,
    UPLOAD,
    agree_to_pictures,
    decided,
    file_of,
    invalid_fields,
    key_of,
    new_picture,
    new_submission,
    row_of,
    submit,
    submitted,
)

DELETE = "mutation ($id: ID!) { deleteFile(input: {fileId: $id}) { __typename ... on Problem { code } } }"
WITHDRAW = "mutation { withdrawConsent(input: {kind: IDENTITY_PICTURES}) { __typename } }"


@pytest.fixture
async def user(platform: Platform) -> User:
    return await platform.new_user()


@pytest.fixture
async def reviewer(platform: Platform) -> StaffPerson:
    return await platform.new_staff(Role.REVIEWER)


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
    assert invalid_fields(await submit(platform, user.token, given)) == [("frontFileId", "NOT_FOUND")]
    request = await submitted(platform, user.token)
    assert (await row_of(platform, request)).consent_version == "2026-11"


async def test_what_is_wrong_is_named(platform: Platform, user: User) -> None:
    picture, avatar = await new_picture(platform, user.token), await new_picture(platform, user.token, "AVATAR")

    async def wrong(**changes: Any) -> list[tuple[str, str]]:
        given = await new_submission(platform, user.token, frontFileId=picture)
        return invalid_fields(await submit(platform, user.token, given | changes))

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
    assert invalid_fields(await submit(platform, user.token, stolen)) == [("frontFileId", "NOT_FOUND")]
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

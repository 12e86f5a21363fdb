"""Real-name verification from end to end, and what of it is told, exported and logged."""

from datetime import timedelta

import orjson
import pytest

from datasources.sql.user_account import UserAccount
from domain.global_id import node_reference
from domain.permissions import Role
from domain.verification.decision import ACCOUNTS_NAME
from domain.verification.export import export_verifications
from domain.verification.notice import CHANNEL
from tests.browser import User
from tests.platform import Platform, StaffPerson
from tests.verifications import (
    MINE,
    acts_on,
    decided,
    key_of,
    new_picture,
    new_resident_id,
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
    assert (told["decidedAt"], told["submittedAt"]) == ("2026-11-20T10:10:00+08:00", "2026-11-20T10:00:00+08:00")

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
    assert await acts_on(platform, user.id) == [
        ("VERIFICATION_SUBMITTED", "user", "DONE", {"request": first_key}),
        ("VERIFICATION_DECIDED", "staff", "REJECTED", {"request": first_key, "rejection": "NOT_AS_STATED"}),
        ("VERIFICATION_SUBMITTED", "user", "DONE", {"request": again_key}),
        ("VERIFICATION_DECIDED", "staff", "VERIFIED", {"request": again_key}),
    ]


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

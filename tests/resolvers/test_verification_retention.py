"""Verifications are kept no longer than they are needed: their pictures by the clock, all of them with the account."""

import asyncio
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select, update

from datasources.sql.audit_entry import AuditEntry
from datasources.sql.stored_file import FileState, StoredFile
from datasources.sql.verification_request import VerificationRequest
from domain.booking.policy import BookingPolicy
from domain.files.settling import settle
from domain.global_id import node_reference
from domain.identity.erasure import erase_due
from domain.identity.own_account import DELETION_GRACE
from domain.permissions import Role
from domain.verification.originals import delete_originals
from jobs.tools import JobTools
from jobs.verification_pictures import delete_verification_pictures
from server.file_storage import file_storage
from server.settings import Settings
from tests.platform import Platform, StaffPerson
from tests.verifications import MINE, NODE, REVEAL, VIEW, decided, file_of, new_picture, row_of, submitted

KEPT = timedelta(days=30)
LEAVE = "mutation { requestAccountDeletion(input: {confirm: true}) { __typename } }"


@pytest.fixture
async def reviewer(platform: Platform) -> StaffPerson:
    return await platform.new_staff(Role.REVIEWER)


async def run(platform: Platform, at: datetime) -> int:
    return await delete_originals(platform.stores.sql, at, KEPT)


async def run_dry(platform: Platform, at: datetime) -> None:
    """Other tests' requests are due as well."""
    while await run(platform, at):
        pass


async def test_pictures_go_thirty_days_after_the_decision(
    platform: Platform, settings: Settings, reviewer: StaffPerson
) -> None:
    user = await platform.new_user()
    front, back = await new_picture(platform, user.token), await new_picture(platform, user.token)
    pending = await submitted(platform, (await platform.new_user()).token)
    request = await submitted(platform, user.token, frontFileId=front, backFileId=back)
    await decided(platform, reviewer.token, request["id"], "VERIFY")

    await run_dry(platform, platform.clock.now + KEPT)
    assert (await row_of(platform, request)).originals_deleted_at is None
    assert (await file_of(platform, front)).state == FileState.READY
    due = platform.clock.now + KEPT + timedelta(seconds=1)
    files = file_storage(settings, platform.ring)
    policy = BookingPolicy(settings.zone)
    await delete_verification_pictures(JobTools(platform.stores, platform.ring, files, lambda: due, policy, KEPT))
    await run_dry(platform, due)
    assert (await row_of(platform, request)).originals_deleted_at == due
    for id in (front, back):
        file = await file_of(platform, id)
        assert (file.state, file.used_by) == (FileState.DELETED, None)
        assert file.object_key is not None, "the row remembers the object until it is gone"
    await settle(platform.stores, files, due + timedelta(days=1))
    assert [(await file_of(platform, id)).object_key for id in (front, back)] == [None, None]

    await run_dry(platform, due + timedelta(days=1))
    assert (await row_of(platform, request)).originals_deleted_at == due, "a second run changes nothing"
    assert (await file_of(platform, pending["frontFileId"])).state == FileState.READY
    (mine,) = (await user.data(MINE))["myVerification"]["requests"]
    assert (mine["name"], mine["frontFileId"], mine["backFileId"]) == ("欧**娜", None, None)
    viewed = await platform.data(VIEW, {"id": front}, bearer=reviewer.token)
    assert viewed["viewIdentityPicture"]["code"] == "NOT_FOUND"
    async with platform.stores.sql.read() as session:
        acts = await session.exec(
            select(AuditEntry.actor_id).where(
                AuditEntry.action == "VERIFICATION_PICTURES_DELETED",
                AuditEntry.subject_id == node_reference(user.id).key,
            )
        )
        assert acts.all() == ["delete_verification_pictures"]


async def test_a_rejected_requests_name_goes_with_its_pictures(platform: Platform, reviewer: StaffPerson) -> None:
    user = await platform.new_user()
    request = await submitted(platform, user.token)
    await decided(platform, reviewer.token, request["id"], "REJECT", note="请重拍。")
    await run_dry(platform, platform.clock.now + KEPT * 2)
    row = await row_of(platform, request)
    assert (row.sealed_name, row.sealed_certificate, row.certificate_index) == (None, None, None)
    (mine,) = (await user.data(MINE))["myVerification"]["requests"]
    assert (mine["state"], mine["name"], mine["certificateNumber"]) == ("REJECTED", None, None)
    assert mine["note"] == "请重拍。"
    asked = {"input": {"requestId": request["id"], "reason": "complaint"}}
    shown = (await platform.data(REVEAL, asked, bearer=reviewer.token))["revealVerification"]
    assert shown["code"] == "NOT_FOUND"


async def test_a_picture_that_was_handed_in_again_stays(platform: Platform, reviewer: StaffPerson) -> None:
    user = await platform.new_user()
    picture = await new_picture(platform, user.token)
    first = await submitted(platform, user.token, frontFileId=picture)
    await decided(platform, reviewer.token, first["id"], "REJECT")
    again = await submitted(platform, user.token, frontFileId=picture)
    await run_dry(platform, platform.clock.now + KEPT * 2)
    assert (await row_of(platform, first)).originals_deleted_at is not None
    assert (await file_of(platform, picture)).state == FileState.READY
    viewed = await platform.data(VIEW, {"id": picture}, bearer=reviewer.token)
    assert viewed["viewIdentityPicture"]["__typename"] == "FileLink"
    await decided(platform, reviewer.token, again["id"], "VERIFY")


async def test_runs_at_the_same_time_do_each_request_once(platform: Platform, reviewer: StaffPerson) -> None:
    users = [await platform.new_user() for _ in range(4)]
    for user in users:
        request = await submitted(platform, user.token)
        await decided(platform, reviewer.token, request["id"], "VERIFY")
    due = platform.clock.now + KEPT * 2
    await asyncio.gather(*(run_dry(platform, due) for _ in range(4)))
    async with platform.stores.sql.read() as session:
        acts = await session.exec(
            select(AuditEntry.subject_id).where(
                AuditEntry.action == "VERIFICATION_PICTURES_DELETED",
                col(AuditEntry.subject_id).in_([node_reference(user.id).key for user in users]),
            )
        )
        assert sorted(acts.all()) == sorted(node_reference(user.id).key for user in users)


async def test_an_erased_account_leaves_nothing_and_frees_its_certificate(
    platform: Platform, settings: Settings, reviewer: StaffPerson
) -> None:
    leaving, waiting = await platform.new_user(), await platform.new_user()
    number = {"certificateNumber": f"L{leaving.phone[-8:]}"}
    verified = await submitted(platform, leaving.token, **number)
    await decided(platform, reviewer.token, verified["id"], "VERIFY")
    undecided = await submitted(platform, waiting.token)
    for user in (leaving, waiting):
        await platform.data(LEAVE, bearer=user.token)
    due = platform.clock.now + DELETION_GRACE
    await asyncio.gather(erase_due(platform.stores, due), run(platform, due + KEPT))
    # Whoever finds an account locked leaves it to the next run.
    await erase_due(platform.stores, due)
    await settle(platform.stores, file_storage(settings, platform.ring), due + timedelta(days=1))

    for request in (verified, undecided):
        async with platform.stores.sql.read() as session:
            assert await session.get(VerificationRequest, UUID(node_reference(request["id"]).key)) is None
        file: StoredFile = await file_of(platform, request["frontFileId"])
        assert (file.state, file.object_key) == (FileState.DELETED, None)
        assert (await platform.data(NODE, {"id": request["id"]}, bearer=reviewer.token))["node"] is None
    other = await submitted(platform, (await platform.new_user()).token, **number)
    assert (await decided(platform, reviewer.token, other["id"], "VERIFY"))["state"] == "VERIFIED"


async def test_the_table_takes_no_half_decided_row(platform: Platform) -> None:
    request = await submitted(platform, (await platform.new_user()).token)
    row = await row_of(platform, request)
    half_decided: list[dict[str, object]] = [
        {"state": "VERIFIED"},
        {"state": "REJECTED", "decided_at": platform.clock.now},
        {"decided_at": platform.clock.now},
        {"sealed_name": None},
        {"state": "GRANTED"},
    ]
    for changes in half_decided:
        with pytest.raises(IntegrityError):
            await change(platform, row.id, changes)


async def change(platform: Platform, id: UUID, columns: dict[str, object]) -> None:
    async with platform.stores.sql.unit_of_work() as session:
        statement = update(VerificationRequest).where(col(VerificationRequest.id) == id).values(columns)
        await session.exec(statement)

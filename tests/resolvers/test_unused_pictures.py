"""Identity pictures that nobody hands in are kept for a day, and no picture is lost that somebody handed in."""

import asyncio
from datetime import datetime, timedelta

from sqlmodel import select

from datasources.sql.audit_entry import AuditEntry
from datasources.sql.stored_file import FileState
from domain.booking.policy import BookingPolicy
from domain.files.settling import settle
from domain.global_id import node_reference
from domain.permissions import Role
from domain.verification.unused_pictures import delete_unused_pictures
from jobs.tools import JobTools
from jobs.unused_pictures import delete_unused_pictures as job
from server.file_storage import file_storage
from server.settings import Settings
from tests.platform import Platform
from tests.verifications import decided, file_of, new_picture, new_submission, submit, submitted

KEPT = timedelta(hours=24)


async def run_dry(platform: Platform, at: datetime) -> None:
    """Other tests' pictures are due as well."""
    while await delete_unused_pictures(platform.stores.sql, at, KEPT):
        pass


async def test_a_picture_that_nobody_hands_in_goes_after_a_day(platform: Platform, settings: Settings) -> None:
    user = await platform.new_user()
    picture, avatar = await new_picture(platform, user.token), await new_picture(platform, user.token, "AVATAR")
    await run_dry(platform, platform.clock.now + KEPT)
    assert (await file_of(platform, picture)).state == FileState.READY
    due = platform.clock.now + KEPT + timedelta(seconds=1)
    files, policy = file_storage(settings, platform.ring), BookingPolicy(settings.zone)
    await job(JobTools(platform.stores, platform.ring, files, lambda: due, policy, KEPT, unused_pictures_kept=KEPT))
    await run_dry(platform, due)
    assert (await file_of(platform, picture)).state == FileState.DELETED
    assert (await file_of(platform, avatar)).state == FileState.READY
    while await settle(platform.stores, files, due + timedelta(days=1)):
        if (await file_of(platform, picture)).object_key is None:
            break
    assert (await file_of(platform, picture)).object_key is None
    async with platform.stores.sql.read() as session:
        acts = await session.exec(
            select(AuditEntry.actor_id).where(
                AuditEntry.action == "UNUSED_PICTURE_DELETED",
                AuditEntry.subject_id == node_reference(user.id).key,
            )
        )
        assert acts.all() == ["delete_unused_pictures"]


async def test_what_was_handed_in_stays_whatever_became_of_it(platform: Platform) -> None:
    reviewer = await platform.new_staff(Role.REVIEWER)
    waiting = await submitted(platform, (await platform.new_user()).token)
    rejected = await submitted(platform, (await platform.new_user()).token)
    await decided(platform, reviewer.token, rejected["id"], "REJECT")
    await run_dry(platform, platform.clock.now + KEPT * 2)
    for request in waiting, rejected:
        assert (await file_of(platform, request["frontFileId"])).state == FileState.READY


async def test_of_handing_in_and_deleting_at_once_one_happens(platform: Platform) -> None:
    outcomes = set()
    for _ in range(12):
        user = await platform.new_user()
        given = await new_submission(platform, user.token)
        runs = (run_dry(platform, platform.clock.now + KEPT * 2) for _ in range(2))
        answer, *_ = await asyncio.gather(submit(platform, user.token, given), *runs)
        file = await file_of(platform, given["frontFileId"])
        outcomes.add((answer["__typename"], file.state, file.used_by is None))
    assert outcomes <= {("VerificationSubmitted", "READY", False), ("InvalidInput", "DELETED", True)}
    assert outcomes

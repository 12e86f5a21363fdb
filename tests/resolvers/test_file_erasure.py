"""When an account is erased its files go with it, whatever held them and whoever was looking at them."""

from datetime import timedelta

import pytest
from sqlmodel import col, update

from datasources.sql.stored_file import FileState, StoredFile
from domain.files.settling import ABANDONED_AFTER, settle
from domain.identity.erasure import erase_due
from domain.identity.own_account import DELETION_GRACE
from server.file_storage import file_storage
from server.settings import Settings
from tests.pictures import jpeg, png
from tests.platform import Platform
from tests.resolvers.test_files import Desk, token_of

LEAVE = "mutation { requestAccountDeletion(input: {confirm: true}) { __typename } }"


@pytest.fixture
def desk(platform: Platform, settings: Settings) -> Desk:
    return Desk(platform, file_storage(settings, platform.ring), settings.data_directory / "files")


async def test_an_erased_accounts_files_are_gone_and_other_peoples_stay(desk: Desk, platform: Platform) -> None:
    leaving, staying = await token_of(platform), await token_of(platform)
    at_first = desk.objects()
    kept = await desk.upload(staying, png())
    stayers = desk.objects() - at_first
    before = desk.objects()
    picture = await desk.upload(leaving, jpeg(), purpose="IDENTITY_PICTURE", contentType="image/jpeg")
    avatar = await desk.upload(leaving, png())
    pending = await desk.ticket(leaving, png())
    assert (await desk.bring(pending, png())).status_code == 201
    await set_row(desk, picture["id"], used_by="verification:1")
    leavers = desk.objects() - before
    assert len(leavers) == 3

    await platform.data(LEAVE, bearer=leaving)
    due = platform.clock.now + DELETION_GRACE
    await erase_due(platform.stores, due)
    await settle(platform.stores, desk.files, due + timedelta(days=1))

    assert not desk.objects() & leavers
    for id in (picture["id"], avatar["id"], pending["fileId"]):
        row = await desk.row(id)
        assert (row.state, row.upload_key, row.object_key, row.used_by) == (FileState.DELETED, None, None, None)
    assert (await desk.row(kept["id"])).state == FileState.READY
    assert stayers
    assert stayers <= desk.objects()


async def test_what_an_inspector_stores_after_the_erasure_is_dropped_too(desk: Desk, platform: Platform) -> None:
    token = await token_of(platform)
    before = desk.objects()
    file = await desk.upload(token, png())
    inspected = desk.objects() - before
    content = {path: path.read_bytes() for path in inspected}
    due = platform.clock.now + DELETION_GRACE
    await set_row(desk, file["id"], state=FileState.INSPECTING, inspecting_since=due, ready_at=None)
    await platform.data(LEAVE, bearer=token)
    await erase_due(platform.stores, due)
    await settle(platform.stores, desk.files, due + timedelta(minutes=2))
    assert (await desk.row(file["id"])).object_key is not None, "it is not forgotten while it may come again"

    for path, stored in content.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(stored)
    await settle(platform.stores, desk.files, due + ABANDONED_AFTER + timedelta(days=1))
    assert desk.objects() == before
    assert (await desk.row(file["id"])).object_key is None


async def set_row(desk: Desk, id: str, **values: object) -> None:
    row = await desk.row(id)
    async with desk.platform.stores.sql.unit_of_work() as session:
        await session.exec(update(StoredFile).where(col(StoredFile.id) == row.id).values(**values))

"""The export of one's own data: everything that was entered, for its owner alone, made once whoever dies over it."""

import asyncio
import hashlib
import io
import os
import signal
import sys
import zipfile
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import orjson
import pytest
from sqlmodel import col, select

from datasources.cache.login_codes import EVERYBODY_KEY
from datasources.sql.audit_entry import AuditEntry
from datasources.sql.data_export import DataExport, DataExports
from datasources.sql.stored_file import FilePurpose, FileState, StoredFile
from datasources.storage.file_storage import FileStorage
from datasources.storage.object_store import ObjectStorageDownError
from domain.booking.policy import BookingPolicy
from domain.exports import making
from domain.exports.content import FILES, README, export_entries
from domain.exports.expiry import expire_due
from domain.exports.limits import BETWEEN, KEPT, LEASE, MOST_AT_ONCE, MOST_ATTEMPTS, PAUSE
from domain.exports.making import make_due
from domain.exports.notice import CHANNEL
from domain.exports.parts import EXPORTERS
from domain.exports.request import MAKE_REQUESTED
from domain.files.settling import settle
from domain.global_id import node_reference
from domain.identity.erasure import erase_due
from domain.identity.own_account import DELETION_GRACE
from domain.permissions import Role
from jobs.registry import QUEUED_JOBS
from jobs.tools import JobTools
from server.embedded.data_lock import Endpoints
from server.file_storage import file_storage
from server.settings import Settings
from server.worker import work
from tests.browser import User
from tests.domain.exports.killed_export import MOMENTS
from tests.pictures import jpeg, png
from tests.platform import Platform, as_answered
from tests.resolvers.test_files import Desk
from tests.resolvers.test_patients import EVERYTHING, NUMBER, adult
from tests.verifications import decided, new_picture, new_resident_id, submitted

ASK = """mutation { requestDataExportCode(input: {confirm: true}) { __typename
  ... on LoginCodeSent { challengeId } ... on Problem { code } } }"""
REQUEST = """mutation ($input: RequestDataExportInput!) { requestDataExport(input: $input) { __typename
  ... on DataExportRequested { export { id state file { id } } } ... on TooManyExports { nextAt }
  ... on InvalidInput { fields { field } } ... on Problem { code message } } }"""
MINE = """{ myDataExports { id state failure requestedAt finishedAt expiresAt
  file { id size digest purpose contentType } } }"""
LEAVE = "mutation { requestAccountDeletion(input: {confirm: true}) { __typename } }"
CONSENT = 'mutation { giveConsent(input: {kind: HEALTH_DATA, version: "2026-11"}) { __typename } }'
ADD = "mutation ($i: AddPatientInput!) { addPatient(input: $i) { ... on PatientAdded { patient { id } } } }"


@dataclass
class Office:
    """The application, the files below it, and a worker's hands."""

    platform: Platform
    files: FileStorage
    desk: Desk

    async def code_for(self, user: User) -> tuple[str, str]:
        """A fresh code and its challenge, after the pause that one phone's codes keep."""
        self.platform.clock.now += timedelta(seconds=61)
        await self.platform.stores.redis.delete(EVERYBODY_KEY)
        sent = (await user.data(ASK))["requestDataExportCode"]
        assert sent["__typename"] == "LoginCodeSent", sent
        return sent["challengeId"], await user.browser.code_of(user.phone)

    async def request(self, user: User, proof: tuple[str, str] | None = None) -> dict[str, Any]:
        challenge, code = proof or await self.code_for(user)
        answer = await user.data(REQUEST, {"input": {"challengeId": challenge, "code": code}})
        result: dict[str, Any] = answer["requestDataExport"]
        return result

    async def requested(self, user: User) -> str:
        answer = await self.request(user)
        assert answer["__typename"] == "DataExportRequested", answer
        id: str = answer["export"]["id"]
        return id

    async def make(self, **bounds: int) -> int:
        platform = self.platform
        return await make_due(platform.stores, platform.ring, self.files, platform.clock, **bounds)

    async def mine(self, user: User) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (await user.data(MINE))["myDataExports"]
        return found

    async def made(self, user: User, **bounds: int) -> dict[str, Any]:
        await self.requested(user)
        await self.make(**bounds)
        export = (await self.mine(user))[0]
        assert export["state"] == "READY", export
        return export

    async def fetched(self, user: User, export: dict[str, Any]) -> zipfile.ZipFile:
        url = await self.desk.link(user.token, export["file"]["id"])
        assert url is not None
        answer = await self.desk.get(url)
        assert answer.status_code == 200
        assert hashlib.sha256(answer.content).hexdigest() == export["file"]["digest"]
        archive = zipfile.ZipFile(io.BytesIO(answer.content))
        assert archive.testzip() is None
        return archive

    async def rows(self, user: User) -> list[DataExport]:
        async with self.platform.stores.sql.read() as session:
            return list(await session.exec(select(DataExport).where(DataExport.user_id == key_of(user))))

    async def files_of(self, user: User) -> list[StoredFile]:
        async with self.platform.stores.sql.read() as session:
            return list(
                await session.exec(
                    select(StoredFile)
                    .where(StoredFile.owner_id == key_of(user), StoredFile.purpose == FilePurpose.EXPORT)
                    .order_by(col(StoredFile.created_at))
                )
            )

    async def acts(self, user: User) -> list[str]:
        async with self.platform.stores.sql.read() as session:
            found = await session.exec(
                select(AuditEntry.action)
                .where(AuditEntry.subject_id == str(key_of(user)), col(AuditEntry.action).startswith("DATA_EXPORT"))
                .order_by(col(AuditEntry.id))
            )
            return list(found)


@pytest.fixture
async def office(platform: Platform, settings: Settings) -> Office:
    files = file_storage(settings, platform.ring)
    # What other tests asked for is not this one's to make.
    while await make_due(platform.stores, platform.ring, files, lambda: platform.clock.now + timedelta(days=300)):
        pass
    return Office(platform, files, Desk(platform, files, settings.data_directory / "files"))


def key_of(user: User) -> UUID:
    return UUID(node_reference(user.id).key)


async def back(user: User) -> None:
    """Sign in again after the access token has expired."""
    user.browser.token = None
    await user.browser.sign_in(user.phone)


def document(archive: zipfile.ZipFile, name: str) -> Any:
    return orjson.loads(archive.read(name))


async def test_what_was_entered_comes_out_again_whole(office: Office, platform: Platform) -> None:
    user = await platform.new_user()
    await user.data('mutation { updateProfile(input: {nickname: "小欧"}) { __typename } }')
    await user.data(CONSENT)
    added = await user.data(ADD, {"i": adult(**EVERYTHING)})
    picture = await office.desk.upload(user.token, jpeg(), purpose="IDENTITY_PICTURE", contentType="image/jpeg")
    staff = await platform.new_staff(Role.OPERATOR)
    seen = await platform.data(
        "query ($id: ID!) { patientsOfUser(userId: $id) { id } }", {"id": user.id}, bearer=staff.token
    )
    assert len(seen["patientsOfUser"]) == 1

    export = await office.made(user)
    assert (export["file"]["purpose"], export["file"]["contentType"]) == ("EXPORT", "application/zip")
    archive = await office.fetched(user, export)
    account = document(archive, "account.json")
    assert (account["id"], account["phone"], account["nickname"]) == (user.id, user.phone, "小欧")
    assert account["createdAt"] == "2026-11-20T02:00:00Z"
    [patient] = document(archive, "patients.json")
    expected = {
        "id": added["addPatient"]["patient"]["id"],
        "name": "欧阳娜娜",
        "certificateKind": "10",
        "certificateNumber": NUMBER,
        "sex": "FEMALE",
        "birthDate": "1949-12-31",
        "phone": "+8613800005678",
        "maritalStatus": "10",
        "insuranceKind": "01",
        "cardNumber": "6222021234567890",
        "regionCode": "110101",
        "address": "北京市东城区东交民巷 1 号",
        "emergencyContact": {"name": "王五", "phone": "+8613900001111"},
        "guardian": None,
    }
    assert {name: patient[name] for name in expected} == expected
    consents = {each["kind"]: each["version"] for each in document(archive, "consents.json")}
    assert consents == {"HEALTH_DATA": "2026-11", "IDENTITY_PICTURES": "2026-11"}
    [session] = document(archive, "sessions.json")
    assert (session["device"], session["address"]) == ("a test's browser", user.browser.address)
    [listed] = document(archive, FILES)
    assert (listed["id"], listed["sha256"]) == (picture["id"], picture["digest"])
    assert hashlib.sha256(archive.read(listed["path"])).hexdigest() == picture["digest"]
    readme = archive.read(README).decode()
    assert all(name in readme for name in archive.namelist() if name.endswith(".json"))
    assert "您的账号" in readme
    assert "Your account" in readme


async def test_a_verified_name_and_what_was_handed_in_for_it_are_told(office: Office, platform: Platform) -> None:
    user = await platform.new_user()
    number = new_resident_id()
    back = await new_picture(platform, user.token)
    identity = {"name": "王小明", "certificateKind": "10", "certificateNumber": number, "backFileId": back}
    request = await submitted(platform, user.token, **identity)
    reviewer = await platform.new_staff(Role.REVIEWER)
    await decided(platform, reviewer.token, request["id"], "VERIFY")
    archive = await office.fetched(user, await office.made(user))
    [told] = document(archive, "verifications.json")
    assert (told["id"], told["state"]) == (request["id"], "VERIFIED")
    assert (told["name"], told["certificateNumber"]) == ("王小明", number)
    account = document(archive, "account.json")
    assert (account["realName"], account["verification"]) == ("王小明", "VERIFIED")
    assert str(reviewer.key).encode() not in b"".join(archive.read(name) for name in archive.namelist())
    paths = {each["id"]: each["path"] for each in document(archive, FILES)}
    assert {paths[told["frontFileId"]], paths[told["backFileId"]]} <= set(archive.namelist())


async def test_it_says_what_was_done_and_by_whom_only_in_kind(office: Office, platform: Platform) -> None:
    user = await platform.new_user()
    staff = await platform.new_staff(Role.OPERATOR)
    look = "query ($id: ID!) { patientsOfUser(userId: $id) { id } }"
    await platform.data(look, {"id": user.id}, bearer=staff.token)
    archive = await office.fetched(user, await office.made(user))
    activity = document(archive, "activity.json")
    told = [(each["action"], each["by"]) for each in activity]
    assert told[0] == ("DATA_EXPORT_REQUESTED", "you")
    assert ("PATIENTS_READ", "staff") in told
    assert told[-1] == ("USER_CREATED", "you")
    assert str(staff.key).encode() not in archive.read("activity.json")
    assert {each["address"] for each in activity if each["by"] == "staff"} == {None}


async def test_every_document_is_there_for_somebody_without_anything(office: Office, platform: Platform) -> None:
    user = await platform.new_user()
    archive = await office.fetched(user, await office.made(user))
    assert set(archive.namelist()) == {README, FILES, *(part.name for part in EXPORTERS)}
    assert document(archive, "patients.json") == []


async def test_a_worker_makes_it_at_once(office: Office, platform: Platform, settings: Settings) -> None:
    user = await platform.new_user()
    await office.requested(user)
    policy = BookingPolicy(settings.zone)
    tools = JobTools(platform.stores, platform.ring, office.files, platform.clock, policy, timedelta(days=30))
    queued = [each for each in QUEUED_JOBS if each.name == MAKE_REQUESTED]
    assert settings.redis_url is not None
    working = asyncio.create_task(work(tools, settings.redis_url.get_secret_value(), periodic=[], queued=queued))
    async with asyncio.timeout(15):
        while (await office.mine(user))[0]["state"] != "READY":  # noqa: ASYNC110 - the worker sets no event of ours
            await asyncio.sleep(0.05)
    working.cancel()
    with suppress(asyncio.CancelledError):
        await working


async def test_nobody_else_reaches_an_export(office: Office, platform: Platform) -> None:
    owner, other = await platform.new_user(), await platform.new_user()
    hospital = await platform.new_hospital()
    file = (await office.made(owner))["file"]["id"]
    assert await office.mine(other) == []
    assert await office.desk.link(other.token, file) is None
    for role in set(Role) - {Role.HOSPITAL_MANAGER, Role.HOSPITAL_CLERK}:
        staff = await platform.new_staff(role)
        assert await office.desk.link(staff.token, file) is None
        assert (await platform.error(MINE, bearer=staff.token))["extensions"]["code"] == "UNAUTHENTICATED"
    for refused in (await platform.error(MINE), await platform.error(MINE, hospital=hospital)):
        assert refused["extensions"]["code"] == "UNAUTHENTICATED"
    assert await office.acts(owner) == ["DATA_EXPORT_REQUESTED", "DATA_EXPORT_READY"]
    link = "query ($id: ID!) { fileLink(id: $id) { url } }"
    assert (await platform.error(link, {"id": file}, hospital=hospital))["extensions"]["code"] == "UNAUTHENTICATED"


async def test_each_link_to_an_export_is_on_record(office: Office, platform: Platform) -> None:
    user = await platform.new_user()
    file = (await office.made(user))["file"]["id"]
    assert await office.desk.link(user.token, file) is not None
    archive = "query ($ids: [ID!]!) { filesArchiveLink(ids: $ids) { url } }"
    await user.data(archive, {"ids": [file]})
    fetched = ["DATA_EXPORT_FETCHED", "DATA_EXPORT_FETCHED"]
    assert await office.acts(user) == ["DATA_EXPORT_REQUESTED", "DATA_EXPORT_READY", *fetched]


async def test_only_a_fresh_code_of_the_owners_begins_one(office: Office, platform: Platform) -> None:
    user, other = await platform.new_user(), await platform.new_user()
    challenge, code = await office.code_for(user)
    wrong = f"{(int(code) + 1) % 10**6:06}"
    assert (await office.request(user, (challenge, wrong)))["code"] == "WRONG_CODE"
    assert (await office.request(user, (challenge, "12")))["fields"] == [{"field": "code"}]
    assert (await office.request(other, (challenge, code)))["code"] == "WRONG_CODE"
    sent = await user.browser.request_code(user.phone)
    assert sent["code"] == "TOO_MANY_CODES", "the limits are those of all codes"
    assert await office.rows(user) == await office.rows(other) == []
    unconfirmed = "mutation { requestDataExportCode(input: {confirm: false}) { __typename } }"
    assert (await user.data(unconfirmed))["requestDataExportCode"]["__typename"] == "InvalidInput"


async def test_requests_at_once_make_one_export(office: Office, platform: Platform) -> None:
    user = await platform.new_user()
    proof = await office.code_for(user)
    answers = await asyncio.gather(*(office.request(user, proof) for _ in range(8)))
    begun = {each["export"]["id"] for each in answers if each["__typename"] == "DataExportRequested"}
    assert len(begun) == 1
    assert {each["code"] for each in answers if each["__typename"] != "DataExportRequested"} <= {"WRONG_CODE"}
    assert (await office.request(user, proof))["export"]["id"] in begun, "the one under way needs no new proof"
    assert len(await office.rows(user)) == 1
    made = await asyncio.gather(*(office.make() for _ in range(4)))
    assert sum(made) == 1
    assert [each.state for each in await office.files_of(user)] == [FileState.READY]
    assert await office.acts(user) == ["DATA_EXPORT_REQUESTED", "DATA_EXPORT_READY"]


async def test_the_next_may_be_asked_for_after_a_day(office: Office, platform: Platform) -> None:
    user = await platform.new_user()
    await office.made(user)
    finished = platform.clock.now
    refused = await office.request(user)
    assert refused["code"] == "TOO_MANY_EXPORTS"
    assert refused["nextAt"] == as_answered(finished + BETWEEN)
    assert "2026-11-21 10:0" in refused["message"]
    platform.clock.now = finished + BETWEEN - timedelta(seconds=1)
    await back(user)
    assert (await office.request(user, ("challenge", "123456")))["code"] == "TOO_MANY_EXPORTS"
    platform.clock.now = finished + BETWEEN
    await office.made(user)
    assert [each["state"] for each in await office.mine(user)] == ["READY", "READY"]


async def test_files_beyond_the_bound_are_listed_and_left_out(office: Office, platform: Platform) -> None:
    user = await platform.new_user()
    older = await office.desk.upload(user.token, png())
    platform.clock.now += timedelta(seconds=1)
    newer = await office.desk.upload(user.token, png())
    bound = newer["size"] + older["size"] - 1
    archive = await office.fetched(user, await office.made(user, most_file_bytes=bound))
    listed = {each["id"]: each["path"] for each in document(archive, FILES)}
    assert listed[older["id"]] is None
    assert listed[newer["id"]] in archive.namelist()


async def test_a_file_that_cannot_be_read_costs_only_itself(office: Office, platform: Platform) -> None:
    user = await platform.new_user()
    before = office.desk.objects()
    await office.desk.upload(user.token, png())
    [lost] = office.desk.objects() - before
    lost.unlink()
    archive = await office.fetched(user, await office.made(user))
    assert [each["path"] for each in document(archive, FILES)] == [None]


@pytest.mark.parametrize("moment", list(MOMENTS))
async def test_killed_over_an_export_another_worker_makes_it_and_one_file_is_left(
    office: Office, platform: Platform, endpoints: Endpoints, settings: Settings, moment: str
) -> None:
    user = await platform.new_user()
    await office.desk.upload(user.token, png())
    before = office.desk.objects()
    await office.requested(user)
    environment = os.environ | {
        "DATABASE_URL": endpoints.database_url,
        "MONGODB_URL": endpoints.mongodb_url,
        "REDIS_URL": endpoints.redis_url,
        "DATA_DIRECTORY": str(settings.data_directory),
        "NOW": platform.clock.now.isoformat(),
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.domain.exports.killed_export", moment, env=environment
    )
    assert await process.wait() == -signal.SIGKILL
    done = moment == "after the commit"
    assert [each["state"] for each in await office.mine(user)] == ["READY" if done else "RUNNING"]
    assert await office.make() == 0, "its lease still stands"

    platform.clock.now += LEASE
    assert await office.make() == (0 if done else 1)
    [export] = await office.mine(user)
    archive = await office.fetched(user, export)
    assert document(archive, "account.json")["phone"] == user.phone
    drafts = office.desk.folder / "private" / "drafts"
    await settle(platform.stores, office.files, platform.clock.now + timedelta(hours=1))
    await settle(platform.stores, office.files, platform.clock.now + timedelta(hours=2))
    left = {each for each in office.desk.objects() - before if drafts not in each.parents}
    assert len(left) == 1
    states = [each.state for each in await office.files_of(user)]
    assert states.count(FileState.READY) == 1
    assert set(states) <= {FileState.READY, FileState.REFUSED}
    assert (await office.acts(user)).count("DATA_EXPORT_READY") == 1


async def test_one_who_is_late_changes_nothing_and_leaves_no_file(
    office: Office, platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = await platform.new_user()
    await office.requested(user)
    before = office.desk.objects()
    entries = export_entries
    late = True

    def slow_entries(*given: Any, **bounds: Any) -> Any:
        nonlocal late
        made = entries(*given, **bounds)
        return overtaken(made) if late else made

    async def overtaken(made: Any) -> Any:
        nonlocal late
        async for entry in made:
            if late:
                late = False
                platform.clock.now += LEASE
                assert await office.make() == 1
            yield entry

    monkeypatch.setattr(making, "export_entries", slow_entries)
    assert await office.make() == 1
    assert [each["state"] for each in await office.mine(user)] == ["READY"]
    assert len(office.desk.objects() - before) == 1
    assert sorted(each.state for each in await office.files_of(user)) == [FileState.READY, FileState.REFUSED]
    assert await office.acts(user) == ["DATA_EXPORT_REQUESTED", "DATA_EXPORT_READY"]


async def test_what_cannot_be_made_is_tried_again_and_in_the_end_given_up(
    office: Office, platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = await platform.new_user()
    await office.requested(user)

    async def down(*_: object, **__: object) -> None:
        raise ObjectStorageDownError("no answer")

    monkeypatch.setattr(office.files.private, "put", down)
    for attempt in range(1, MOST_ATTEMPTS + 1):
        assert await office.make() == 1
        [row] = await office.rows(user)
        assert (row.state, row.attempts) == ("WAITING", attempt)
        assert await office.make() == 0, "it pauses first"
        platform.clock.now += PAUSE * attempt
    assert await office.make() == 1
    await back(user)
    [export] = await office.mine(user)
    assert (export["state"], export["failure"]) == ("FAILED", "TOO_MANY_ATTEMPTS")
    assert (await office.acts(user))[-1] == "DATA_EXPORT_FAILED"
    monkeypatch.undo()
    assert (await office.made(user))["state"] == "READY", "a failed one does not count"


async def test_exports_never_take_every_place(office: Office, platform: Platform) -> None:
    users = [await platform.new_user() for _ in range(MOST_AT_ONCE + 1)]
    for user in users:
        await office.requested(user)
    now = platform.clock.now
    taken: list[DataExport | None] = []
    for _ in users:
        async with platform.stores.sql.unit_of_work() as session:
            lease = UUID(int=len(taken))
            taken.append(await DataExports(session).take(now, lease, now + LEASE, most_at_once=MOST_AT_ONCE))
    assert [each is None for each in taken] == [False] * MOST_AT_ONCE + [True]
    platform.clock.now += LEASE
    assert await office.make() == len(users), "leases that ended take no place"


async def test_a_locked_account_neither_asks_nor_gets_one(office: Office, platform: Platform) -> None:
    user = await platform.new_user()
    boss = await platform.new_staff(Role.PLATFORM_ADMINISTRATOR)
    await office.requested(user)
    lock = 'mutation ($id: ID!) { lockUser(input: {id: $id, reason: "x"}) { __typename } }'
    assert (await platform.data(lock, {"id": user.id}, bearer=boss.token))["lockUser"]["__typename"] == "UserLocked"
    assert (await user.error(ASK))["extensions"]["code"] == "SESSION_ENDED"
    assert (await user.error(MINE))["extensions"]["code"] == "SESSION_ENDED"
    await office.make()
    [row] = await office.rows(user)
    assert (row.state, row.failure) == ("FAILED", "ACCOUNT_CLOSED")
    assert await office.files_of(user) == []


async def test_after_its_days_the_file_is_gone_and_the_row_says_so(office: Office, platform: Platform) -> None:
    user = await platform.new_user()
    before = office.desk.objects()
    export = await office.made(user)
    until = platform.clock.now + KEPT
    assert export["expiresAt"] == as_answered(until)
    await expire_due(platform.stores, until - timedelta(seconds=1))
    assert [each.state for each in await office.rows(user)] == ["READY"]
    await expire_due(platform.stores, until)
    await settle(platform.stores, office.files, until + timedelta(hours=1))
    [row] = await office.rows(user)
    assert row.state == "EXPIRED"
    assert not office.desk.objects() - before
    assert await office.desk.link(user.token, export["file"]["id"]) is None
    assert [(each["state"], each["file"]) for each in await office.mine(user)] == [("EXPIRED", None)]
    assert (await office.acts(user))[-1] == "DATA_EXPORT_EXPIRED"


async def test_the_owner_may_delete_the_file_before(office: Office, platform: Platform) -> None:
    user = await platform.new_user()
    export = await office.made(user)
    delete = "mutation ($id: ID!) { deleteFile(input: {fileId: $id}) { __typename } }"
    assert (await user.data(delete, {"id": export["file"]["id"]}))["deleteFile"]["__typename"] == "FileDeleted"
    assert [each["file"] for each in await office.mine(user)] == [None]
    await expire_due(platform.stores, platform.clock.now + KEPT)
    assert [each["state"] for each in await office.mine(user)] == ["EXPIRED"]


async def test_an_erased_account_leaves_no_export(office: Office, platform: Platform) -> None:
    user = await platform.new_user()
    before = office.desk.objects()
    await office.made(user)
    assert len(office.desk.objects() - before) == 1
    await user.data(LEAVE)
    due = platform.clock.now + DELETION_GRACE
    await erase_due(platform.stores, due)
    await settle(platform.stores, office.files, due + timedelta(days=1))
    assert await office.rows(user) == []
    assert office.desk.objects() == before


async def test_an_account_erased_under_the_makers_hands_gets_none(
    office: Office, platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = await platform.new_user()
    await user.data(LEAVE)
    await office.requested(user)
    before = office.desk.objects()
    due = platform.clock.now + DELETION_GRACE
    entries = export_entries

    async def erased_meanwhile(*given: Any, **bounds: Any) -> Any:
        async for entry in entries(*given, **bounds):
            yield entry
        await erase_due(platform.stores, due)

    monkeypatch.setattr(making, "export_entries", erased_meanwhile)
    assert await office.make() == 1
    assert await office.rows(user) == []
    await settle(platform.stores, office.files, due + timedelta(days=1))
    assert office.desk.objects() == before


async def test_the_end_is_hinted_at_after_the_commit(office: Office, platform: Platform) -> None:
    user = await platform.new_user()
    id = await office.requested(user)
    async with platform.stores.redis.pubsub(ignore_subscribe_messages=True) as channel:
        await channel.subscribe(CHANNEL)
        await channel.get_message(timeout=5)
        await office.make()
        heard = None
        while heard is None:
            heard = await channel.get_message(timeout=5)
    assert orjson.loads(heard["data"]) == {"user": str(key_of(user)), "export": id, "state": "READY"}

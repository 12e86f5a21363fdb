"""Files through the whole application: brought, inspected, seen by whom they may, and gone when they are deleted."""

import hashlib
import io
import secrets
import zipfile
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from PIL import Image
from sqlmodel import col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from datasources.sql.audit_entry import AuditEntry
from datasources.sql.stored_file import FileOwner, OwnerKind, StoredFile, StoredFiles
from datasources.storage.file_storage import FileStorage
from datasources.storage.object_store import CHUNK_BYTES
from domain.files.content import once
from domain.files.made import keep_made_file
from domain.files.settling import settle
from domain.global_id import NodeKind, global_id, node_reference
from domain.permissions import Role
from server.file_storage import file_storage
from server.settings import Settings
from tests.pictures import jpeg, png, png_bomb, webp
from tests.platform import Platform
from tests.verifications import agree_to_pictures, submitted

ORIGIN = "http://platform.test"
REQUEST = """
mutation ($input: RequestUploadInput!) { requestUpload(input: $input) {
  __typename ... on UploadTicket { fileId url method headers { name value } expiresAt }
  ... on Problem { code message } ... on InvalidInput { fields { field code message } } ... on TooManyFiles { most } } }
"""
CONFIRM = """
mutation ($id: ID!) { confirmUpload(input: {fileId: $id}) {
  __typename ... on UploadConfirmed { file { id state refusal refusalMessage contentType size digest } }
  ... on Problem { code } } }
"""
DELETE = """
mutation ($id: ID!) { deleteFile(input: {fileId: $id}) {
  __typename ... on FileDeleted { file { state } } ... on Problem { code message } } }
"""
VIEW = """
mutation ($id: ID!, $reason: String!) { viewIdentityPicture(input: {fileId: $id, reason: $reason}) {
  __typename ... on FileLink { url } ... on Problem { code } } }
"""
LINK = "query ($id: ID!) { fileLink(id: $id) { url expiresAt } }"
ARCHIVE = "query ($ids: [ID!]!) { filesArchiveLink(ids: $ids) { url } }"
NODE = "query ($id: ID!) { node(id: $id) { id ... on File { purpose state } } }"
MINE = "query ($after: String) { myFiles(first: 2, after: $after) { totalCount nodes { id } pageInfo { endCursor } } }"


@dataclass
class Desk:
    """The application, and its file storage looked at from below."""

    platform: Platform
    files: FileStorage
    folder: Path

    async def ticket(self, token: str, content: bytes, **input: Any) -> dict[str, Any]:
        asked = {"purpose": "AVATAR", "contentType": "image/png", "size": len(content), **input}
        if asked["purpose"] == "IDENTITY_PICTURE":
            await agree_to_pictures(self.platform, token)
        answer: dict[str, Any] = (await self.platform.data(REQUEST, {"input": asked}, bearer=token))["requestUpload"]
        return answer

    async def bring(self, ticket: dict[str, Any], content: bytes, **headers: str) -> httpx.Response:
        sent = {each["name"]: each["value"] for each in ticket["headers"]} | headers
        return await self.platform.http.put(ORIGIN + ticket["url"], content=content, headers=sent)

    async def confirm(self, token: str, id: str) -> dict[str, Any]:
        answer: dict[str, Any] = (await self.platform.data(CONFIRM, {"id": id}, bearer=token))["confirmUpload"]
        return answer

    async def upload(self, token: str, content: bytes, **input: Any) -> dict[str, Any]:
        """The file as the inspection left it."""
        ticket = await self.ticket(token, content, **input)
        assert (await self.bring(ticket, content)).status_code == 201
        confirmed = await self.confirm(token, ticket["fileId"])
        file: dict[str, Any] = confirmed["file"]
        return file

    async def link(self, token: str, id: str) -> str | None:
        found = (await self.platform.data(LINK, {"id": id}, bearer=token))["fileLink"]
        return None if found is None else ORIGIN + found["url"]

    async def get(self, url: str) -> httpx.Response:
        return await self.platform.http.get(url)

    def objects(self) -> set[Path]:
        return {each for each in self.folder.rglob("*") if each.is_file()}

    async def row(self, id: str) -> StoredFile:
        async with self.platform.stores.sql.read() as session:
            return (await session.exec(select(StoredFile).where(StoredFile.id == UUID(node_reference(id).key)))).one()


@pytest.fixture
def desk(platform: Platform, settings: Settings) -> Desk:
    return Desk(platform, file_storage(settings, platform.ring), settings.data_directory / "files")


async def token_of(platform: Platform) -> str:
    return (await platform.new_user()).token


async def test_a_picture_is_brought_made_anew_and_handed_out(desk: Desk, platform: Platform) -> None:
    token = await token_of(platform)
    before = desk.objects()
    original = jpeg(exif=True)
    file = await desk.upload(token, original, contentType="image/jpeg")
    assert (file["state"], file["contentType"], file["refusal"]) == ("READY", "image/jpeg", None)
    assert len(desk.objects() - before) == 1, "the original is dropped"

    url = await desk.link(token, file["id"])
    assert url is not None
    answer = await desk.get(url)
    assert answer.status_code == 200
    assert hashlib.sha256(answer.content).hexdigest() == file["digest"]
    assert len(answer.content) == file["size"]
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.headers["content-disposition"].startswith('attachment; filename="avatar-20261120-')
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in answer.headers["content-security-policy"]
    assert "no-store" in answer.headers["cache-control"]
    with Image.open(io.BytesIO(answer.content)) as picture:
        assert picture.getexif() == {}
    assert b"SECRET PLACE" in original
    assert b"SECRET PLACE" not in answer.content


@pytest.mark.parametrize(("make", "kind"), [(jpeg, "image/jpeg"), (png, "image/png"), (webp, "image/webp")])
async def test_an_identity_picture_lies_encrypted(desk: Desk, platform: Platform, make: Any, kind: str) -> None:
    token = await token_of(platform)
    before = desk.objects()
    file = await desk.upload(token, make(), purpose="IDENTITY_PICTURE", contentType=kind)
    assert file["state"] == "READY"
    (kept,) = desk.objects() - before
    assert not kept.read_bytes().startswith(b"\xff\xd8")
    assert b"JFIF" not in kept.read_bytes()

    url = await desk.link(token, file["id"])
    assert url is not None
    assert (await desk.get(url)).content.startswith(b"\xff\xd8\xff")


async def test_the_original_lies_encrypted_too(desk: Desk, platform: Platform) -> None:
    token = await token_of(platform)
    before = desk.objects()
    ticket = await desk.ticket(token, png(), purpose="IDENTITY_PICTURE")
    assert (await desk.bring(ticket, png())).status_code == 201
    (kept,) = desk.objects() - before
    assert b"IHDR" not in kept.read_bytes()


@pytest.mark.parametrize("purpose", ["AVATAR", "IDENTITY_PICTURE"])
async def test_a_link_takes_exactly_what_it_was_made_for(desk: Desk, platform: Platform, purpose: str) -> None:
    token = await token_of(platform)
    content = png()
    ticket = await desk.ticket(token, content, purpose=purpose)
    before = desk.objects()
    assert (await desk.bring(ticket, content, **{"Content-Type": "text/html"})).status_code == 400
    assert (await desk.bring(ticket, content + b"x")).status_code == 400
    assert (await desk.bring(ticket, content[:-1])).status_code == 400

    async def without_length() -> Any:
        yield content
        yield b"more"

    sent = {each["name"]: each["value"] for each in ticket["headers"]}
    chunked = await platform.http.put(ORIGIN + ticket["url"], content=without_length(), headers=sent)
    assert chunked.status_code == 400
    for altered in (
        ticket["url"].replace(f"size={len(content)}", f"size={len(content) + 1}"),
        ticket["url"].replace("image%2Fpng", "text%2Fhtml"),
        ticket["url"].replace("expires=1", "expires=2"),
        ticket["url"] + "&size=9",
        ticket["url"].partition("?")[0],
    ):
        assert (await desk.bring({**ticket, "url": altered}, content)).status_code == 403
    assert desk.objects() == before

    assert (await desk.bring(ticket, content)).status_code == 201
    assert (await desk.bring(ticket, content)).status_code == 409
    assert (await desk.confirm(token, ticket["fileId"]))["file"]["state"] == "READY"


@pytest.mark.parametrize("purpose", ["AVATAR", "IDENTITY_PICTURE"])
async def test_links_expire(desk: Desk, platform: Platform, purpose: str) -> None:
    token = await token_of(platform)
    late = await desk.ticket(token, png(), purpose=purpose)
    file = await desk.upload(token, png(), purpose=purpose)
    url = await desk.link(token, file["id"])
    assert url is not None
    archive = (await platform.data(ARCHIVE, {"ids": [file["id"]]}, bearer=token))["filesArchiveLink"]["url"]
    platform.clock.now += timedelta(seconds=299)
    assert (await desk.get(url)).status_code == 200
    assert (await desk.get(ORIGIN + archive)).status_code == 200
    platform.clock.now += timedelta(seconds=1)
    assert (await desk.bring(late, png())).status_code == 403
    assert (await desk.get(url)).status_code == 403
    assert (await desk.get(ORIGIN + archive)).status_code == 403


async def test_a_link_opens_nothing_else(desk: Desk, platform: Platform) -> None:
    token, other = await token_of(platform), await token_of(platform)
    for purpose in ("AVATAR", "IDENTITY_PICTURE"):
        mine = await desk.upload(token, png(), purpose=purpose)
        theirs = await desk.upload(other, png(), purpose=purpose)
        my_url, their_url = await desk.link(token, mine["id"]), await desk.link(other, theirs["id"])
        assert my_url is not None
        assert their_url is not None
        mixed = their_url.partition("?")[0] + "?" + my_url.partition("?")[2]
        assert (await desk.get(mixed)).status_code == 403
    for path in ("/objects/private/../../root.key", "/objects/private/%2e%2e/root.key", "/objects/x/aa/b"):
        assert (await desk.get(ORIGIN + path)).status_code in (403, 404)


@pytest.mark.parametrize(
    ("content", "input", "refusal"),
    [
        (b"MZ" + b"\0" * 99, {"contentType": "image/png"}, "UNKNOWN_FORMAT"),
        (b"<html><script>alert(1)</script>", {"contentType": "image/jpeg"}, "UNKNOWN_FORMAT"),
        (b"\0\0\0\x18ftypheic" + b"\0" * 99, {"contentType": "image/jpeg"}, "HEIC"),
        (jpeg(), {"contentType": "image/png"}, "OTHER_FORMAT"),
        (b"%PDF-1.7\n%%EOF", {"contentType": "image/png"}, "OTHER_FORMAT"),
        (png()[:60], {"contentType": "image/png"}, "UNREADABLE"),
        (b"\xff\xd8\xff<html>", {"contentType": "image/jpeg"}, "UNREADABLE"),
        (png_bomb(), {"contentType": "image/png"}, "TOO_MANY_PIXELS"),
        (b"%PDF-1.7\nhalf", {"contentType": "application/pdf", "purpose": "HOSPITAL_LICENCE"}, "UNREADABLE"),
        (
            b"%PDF-1.7\n<< /S /J#61vaScript >>\n%%EOF",
            {"contentType": "application/pdf", "purpose": "HOSPITAL_LICENCE"},
            "ACTIVE_CONTENT",
        ),
    ],
)
async def test_what_is_not_what_it_says_is_refused(
    desk: Desk, platform: Platform, content: bytes, input: dict[str, str], refusal: str
) -> None:
    token = await token_of(platform)
    before = desk.objects()
    file = await desk.upload(token, content, **input)
    assert (file["state"], file["refusal"]) == ("REFUSED", refusal)
    assert file["refusalMessage"]
    assert desk.objects() == before, "nothing of it is kept"
    assert await desk.link(token, file["id"]) is None


async def test_what_hides_behind_a_picture_is_gone(desk: Desk, platform: Platform) -> None:
    token = await token_of(platform)
    hidden = io.BytesIO()
    with zipfile.ZipFile(hidden, "w") as archive:
        archive.writestr("evil.html", "<script>alert(1)</script>")
    polyglot = jpeg() + hidden.getvalue()
    file = await desk.upload(token, polyglot, contentType="image/jpeg")
    assert file["state"] == "READY"
    url = await desk.link(token, file["id"])
    assert url is not None
    content = (await desk.get(url)).content
    assert b"evil.html" not in content
    assert not zipfile.is_zipfile(io.BytesIO(content))


async def test_a_licence_may_be_a_pdf(desk: Desk, platform: Platform) -> None:
    token = await token_of(platform)
    pdf = b"%PDF-1.7\n1 0 obj << /Type /Catalog >> endobj\n%%EOF\n"
    file = await desk.upload(token, pdf, contentType="application/pdf", purpose="HOSPITAL_LICENCE")
    assert (file["state"], file["contentType"]) == ("READY", "application/pdf")


@pytest.mark.parametrize(
    ("input", "field"),
    [
        ({"contentType": "image/heic"}, "contentType"),
        ({"contentType": "image/svg+xml"}, "contentType"),
        ({"contentType": "application/pdf"}, "contentType"),
        ({"size": 0}, "size"),
        ({"size": 5 * 1024 * 1024 + 1}, "size"),
        ({"purpose": "EXPORT"}, "purpose"),
        ({"idempotencyKey": ""}, "idempotencyKey"),
    ],
)
async def test_what_cannot_be_taken_is_named(desk: Desk, platform: Platform, input: Any, field: str) -> None:
    answer = await desk.ticket(await token_of(platform), png(), **input)
    assert [each["field"] for each in answer["fields"]] == [field]


async def test_the_same_key_answers_the_same_file(desk: Desk, platform: Platform) -> None:
    token = await token_of(platform)
    first, again = [await desk.ticket(token, png(), idempotencyKey="k") for _ in range(2)]
    assert first["fileId"] == again["fileId"]
    other = await desk.ticket(token, png() + b"x", idempotencyKey="k")
    assert other["code"] == "IDEMPOTENCY_KEY_REUSED"
    stranger = await desk.ticket(await token_of(platform), png(), idempotencyKey="k")
    assert stranger["fileId"] != first["fileId"]


async def test_there_are_only_so_many(desk: Desk, platform: Platform) -> None:
    token = await token_of(platform)
    tickets = [await desk.ticket(token, png()) for _ in range(4)]
    assert [each["__typename"] for each in tickets] == ["UploadTicket"] * 3 + ["TooManyFiles"]
    assert tickets[3]["most"] == 3


async def test_nothing_is_confirmed_before_it_came(desk: Desk, platform: Platform) -> None:
    token = await token_of(platform)
    ticket = await desk.ticket(token, png())
    assert (await desk.confirm(token, ticket["fileId"]))["code"] == "INVALID_INPUT"


async def test_nobody_else_does_anything_with_my_file(desk: Desk, platform: Platform) -> None:
    token, stranger = await token_of(platform), await token_of(platform)
    clerk = (await platform.new_staff(Role.FINANCE)).token
    file = await desk.upload(token, png())
    waiting = await desk.ticket(token, png())
    await desk.bring(waiting, png())
    for caller in (stranger, clerk):
        assert (await desk.confirm(caller, waiting["fileId"]))["code"] == "NOT_FOUND"
        assert (await platform.data(DELETE, {"id": file["id"]}, bearer=caller))["deleteFile"]["code"] == "NOT_FOUND"
        assert await desk.link(caller, file["id"]) is None
        assert (await platform.data(NODE, {"id": file["id"]}, bearer=caller))["node"] is None
        error = await platform.error(ARCHIVE, {"ids": [file["id"]]}, bearer=caller)
        assert error["extensions"]["code"] == "BAD_REQUEST"
        assert (await platform.data(MINE, bearer=caller))["myFiles"]["totalCount"] == 0
    assert (await platform.data(NODE, {"id": file["id"]}))["node"] is None
    for query, variables in (
        (LINK, {"id": file["id"]}),
        (CONFIRM, {"id": file["id"]}),
        (DELETE, {"id": file["id"]}),
        (ARCHIVE, {"ids": [file["id"]]}),
        (MINE, {}),
        (VIEW, {"id": file["id"], "reason": "?"}),
    ):
        assert (await platform.error(query, variables))["extensions"]["code"] == "UNAUTHENTICATED"


async def test_staff_who_read_files_see_all_but_identities(desk: Desk, platform: Platform) -> None:
    user = await platform.new_user()
    operator = (await platform.new_staff(Role.OPERATOR)).token
    avatar = await desk.upload(user.token, png())
    identity = await desk.upload(user.token, png(), purpose="IDENTITY_PICTURE")
    assert await desk.link(operator, avatar["id"]) is not None
    assert await desk.link(operator, identity["id"]) is None
    assert (await platform.data(NODE, {"id": identity["id"]}, bearer=operator))["node"]["state"] == "READY"
    owner = (
        await platform.data(
            "query ($id: ID!) { node(id: $id) { ... on File { ownerId } } }", {"id": avatar["id"]}, bearer=operator
        )
    )["node"]["ownerId"]
    query = """query ($owner: ID, $purpose: FilePurpose) {
      files(ownerId: $owner, purpose: $purpose, state: READY) { totalCount nodes { id } } }"""
    both = (await platform.data(query, {"owner": owner}, bearer=operator))["files"]
    assert [each["id"] for each in both["nodes"]] == [identity["id"], avatar["id"]]
    one = (await platform.data(query, {"owner": owner, "purpose": "AVATAR"}, bearer=operator))["files"]
    assert (one["totalCount"], one["nodes"]) == (1, [{"id": avatar["id"]}])
    assert (await platform.error(query, {}, bearer=user.token))["extensions"]["code"] == "UNAUTHENTICATED"


async def test_a_reviewer_sees_it_watermarked_and_on_record(desk: Desk, platform: Platform) -> None:
    token = await token_of(platform)
    reviewer = await platform.new_staff(Role.REVIEWER)
    file = await desk.upload(token, png(), purpose="IDENTITY_PICTURE")
    avatar = await desk.upload(token, png())

    async def view(id: str, reason: str, caller: str = reviewer.token) -> Any:
        variables = {"id": id, "reason": reason}
        return (await platform.data(VIEW, variables, bearer=caller))["viewIdentityPicture"]

    assert (await view(file["id"], "not handed in"))["code"] == "NOT_FOUND"
    request = await submitted(platform, token, frontFileId=file["id"])
    assert (await view(file["id"], "  "))["code"] == "INVALID_INPUT"
    assert (await view(avatar["id"], "why not"))["code"] == "NOT_FOUND"
    own = await desk.link(token, file["id"])
    assert own is not None
    plain = (await desk.get(own)).content
    marked = await desk.get(ORIGIN + (await view(file["id"], "first review"))["url"])
    assert marked.status_code == 200
    with Image.open(io.BytesIO(plain)) as one, Image.open(io.BytesIO(marked.content)) as other:
        assert one.size == other.size
        assert one.tobytes() != other.tobytes()
    async with platform.stores.sql.read() as session:
        seen = (
            await session.exec(
                select(AuditEntry).where(
                    AuditEntry.action == "FILE_VIEWED", AuditEntry.subject_id == node_reference(file["id"]).key
                )
            )
        ).all()
    assert [(each.actor_id, each.detail["reason"], each.detail["request"]) for each in seen] == [
        (str(reviewer.key), "first review", node_reference(request["id"]).key)
    ]
    operator = (await platform.new_staff(Role.OPERATOR)).token
    refused = await platform.error(VIEW, {"id": file["id"], "reason": "curious"}, bearer=operator)
    assert refused["extensions"]["code"] == "FORBIDDEN"


async def test_many_files_come_in_one_zip(desk: Desk, platform: Platform) -> None:
    token = await token_of(platform)
    files = [await desk.upload(token, png(), purpose=each) for each in ("AVATAR", "IDENTITY_PICTURE")]
    ids = [each["id"] for each in files]
    url = (await platform.data(ARCHIVE, {"ids": [*ids, ids[0]]}, bearer=token))["filesArchiveLink"]["url"]
    answer = await desk.get(ORIGIN + url)
    assert answer.headers["content-type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.testzip() is None
        digests = [hashlib.sha256(archive.read(name)).hexdigest() for name in archive.namelist()]
    assert digests == [each["digest"] for each in files]
    assert (await desk.get(ORIGIN + url.replace("ids=", "ids=0"))).status_code == 403
    too_many = await platform.error(ARCHIVE, {"ids": []}, bearer=token)
    assert too_many["extensions"]["code"] == "BAD_REQUEST"


async def test_a_deleted_file_is_gone(desk: Desk, platform: Platform) -> None:
    token = await token_of(platform)
    before = desk.objects()
    file = await desk.upload(token, png())
    url = await desk.link(token, file["id"])
    assert url is not None
    deleted = (await platform.data(DELETE, {"id": file["id"]}, bearer=token))["deleteFile"]
    assert deleted["file"]["state"] == "DELETED"
    assert desk.objects() == before
    assert (await desk.get(url)).status_code == 404
    again = (await platform.data(DELETE, {"id": file["id"]}, bearer=token))["deleteFile"]
    assert again["code"] == "NOT_FOUND"


async def test_staff_delete_what_is_not_in_use(desk: Desk, platform: Platform) -> None:
    user = await platform.new_user()
    administrator = (await platform.new_staff(Role.PLATFORM_ADMINISTRATOR)).token
    file = await desk.upload(user.token, png())
    row = await desk.row(file["id"])
    async with platform.stores.sql.unit_of_work() as session:
        owner = FileOwner(OwnerKind.USER, row.owner_id)
        held = await StoredFiles(session).take_into_use([row.id], owner=owner, purpose=row.purpose, used_by="test:1")  # type: ignore[arg-type]
        assert held
    for caller in (user.token, administrator):
        answer = (await platform.data(DELETE, {"id": file["id"]}, bearer=caller))["deleteFile"]
        assert answer["code"] == "STILL_IN_USE"
    async with platform.stores.sql.unit_of_work() as session:
        await StoredFiles(session).release_from_use("test:1")
    answer = (await platform.data(DELETE, {"id": file["id"]}, bearer=administrator))["deleteFile"]
    assert answer["__typename"] == "FileDeleted"


async def test_lists_are_paged(desk: Desk, platform: Platform) -> None:
    token = await token_of(platform)
    ids = [(await desk.ticket(token, png()))["fileId"] for _ in range(3)]
    first = (await platform.data(MINE, bearer=token))["myFiles"]
    rest = (await platform.data(MINE, {"after": first["pageInfo"]["endCursor"]}, bearer=token))["myFiles"]
    assert [each["id"] for each in first["nodes"] + rest["nodes"]] == ids[::-1]
    assert first["totalCount"] == 3
    error = await platform.error(MINE, {"after": "bm8"}, bearer=token)
    assert error["extensions"]["code"] == "BAD_CURSOR"


async def test_other_ids_name_no_files(platform: Platform) -> None:
    token = await token_of(platform)
    for id in (global_id(NodeKind.HOSPITAL, "1"), global_id(NodeKind.FILE, "1"), "x", secrets.token_hex(4)):
        assert (await platform.error(LINK, {"id": id}, bearer=token))["extensions"]["code"] == "BAD_ID"


async def test_an_upload_nobody_confirms_is_inspected(desk: Desk, platform: Platform) -> None:
    token = await token_of(platform)
    ticket = await desk.ticket(token, png())
    await desk.bring(ticket, png())
    await settle(platform.stores, desk.files, platform.clock.now + timedelta(minutes=2))
    assert (await desk.row(ticket["fileId"])).state == "READY"


@pytest.mark.parametrize("purpose", ["AVATAR", "IDENTITY_PICTURE"])
async def test_no_kill_leaves_an_object_for_ever(desk: Desk, platform: Platform, purpose: str) -> None:
    token = await token_of(platform)
    before = desk.objects()
    never = await desk.ticket(token, png(), purpose=purpose)
    killed = await desk.ticket(token, png(), purpose=purpose)
    await desk.bring(killed, png())
    # As a process leaves it that dies while it inspects.
    async with platform.stores.sql.unit_of_work() as session:
        id = UUID(node_reference(killed["fileId"]).key)
        claimed = await StoredFiles(session).claim_inspection(
            id, "0a/0a6f0e5c-2f0b-4c55-9d5a-3d6a1b1f0c11", platform.clock.now, abandoned_before=platform.clock.now
        )
        assert claimed
    await settle(platform.stores, desk.files, platform.clock.now + timedelta(minutes=2))
    assert (await desk.row(killed["fileId"])).state == "INSPECTING"
    await settle(platform.stores, desk.files, platform.clock.now + timedelta(minutes=5))
    assert (await desk.row(killed["fileId"])).state == "READY"
    assert (await desk.row(never["fileId"])).state == "UPLOADING"

    # The link still works, and brings back an original that was dropped already.
    if purpose == "AVATAR":
        assert (await desk.bring(killed, png())).status_code == 201
        assert len(desk.objects() - before) == 2
    for _ in range(2):
        await settle(platform.stores, desk.files, platform.clock.now + timedelta(minutes=21))
    refused = await desk.row(never["fileId"])
    assert (refused.state, refused.refusal) == ("REFUSED", "NEVER_ARRIVED")
    assert len(desk.objects() - before) == 1
    for each in (never, killed):
        assert (await desk.row(each["fileId"])).upload_key is None

    async with platform.stores.sql.unit_of_work() as session:
        await session.exec(update(StoredFile).where(col(StoredFile.id) == id).values(state="DELETED"))
    await settle(platform.stores, desk.files, platform.clock.now + timedelta(minutes=22))
    assert desk.objects() == before


async def wanted(_session: AsyncSession, _file: UUID) -> bool:
    return True


async def unwanted(_session: AsyncSession, _file: UUID) -> bool:
    return False


async def test_what_the_platform_makes_for_nobody_any_more_is_dropped(desk: Desk, platform: Platform) -> None:
    before = desk.objects()
    owner, now = FileOwner(OwnerKind.USER, uuid4()), platform.clock.now
    made = await keep_made_file(platform.stores, desk.files, owner, once(b"zip"), "application/zip", now, unwanted)
    assert made is None
    assert desk.objects() == before


async def test_what_the_platform_makes_is_its_owners_alone(desk: Desk, platform: Platform) -> None:
    token, other = await token_of(platform), await token_of(platform)
    owner_id = (await desk.row((await desk.ticket(token, png()))["fileId"])).owner_id
    content = b"zip" * CHUNK_BYTES
    made = await keep_made_file(
        platform.stores,
        desk.files,
        FileOwner(OwnerKind.USER, owner_id),
        once(content),
        "application/zip",
        platform.clock.now,
        wanted,
    )
    assert made is not None
    id = global_id(NodeKind.FILE, made.id)
    assert (made.state, made.size) == ("READY", len(content))
    url = await desk.link(token, id)
    assert url is not None
    assert (await desk.get(url)).content == content
    assert await desk.link(other, id) is None
    assert await desk.link((await platform.new_staff(Role.PLATFORM_ADMINISTRATOR)).token, id) is None

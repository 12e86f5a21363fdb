"""Short-lived links to files: each made for one caller, after it was decided that the caller may."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from datasources.sql.audit_entry import Act, AuditLog
from datasources.sql.stored_file import FilePurpose, FileState, StoredFile
from datasources.sql.stored_file_reads import StoredFileReads
from datasources.sql.verification_reads import VerificationReads
from datasources.storage.file_storage import FileStorage
from datasources.storage.object_store import LINK_SECONDS
from datasources.stores import Stores
from domain.audit.actor import Actor
from domain.callers import Caller
from domain.files.content import download_of, place_of
from domain.files.owners import may_read, owns
from domain.files.uploads import PATH
from domain.language import Words
from domain.problems import FieldProblem, InvalidInput, NotFound, ProblemCode

MOST_IN_ARCHIVE = 50
LONGEST_REASON = 200
ARCHIVE_PATH = f"{PATH}/archive"

_NO_REASON = Words("请写明查看原因，至多 {most} 字。", "Say why you look at it, in at most {most} characters.")
_COUNT = Words("一次须为 1 至 {most} 个文件。", "Ask for 1 to {most} files at a time.")
_NOT_THERE = Words("没有这个文件，或您不能下载它。", "There is no such file, or you may not download it.")


class View(StrEnum):
    """How a file is shown by a link to this server."""

    PLAIN = "plain"
    MARKED = "marked"


@dataclass(frozen=True, slots=True)
class FileLink:
    """Where a file can be fetched, and until when."""

    url: str
    expires_at: datetime


async def link_to(
    stores: Stores, files: FileStorage, caller: Caller, actor: Actor, id: UUID, *, inline: bool
) -> FileLink | None:
    """A link to a READY file that the caller may read, None for any other. One to an export, or to somebody else's
    licence, is on record."""
    async with stores.sql.read() as session:
        file = await StoredFileReads(session).by_id(id)
    if file is None or file.state != FileState.READY or not may_read(caller, file):
        return None
    await _record(stores, caller, actor, [file])
    return signed_link(files, actor, file, inline=inline)


def signed_link(files: FileStorage, actor: Actor, file: StoredFile, *, inline: bool) -> FileLink:
    """A link to a READY file, for a caller of whom it was decided that they may read it."""
    now, subject = actor.now, _subject(actor)
    if file.wrapped_key is None and file.object_key is not None:
        download = download_of(file, inline=inline)
        url = place_of(files, file).presign_get(file.object_key, download, now=now, subject=subject)
        return FileLink(url, now + timedelta(seconds=LINK_SECONDS))
    return _own_link(files, file, View.PLAIN, inline=inline, now=now, subject=subject)


async def link_for_review(
    stores: Stores, files: FileStorage, actor: Actor, id: UUID, reason: str
) -> FileLink | InvalidInput | NotFound:
    """A link to an identity picture that somebody handed in for verification, watermarked. The log knows who looked at
    whose, and why, or there is no link. Pictures that were not handed in are nobody's but their owner's."""
    if not 1 <= len(reason.strip()) <= LONGEST_REASON:
        return InvalidInput([FieldProblem("reason", ProblemCode.MISSING, _NO_REASON, {"most": LONGEST_REASON})])
    async with stores.sql.unit_of_work() as session:
        file = await StoredFileReads(session).by_id(id)
        if file is None or (file.state, file.purpose) != (FileState.READY, FilePurpose.IDENTITY_PICTURE):
            return NotFound()
        request = await VerificationReads(session).with_picture(file.owner_id, id)
        if request is None:
            return NotFound()
        detail = {"reason": reason.strip(), "owner": str(file.owner_id), "request": str(request)}
        await AuditLog(session).append(actor.act("FILE_VIEWED", "file", id, detail=detail))
    return _own_link(files, file, View.MARKED, inline=True, now=actor.now, subject=_subject(actor))


async def archive_link(
    stores: Stores, files: FileStorage, caller: Caller, actor: Actor, ids: Sequence[UUID]
) -> FileLink | InvalidInput:
    """A link to these files in one zip. What `link_to` records of each is on record."""
    now = actor.now
    wanted = list(dict.fromkeys(ids))
    if not 1 <= len(wanted) <= MOST_IN_ARCHIVE:
        return InvalidInput([FieldProblem("ids", ProblemCode.OUT_OF_RANGE, _COUNT, {"most": MOST_IN_ARCHIVE})])
    async with stores.sql.read() as session:
        found = await StoredFileReads(session).by_ids(wanted)
    problems = [
        FieldProblem(f"ids[{index}]", ProblemCode.NOT_FOUND, _NOT_THERE)
        for index, id in enumerate(wanted)
        if id not in found or found[id].state != FileState.READY or not may_read(caller, found[id])
    ]
    if problems:
        return InvalidInput(problems)
    await _record(stores, caller, actor, [found[id] for id in wanted])
    terms = {"ids": ",".join(id.hex for id in wanted)}
    url = files.links.make("GET", ARCHIVE_PATH, terms, now=now, subject=_subject(actor))
    return FileLink(url, now + timedelta(seconds=LINK_SECONDS))


def _own_link(
    files: FileStorage, file: StoredFile, view: View, *, inline: bool, now: datetime, subject: str
) -> FileLink:
    terms = {"view": view.value, "show": "inline" if inline else "attachment"}
    url = files.links.make("GET", f"{PATH}/{file.id}", terms, now=now, subject=subject)
    return FileLink(url, now + timedelta(seconds=LINK_SECONDS))


async def _record(stores: Stores, caller: Caller, actor: Actor, wanted: Sequence[StoredFile]) -> None:
    acts = [act for file in wanted if (act := _act(caller, actor, file)) is not None]
    if acts:
        async with stores.sql.unit_of_work() as session:
            for act in acts:
                await AuditLog(session).append(act)


def _act(caller: Caller, actor: Actor, file: StoredFile) -> Act | None:
    """What the log says of a link to this file; None for what everybody may see or is the caller's own."""
    if file.purpose == FilePurpose.EXPORT:
        return actor.act("DATA_EXPORT_FETCHED", "user", file.owner_id, detail={"file": str(file.id)})
    if file.purpose == FilePurpose.HOSPITAL_LICENCE and not owns(caller, file):
        return actor.act("FILE_VIEWED", "file", file.id, detail={"owner": str(file.owner_id)})
    return None


def _subject(actor: Actor) -> str:
    return f"{actor.kind}:{actor.id}"

"""How an upload ends: inspected and kept, refused, or given up; and how no object outlives its row's need of it.

A process may die between any two steps. What it leaves, a claim that went stale or an object that nobody needs,
stands in the row, and `settle` finishes it.
"""

import hashlib
from datetime import datetime, timedelta
from uuid import UUID

import structlog

from datasources.sql.stored_file import FileOwner, FilePurpose, FileRefusal, FileState, StoredFile, StoredFiles
from datasources.sql.stored_file_reads import StoredFileReads
from datasources.storage.envelope import EnvelopeError
from datasources.storage.file_storage import FileStorage
from datasources.storage.object_store import ObjectMissingError, ObjectStorageDownError, new_object_key
from datasources.stores import Stores
from domain.files.content import as_stored, in_the_clear, once, place_of, stored_size
from domain.files.inspection import Inspected, inspect
from domain.files.purposes import RULES
from domain.language import Words
from domain.problems import FieldProblem, InvalidInput, NotFound, ProblemCode

ABANDONED_AFTER = timedelta(minutes=3)
"""Longer than any inspection takes."""
LATEST_ARRIVAL = timedelta(minutes=15)
"""After a link's end: an upload that began in time has ended by then."""
UNASKED_AFTER = timedelta(minutes=1)
"""An upload that its owner never confirmed is inspected nevertheless."""
BATCH = 200

_NOTHING_YET = Words(
    "文件还没有上传。请先按 url、method 与 headers 上传。", "Nothing was uploaded yet; bring the file to the url first."
)

_log = structlog.get_logger(component="files")


async def inspect_upload(
    stores: Stores, files: FileStorage, id: UUID, now: datetime, *, owner: FileOwner | None = None
) -> StoredFile | InvalidInput | NotFound:
    """The file as inspection leaves it: READY, REFUSED, or INSPECTING while another call is at it."""
    file = await _read(stores, id, owner)
    if file is None or file.state == FileState.DELETED:
        return NotFound()
    if file.upload_key is None or file.state in (FileState.READY, FileState.REFUSED):
        return file
    facts = await files.private.stat(file.upload_key)
    if facts is None and file.state == FileState.UPLOADING:
        return InvalidInput([FieldProblem("fileId", ProblemCode.MISSING, _NOTHING_YET)])
    async with stores.sql.unit_of_work() as session:
        claimed = await StoredFiles(session).claim_inspection(
            id, new_object_key(), now, abandoned_before=now - ABANDONED_AFTER
        )
    file = await _read(stores, id, owner) or file
    if not claimed:
        return file
    try:
        await _inspect_claimed(stores, files, file, 0 if facts is None else facts.size, now)
    except ObjectStorageDownError:
        async with stores.sql.unit_of_work() as session:
            await StoredFiles(session).release_inspection(id, now)
        raise
    return await _read(stores, id, owner) or NotFound()


async def settle(stores: Stores, files: FileStorage, now: datetime) -> int:
    """Finish what is due, the oldest first; how many files were looked at."""
    async with stores.sql.read() as session:
        due = await StoredFileReads(session).unsettled(created_before=now - UNASKED_AFTER, limit=BATCH)
    for file in due:
        await _settle_one(stores, files, file, now)
    await files.drop_stale_drafts()
    return len(due)


async def drop_objects(stores: Stores, files: FileStorage, file: StoredFile, now: datetime) -> None:
    """Remove the objects of a file that is no longer needed. Its upload is remembered until no link can bring it
    back."""
    if file.upload_key is not None:
        await files.private.delete(file.upload_key)
    if file.object_key is not None and file.state != FileState.READY:
        await place_of(files, file).delete(file.object_key)
    async with stores.sql.unit_of_work() as session:
        changes = StoredFiles(session)
        if _link_is_over(file, now):
            await changes.forget_upload(file.id)
        if file.state != FileState.READY and not _may_still_be_written(file, now):
            await changes.forget_object(file.id)


async def _settle_one(stores: Stores, files: FileStorage, file: StoredFile, now: datetime) -> None:
    match file.state:
        case FileState.UPLOADING | FileState.INSPECTING if file.upload_key is not None:
            outcome = await inspect_upload(stores, files, file.id, now)
            if isinstance(outcome, InvalidInput) and _link_is_over(file, now):
                async with stores.sql.unit_of_work() as session:
                    await StoredFiles(session).give_up(file.id)
        case FileState.INSPECTING:
            await _end_abandoned_making(stores, file, now)
        case FileState.READY:
            if _link_is_over(file, now):
                await drop_objects(stores, files, file, now)
        case _:
            await drop_objects(stores, files, file, now)


async def _end_abandoned_making(stores: Stores, file: StoredFile, now: datetime) -> None:
    """A file of the platform's own whose maker died: it can only be made again."""
    async with stores.sql.unit_of_work() as session:
        changes = StoredFiles(session)
        abandoned_before = now - LATEST_ARRIVAL
        if await changes.claim_inspection(file.id, file.object_key or "", now, abandoned_before=abandoned_before):
            await changes.refuse(file.id, now, FileRefusal.NEVER_ARRIVED)


async def _inspect_claimed(stores: Stores, files: FileStorage, file: StoredFile, arrived: int, now: datetime) -> None:
    outcome = await _outcome(files, file, arrived)
    if isinstance(outcome, Inspected) and file.object_key is not None:
        await place_of(files, file).put(
            file.object_key,
            as_stored(files, file, once(outcome.content)),
            size=stored_size(file, len(outcome.content)),
            content_type=outcome.content_type if file.wrapped_key is None else "application/octet-stream",
        )
    async with stores.sql.unit_of_work() as session:
        changes = StoredFiles(session)
        if isinstance(outcome, Inspected):
            await changes.accept(
                file.id,
                now,
                content_type=outcome.content_type,
                size=len(outcome.content),
                sha256=hashlib.sha256(outcome.content).digest(),
                now=now,
            )
        else:
            await changes.refuse(file.id, now, outcome)
    settled = await _read(stores, file.id, None)
    if settled is not None and settled.state in (FileState.READY, FileState.REFUSED):
        try:
            await drop_objects(stores, files, settled, now)
        except ObjectStorageDownError as fault:
            _log.warning("an original waits to be dropped", file=str(file.id), fault=str(fault))


async def _outcome(files: FileStorage, file: StoredFile, arrived: int) -> Inspected | FileRefusal:
    if file.upload_key is None or arrived != stored_size(file, file.size):
        return FileRefusal.WRONG_SIZE
    try:
        stored = files.private.open(file.upload_key)
        content = b"".join([piece async for piece in in_the_clear(files, file, stored)])
    except (EnvelopeError, ObjectMissingError):
        return FileRefusal.UNREADABLE
    return await inspect(
        content,
        announced_type=file.content_type,
        announced_size=file.size,
        rule=RULES[FilePurpose(file.purpose)],
    )


async def _read(stores: Stores, id: UUID, owner: FileOwner | None) -> StoredFile | None:
    async with stores.sql.read() as session:
        return await StoredFileReads(session).by_id(id, owner=owner)


def _may_still_be_written(file: StoredFile, now: datetime) -> bool:
    """Whether an inspector whose file was deleted under its hands may yet store what it made."""
    return (
        file.state == FileState.DELETED
        and file.ready_at is None
        and file.inspecting_since is not None
        and now <= file.inspecting_since + ABANDONED_AFTER
    )


def _link_is_over(file: StoredFile, now: datetime) -> bool:
    return file.upload_expires_at is None or now > file.upload_expires_at + LATEST_ARRIVAL

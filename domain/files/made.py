"""Files that the platform makes for somebody, such as an export of their data."""

import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession
from uuid_utils.compat import uuid7

from datasources.sql.stored_file import FileOwner, FilePurpose, FileRefusal, FileState, StoredFile, StoredFiles
from datasources.sql.stored_file_reads import StoredFileReads
from datasources.storage.envelope import sealed_size
from datasources.storage.file_storage import FileStorage
from datasources.storage.object_store import new_object_key
from datasources.stores import Stores
from domain.files.content import as_stored, row_name
from domain.files.settling import drop_objects

MOST_BYTES = 2**31 - 1

Claim = Callable[[AsyncSession, UUID], Awaitable[bool]]
"""Whether somebody still wants the file of this id, which is theirs if so."""


class NobodyWantsItError(Exception):
    """The file was made for nothing; raised to undo the transaction."""


async def keep_made_file(
    stores: Stores,
    files: FileStorage,
    owner: FileOwner,
    content: AsyncIterator[bytes],
    content_type: str,
    now: datetime,
    claim: Claim,
) -> StoredFile | None:
    """Keep what the platform made for this owner, sealed. It becomes READY together with what `claim` writes, or, if
    that says no, the file goes again and the answer is None.

    Raises ObjectTooLargeError past 2 GiB, ObjectStorageDownError. Whatever ends it half way leaves no object for long.
    """
    file = StoredFile(
        id=uuid7(),
        owner_kind=owner.kind,
        owner_id=owner.id,
        purpose=FilePurpose.EXPORT,
        state=FileState.INSPECTING,
        content_type=content_type,
        size=0,
        object_key=new_object_key(),
        created_at=now,
        inspecting_since=now,
    )
    file.wrapped_key = files.envelopes.new_key(row_name(file))
    key = file.object_key
    async with stores.sql.unit_of_work() as session:
        await StoredFiles(session).add(file)
    digest = hashlib.sha256()
    size = 0

    async def counted() -> AsyncIterator[bytes]:
        nonlocal size
        async for piece in content:
            size += len(piece)
            digest.update(piece)
            yield piece

    stored = as_stored(files, file, counted())
    await files.private.put(key or "", stored, size=sealed_size(MOST_BYTES), content_type="application/octet-stream")
    try:
        async with stores.sql.unit_of_work() as session:
            accepted = await StoredFiles(session).accept(
                file.id, now, content_type=content_type, size=size, sha256=digest.digest(), now=now
            )
            if not accepted or not await claim(session, file.id):
                raise NobodyWantsItError
    except NobodyWantsItError:
        await _drop(stores, files, file, now)
        return None
    return await _read(stores, file.id)


async def _drop(stores: Stores, files: FileStorage, file: StoredFile, now: datetime) -> None:
    async with stores.sql.unit_of_work() as session:
        await StoredFiles(session).refuse(file.id, now, FileRefusal.NEVER_ARRIVED)
    left = await _read(stores, file.id)
    if left is not None:
        await drop_objects(stores, files, left, now)


async def _read(stores: Stores, id: UUID) -> StoredFile | None:
    async with stores.sql.read() as session:
        return await StoredFileReads(session).by_id(id)

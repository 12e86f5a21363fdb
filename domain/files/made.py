"""Files that the platform makes for somebody, such as an export of their data."""

import hashlib
from collections.abc import AsyncIterator
from datetime import datetime

from uuid_utils.compat import uuid7

from datasources.sql.stored_file import FileOwner, FilePurpose, FileState, StoredFile, StoredFiles
from datasources.storage.envelope import sealed_size
from datasources.storage.file_storage import FileStorage
from datasources.storage.object_store import new_object_key
from datasources.stores import Stores
from domain.files.content import as_stored, row_name

MOST_BYTES = 2**31 - 1


async def keep_made_file(
    stores: Stores,
    files: FileStorage,
    owner: FileOwner,
    content: AsyncIterator[bytes],
    content_type: str,
    now: datetime,
) -> StoredFile:
    """Keep what the platform made for this owner, sealed; it is READY when this returns.

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
    async with stores.sql.unit_of_work() as session:
        await StoredFiles(session).accept(
            file.id, now, content_type=content_type, size=size, sha256=digest.digest(), now=now
        )
        kept = await session.get(StoredFile, file.id)
    return kept or file

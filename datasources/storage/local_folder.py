"""Objects in a folder of this machine: the default, for one machine or a shared volume."""

import asyncio
import os
import secrets
import time
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO

from datasources.storage.object_store import (
    CHUNK_BYTES,
    LINK_SECONDS,
    Download,
    ObjectFacts,
    ObjectMissingError,
    ObjectTooLargeError,
    SignedUpload,
    checked_key,
    content_disposition,
)
from datasources.storage.signed_links import SignedLinks

PATH = "/objects"
STALE_SECONDS = 3600
_DRAFTS = "drafts"


class LocalFolder:
    """An ObjectStore below `folder`. `area` tells its links from those of another folder: `/objects/<area>/<key>`."""

    def __init__(self, folder: Path, area: str, links: SignedLinks) -> None:
        self._folder = folder
        self._area = area
        self._links = links

    async def put(self, key: str, content: AsyncIterator[bytes], *, size: int, content_type: str) -> None:
        """Write beside, force to disk, then rename: no reader ever meets half an object."""
        await self._write(key, content, size, replace=True)

    async def put_once(self, key: str, content: AsyncIterator[bytes], *, size: int) -> bool:
        """Store an object that is not there yet and has exactly `size` bytes; False if it is there.

        Raises ObjectTooLargeError also when fewer bytes came.
        """
        return await self._write(key, content, size, replace=False)

    async def open(self, key: str) -> AsyncIterator[bytes]:
        """The object's bytes."""
        file = await asyncio.to_thread(_opened, self._path(key))
        if file is None:
            raise ObjectMissingError(key)
        with os.fdopen(file, "rb") as stream:
            while chunk := await asyncio.to_thread(stream.read, CHUNK_BYTES):
                yield chunk

    async def stat(self, key: str) -> ObjectFacts | None:
        """Its size; a folder keeps no content type."""
        path = self._path(key)
        size = await asyncio.to_thread(lambda: path.stat().st_size if path.is_file() else None)
        return None if size is None else ObjectFacts(size, "")

    async def delete(self, key: str) -> None:
        """Remove the file."""
        path = self._path(key)
        await asyncio.to_thread(lambda: path.unlink(missing_ok=True))

    async def drop_stale_drafts(self, *, older_than_seconds: float = STALE_SECONDS) -> int:
        """Remove what processes that died were writing; how many there were."""
        return await asyncio.to_thread(_drop_old, self._folder / _DRAFTS, time.time() - older_than_seconds)

    def presign_get(self, key: str, download: Download, *, now: datetime, subject: str) -> str:
        """A link to this server."""
        terms = {"type": download.content_type, "disposition": content_disposition(download)}
        return self._links.make("GET", self._link_path(key), terms, now=now, subject=subject)

    def presign_put(self, key: str, *, content_type: str, size: int, now: datetime, subject: str) -> SignedUpload:
        """A link to this server."""
        terms = {"type": content_type, "size": str(size)}
        url = self._links.make("PUT", self._link_path(key), terms, now=now, subject=subject)
        return SignedUpload(url, {"Content-Type": content_type}, now + timedelta(seconds=LINK_SECONDS))

    async def _write(self, key: str, content: AsyncIterator[bytes], size: int, *, replace: bool) -> bool:
        path = self._path(key)
        draft = self._folder / _DRAFTS / f"{path.name}.{secrets.token_hex(4)}"
        descriptor = await asyncio.to_thread(_draft, draft)
        try:
            with os.fdopen(descriptor, "wb") as stream:
                written = 0
                async for chunk in content:
                    written += len(chunk)
                    if written > size:
                        raise ObjectTooLargeError
                    await asyncio.to_thread(stream.write, chunk)
                if not replace and written != size:
                    raise ObjectTooLargeError
                await asyncio.to_thread(_force, stream)
            return await asyncio.to_thread(_publish, draft, path, replace=replace)
        finally:
            draft.unlink(missing_ok=True)

    def _path(self, key: str) -> Path:
        return self._folder / checked_key(key)

    def _link_path(self, key: str) -> str:
        return f"{PATH}/{self._area}/{checked_key(key)}"


def _draft(draft: Path) -> int:
    draft.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    return os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)


def _opened(path: Path) -> int | None:
    try:
        return os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    except FileNotFoundError:
        return None


def _force(stream: BinaryIO) -> None:
    stream.flush()
    os.fsync(stream.fileno())


def _publish(draft: Path, path: Path, *, replace: bool) -> bool:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if replace:
        draft.replace(path)
    else:
        try:
            # Unlike a rename, a link never replaces what is there.
            os.link(draft, path)
        except FileExistsError:
            return False
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    return True


def _drop_old(folder: Path, before: float) -> int:
    old = [each for each in folder.glob("*") if each.stat().st_mtime < before]
    for each in old:
        each.unlink(missing_ok=True)
    return len(old)

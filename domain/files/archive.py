"""Many files in one zip, made as it is sent: memory holds one piece of one file, however much there is."""

import io
import zipfile
from collections.abc import AsyncIterable, AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from datasources.sql.stored_file import StoredFile
from datasources.storage.file_storage import FileStorage
from domain.files.content import content_of, download_of


class _Outgoing(io.RawIOBase):
    """What zipfile writes, until it is taken away. It cannot seek, so zipfile puts sizes behind each file."""

    def __init__(self) -> None:
        super().__init__()
        self._pieces: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, piece: "bytes | bytearray | memoryview") -> int:  # type: ignore[override]
        self._pieces.append(bytes(piece))
        return len(piece)

    def taken(self) -> bytes:
        """What was written since the last call."""
        whole = b"".join(self._pieces)
        self._pieces.clear()
        return whole


@dataclass(frozen=True, slots=True)
class ZipEntry:
    """One file of a zip that is made."""

    name: str
    at: datetime
    content: AsyncIterator[bytes]


async def zip_of(entries: AsyncIterable[ZipEntry]) -> AsyncIterator[bytes]:
    """The zip of these entries, stored as they are: pictures do not get smaller.

    Raises what an entry's content does; the zip then lacks its end, so nobody takes it for whole.
    """
    outgoing = _Outgoing()
    archive = zipfile.ZipFile(outgoing, "w", zipfile.ZIP_STORED)
    async for entry in entries:
        facts = zipfile.ZipInfo(entry.name, entry.at.timetuple()[:6])
        with archive.open(facts, "w", force_zip64=True) as writing:
            async for piece in entry.content:
                writing.write(piece)
                yield outgoing.taken()
        yield outgoing.taken()
    archive.close()
    yield outgoing.taken()


def zipped(files: FileStorage, rows: Sequence[StoredFile]) -> AsyncIterator[bytes]:
    """The zip of these READY files; raises what `content_of` does."""

    async def entries() -> AsyncIterator[ZipEntry]:
        for row in rows:
            yield ZipEntry(download_of(row).file_name, row.created_at, content_of(files, row))

    return zip_of(entries())

"""What is in the zip: a README, one JSON document for each kind of data, and the files themselves."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
import structlog
from sqlmodel.ext.asyncio.session import AsyncSession

from datasources.sealing import KeyRing
from datasources.sql.stored_file import FileOwner, FilePurpose, FileState, OwnerKind, StoredFile
from datasources.sql.stored_file_reads import FileFilter, StoredFileReads
from datasources.storage.envelope import EnvelopeError
from datasources.storage.file_storage import FileStorage
from datasources.storage.object_store import ObjectMissingError
from datasources.stores import Stores
from domain.exports.parts import EXPORTERS
from domain.files.archive import ZipEntry
from domain.files.content import content_of, download_of, once
from domain.global_id import NodeKind, global_id
from domain.language import Language, Words

MOST_FILES = 1_000
MOST_FILE_BYTES = 256 * 1024 * 1024
"""Bytes of files in one export; the latest come first, and those that don't fit are only listed."""

FILES = "files.json"
README = "README.txt"
_FILES = Words("您上传的文件清单；文件在 files/ 中", "The files you uploaded; they are in files/")
_HEAD = Words(
    "这是您于 {at} 从 HTBooking 导出的个人数据，内容未经掩码，请妥善保管。\n"
    "各文档为 UTF-8 编码的 JSON，时间为 UTC（ISO 8601）。",
    "This is your own data as HTBooking kept it at {at}. Nothing is masked: keep it safe.\n"
    "Every document is JSON in UTF-8; times are in UTC (ISO 8601).",
)

_log = structlog.get_logger(component="exports")


async def export_entries(
    stores: Stores,
    ring: KeyRing,
    files: FileStorage,
    user_id: UUID,
    now: datetime,
    *,
    most_file_bytes: int = MOST_FILE_BYTES,
) -> AsyncIterator[ZipEntry]:
    """The zip's entries in their order. All rows are of one moment; files follow one at a time.

    Raises SealError, ObjectStorageDownError, ValueError if there is no such account.
    """
    async with stores.sql.unit_of_work() as session:
        await session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        documents = {part.name: await part.export(session, ring, user_id) for part in EXPORTERS}
        uploaded = await _uploaded(session, user_id)
    yield ZipEntry(README, now, once(_readme(now).encode()))
    for name, document in documents.items():
        yield ZipEntry(name, now, once(_json(document)))
    listed: list[dict[str, Any]] = []
    room = most_file_bytes
    for file in uploaded:
        content = await _content(files, file) if file.state == FileState.READY and file.size <= room else None
        path = None
        if content is not None:
            room -= len(content)
            path = f"files/{download_of(file).file_name}"
            yield ZipEntry(path, file.created_at, once(content))
        listed.append(_listed(file, path))
    yield ZipEntry(FILES, now, once(_json(listed)))


async def _uploaded(session: AsyncSession, user_id: UUID) -> Sequence[StoredFile]:
    owner = FileFilter(owner=FileOwner(OwnerKind.USER, user_id))
    rows = await StoredFileReads(session).page(owner, limit=MOST_FILES)
    return [row for row in rows if row.purpose != FilePurpose.EXPORT and row.state != FileState.DELETED]


async def _content(files: FileStorage, file: StoredFile) -> bytes | None:
    """The whole file, so that one that can't be read is left out before its entry begins."""
    try:
        return b"".join([piece async for piece in content_of(files, file)])
    except (ObjectMissingError, EnvelopeError) as fault:
        _log.warning("a file was left out of an export", file=str(file.id), fault=type(fault).__name__)
        return None


def _listed(file: StoredFile, path: str | None) -> dict[str, Any]:
    return {
        "id": global_id(NodeKind.FILE, file.id),
        "purpose": file.purpose,
        "state": file.state,
        "refusal": file.refusal,
        "contentType": file.content_type,
        "size": file.size,
        "sha256": None if file.sha256 is None else file.sha256.hex(),
        "createdAt": file.created_at,
        "readyAt": file.ready_at,
        "path": path,
    }


def _readme(now: datetime) -> str:
    held = [(part.name, part.words) for part in EXPORTERS] + [(FILES, _FILES)]
    said = []
    for language in Language:
        head = _HEAD.say(language, at=f"{now:%Y-%m-%d %H:%M} UTC")
        said.append("\n".join([head, "", *(f"{name:20}{words.say(language)}" for name, words in held)]))
    return "\n\n".join(said) + "\n"


def _json(document: Any) -> bytes:
    return orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_UTC_Z | orjson.OPT_APPEND_NEWLINE)

"""Deleting a file: its row says so first, then its objects go."""

from uuid import UUID

import structlog

from datasources.sql.audit_entry import AuditLog
from datasources.sql.stored_file import FileState, StoredFile, StoredFiles
from datasources.sql.stored_file_reads import StoredFileReads
from datasources.storage.file_storage import FileStorage
from datasources.storage.object_store import ObjectStorageDownError
from datasources.stores import Stores
from domain.audit.actor import Actor
from domain.callers import Caller, StaffMember
from domain.files.owners import owns
from domain.files.settling import drop_objects
from domain.permissions import Permission
from domain.problems import NotFound

_log = structlog.get_logger(component="files")


class FileInUse:
    """Something still needs the file, or it is being inspected."""


async def delete_file(
    stores: Stores, files: FileStorage, caller: Caller, actor: Actor, id: UUID
) -> StoredFile | FileInUse | NotFound:
    """Delete the caller's own file, or anybody's with EDIT_FILES, which is recorded."""
    async with stores.sql.unit_of_work() as session:
        file = await StoredFileReads(session).by_id(id)
        if file is None or file.state == FileState.DELETED or not _may_delete(caller, file):
            return NotFound()
        if not await StoredFiles(session).delete(id, actor.now):
            return FileInUse()
        detail = {"purpose": file.purpose, "owner": str(file.owner_id)}
        await AuditLog(session).append(actor.act("FILE_DELETED", "file", id, detail=detail))
    async with stores.sql.read() as session:
        deleted = await StoredFileReads(session).by_id(id)
    if deleted is None:
        return NotFound()
    try:
        await drop_objects(stores, files, deleted, actor.now)
    except ObjectStorageDownError as fault:
        _log.warning("a deleted file's object waits to be dropped", file=str(id), fault=str(fault))
    return deleted


def _may_delete(caller: Caller, file: StoredFile) -> bool:
    edits = isinstance(caller, StaffMember) and Permission.EDIT_FILES in caller.permissions
    return edits or owns(caller, file)

"""Making exports: under a lease, so that whoever dies is followed by another, and whoever is late changes nothing."""

import asyncio
from datetime import datetime
from uuid import UUID, uuid4

import structlog
from sqlmodel.ext.asyncio.session import AsyncSession

from datasources.sealing import KeyRing
from datasources.sql.data_export import DataExport, DataExports, ExportFailure
from datasources.sql.stored_file import FileOwner, OwnerKind
from datasources.sql.user_account import SIGNED_IN_STATUSES, UserAccounts
from datasources.storage.file_storage import FileStorage
from datasources.stores import Stores
from domain.clock import Clock
from domain.exports.content import MOST_FILE_BYTES, export_entries
from domain.exports.limits import KEPT, LEASE, LONGEST_SECONDS, MOST_AT_ONCE, MOST_ATTEMPTS, PAUSE
from domain.exports.notice import tell_owner
from domain.files.archive import zip_of
from domain.files.made import keep_made_file

MOST_PER_RUN = 50

_log = structlog.get_logger(component="exports")


async def make_due(
    stores: Stores, ring: KeyRing, files: FileStorage, clock: Clock, *, most_file_bytes: int = MOST_FILE_BYTES
) -> int:
    """Make every export that is due, the one that waits longest first; how many were taken up."""
    taken = 0
    while taken < MOST_PER_RUN:
        lease, now = uuid4(), clock()
        async with stores.sql.unit_of_work() as session:
            export = await DataExports(session).take(now, lease, now + LEASE, most_at_once=MOST_AT_ONCE)
        if export is None:
            break
        taken += 1
        await _make(stores, ring, files, clock, export, lease, most_file_bytes)
    return taken


async def _make(
    stores: Stores,
    ring: KeyRing,
    files: FileStorage,
    clock: Clock,
    export: DataExport,
    lease: UUID,
    most_file_bytes: int,
) -> None:
    failure = await _why_not(stores, export)
    if failure is not None:
        await _give_up(stores, export.id, lease, failure, clock())
        return
    now = clock()

    async def claim(session: AsyncSession, file_id: UUID) -> bool:
        done = clock()
        finished = await DataExports(session).finish(export.id, lease, file_id, done, done + KEPT)
        if finished is not None:
            await tell_owner(session, finished, done)
        return finished is not None

    entries = export_entries(stores, ring, files, export.user_id, now, most_file_bytes=most_file_bytes)
    owner = FileOwner(OwnerKind.USER, export.user_id)
    try:
        async with asyncio.timeout(LONGEST_SECONDS):
            await keep_made_file(stores, files, owner, zip_of(entries), "application/zip", now, claim)
    except Exception:  # noqa: BLE001 - whatever it is, it is tried again and in the end given up
        _log.exception("an export could not be made", export=str(export.id), attempt=export.attempts)
        async with stores.sql.unit_of_work() as session:
            await DataExports(session).put_back(export.id, lease, clock() + PAUSE * export.attempts)


async def _why_not(stores: Stores, export: DataExport) -> ExportFailure | None:
    async with stores.sql.read() as session:
        user = await UserAccounts(session).get(export.user_id)
    if user is None or user.status not in SIGNED_IN_STATUSES:
        return ExportFailure.ACCOUNT_CLOSED
    return ExportFailure.TOO_MANY_ATTEMPTS if export.attempts > MOST_ATTEMPTS else None


async def _give_up(stores: Stores, id: UUID, lease: UUID, failure: ExportFailure, now: datetime) -> None:
    async with stores.sql.unit_of_work() as session:
        failed = await DataExports(session).fail(id, lease, failure, now)
        if failed is not None:
            await tell_owner(session, failed, now)

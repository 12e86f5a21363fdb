"""Rotation: every sealed record is opened with whichever key sealed it and sealed anew with the active one.

It goes through the tables in batches by key, each batch one transaction with its progress. So it may be killed at any
moment and goes on where it was, several may run at once (they take turns), and running it again changes nothing.
A record that its owner changes meanwhile is left to them: they seal with the active key, too.
"""

import logging
from dataclasses import dataclass

from pydantic import SecretBytes
from sqlmodel.ext.asyncio.session import AsyncSession

from datasources.sealing import KeyRing, SealError
from datasources.sql.database import Database
from datasources.sql.key_rotation import KeyRotation, KeyRotations, Progress
from datasources.sql.sealed_columns import SealedRow, SealedRows, SealedTable, key_text, sealed_tables
from datasources.sql.tables import METADATA
from domain.clock import Clock

BATCH = 500

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class TableRotated:
    """How one table came out."""

    table: str
    resealed: int
    """Records that this key was put on, by all runs together."""
    unopened: int
    """Records that no key of the ring opens. They stay as they are; the log names their places."""


async def rotate(database: Database, ring: KeyRing, clock: Clock, *, batch: int = BATCH) -> list[TableRotated]:
    """Bring every sealed record to the ring's active key."""
    return [await _rotate_table(database, ring, clock, sealed, batch) for sealed in sealed_tables(METADATA)]


async def is_rotated(database: Database, ring: KeyRing) -> bool:
    """Whether every table was gone through to its end for the active key. It does not look at the tables again."""
    async with database.read() as session:
        rows = await KeyRotations(session).of_target(ring.active)
    finished = {row.table_name for row in rows if row.finished_at is not None}
    return all(sealed.table.name in finished for sealed in sealed_tables(METADATA))


async def _rotate_table(
    database: Database, ring: KeyRing, clock: Clock, sealed: SealedTable, batch: int
) -> TableRotated:
    # A rotation that was finished begins anew: a process that was still on the older key may have sealed since.
    anew = True
    while True:
        async with database.unit_of_work() as session:
            rotations = KeyRotations(session)
            row = await rotations.begin(ring.active, sealed.table.name, clock())
            if anew and row.finished_at is not None:
                row.last_row, row.unopened = "", 0
            anew = False
            progress = await _reseal_batch(session, ring, sealed, row, batch)
            await rotations.advance(row, progress, clock())
            if progress.finished:
                return TableRotated(sealed.table.name, row.resealed, row.unopened)


async def _reseal_batch(
    session: AsyncSession, ring: KeyRing, sealed: SealedTable, rotation: KeyRotation, batch: int
) -> Progress:
    rows = SealedRows(session)
    stale = await rows.stale(sealed, ring.active, after=rotation.last_row, limit=batch)
    resealed = unopened = 0
    for row in stale:
        fresh, failed = _resealed(ring, sealed, row)
        unopened += failed
        if fresh and await rows.replace(sealed, row, fresh):
            resealed += len(fresh)
    last_row = key_text([row.key for row in stale]) or rotation.last_row
    return Progress(last_row, resealed, unopened, finished=len(stale) < batch)


def _resealed(ring: KeyRing, sealed: SealedTable, row: SealedRow) -> tuple[dict[str, bytes], int]:
    """The row's records on other keys, sealed anew by column name, and how many of them do not open."""
    fresh: dict[str, bytes] = {}
    failed = 0
    for column in sealed.columns:
        record = row.records.get(column.name)
        if record is None or int.from_bytes(record[1:3], "big") == ring.active:
            continue
        field, row_id = sealed.field(column), str(row.key)
        try:
            clear: SecretBytes = ring.open(field, row_id, record)
        except SealError as error:
            _log.error("a record stays as it is: %s", error)
            failed += 1
            continue
        fresh[column.name] = ring.seal(field, row_id, clear)
    return fresh, failed

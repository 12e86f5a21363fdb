"""Bringing accepted pushes into MongoDB: right after their commit, or later by the relay job."""

import asyncio
from datetime import datetime, timedelta

from datasources.mongo.catalogue_writes import write_changes
from datasources.sql.catalogue_push import CataloguePushes
from datasources.stores import Stores
from domain.live.changes import note_catalogue_change

HOSPITALS_PER_ROUND = 100
FORGOTTEN_AT_ONCE = 1_000
KEY_LIFETIME = timedelta(days=90)
"""How long a call can be repeated under its idempotency key."""


async def apply_waiting(stores: Stores, hospital_code: str, now: datetime) -> int:
    """Apply the hospital's waiting pushes in the order they were made; how many were applied.

    One process at a time does it for one hospital. Dying between the write and its record is harmless:
    the same documents are written again.
    """
    async with stores.sql.read() as session:
        if not await CataloguePushes(session).has_waiting(hospital_code):
            return 0
    applied = 0
    while await _apply_oldest(stores, hospital_code, now):
        applied += 1
    return applied


async def relay(stores: Stores, now: datetime) -> int:
    """Apply whatever waits, for every hospital; how many pushes were applied."""
    await stores.catalogue.bind()
    async with stores.sql.read() as session:
        hospitals = await CataloguePushes(session).hospitals_waiting(HOSPITALS_PER_ROUND)
    return sum(await asyncio.gather(*(apply_waiting(stores, code, now) for code in hospitals)))


async def _apply_oldest(stores: Stores, hospital_code: str, now: datetime) -> bool:
    async with stores.sql.unit_of_work() as session:
        pushes = CataloguePushes(session)
        await pushes.lock_applying(hospital_code)
        oldest = await pushes.oldest_waiting(hospital_code)
        if oldest is None:
            return False
        await write_changes(oldest.documents or [], oldest.revision, now)  # type: ignore[arg-type]
        await pushes.mark_applied(oldest, now)
        note_catalogue_change(session, hospital_code)
        return True


async def forget_old_pushes(stores: Stores, now: datetime) -> int:
    """Delete the records of pushes whose idempotency keys have expired; how many were deleted."""
    forgotten = 0
    while True:
        async with stores.sql.unit_of_work() as session:
            some = await CataloguePushes(session).forget_before(now - KEY_LIFETIME, FORGOTTEN_AT_ONCE)
        forgotten += some
        if some < FORGOTTEN_AT_ONCE:
            return forgotten

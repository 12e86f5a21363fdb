"""Bringing accepted pushes into MongoDB: right after their commit, or later by the relay job."""

import asyncio
from datetime import datetime

from datasources.mongo.catalogue_writes import write_changes
from datasources.sql.catalogue_push import CataloguePushes
from datasources.stores import Stores

HOSPITALS_PER_ROUND = 100


async def has_waiting(stores: Stores, hospital_code: str) -> bool:
    """Whether a push of this hospital has not reached MongoDB yet."""
    async with stores.sql.read() as session:
        return await CataloguePushes(session).has_waiting(hospital_code)


async def apply_waiting(stores: Stores, hospital_code: str, now: datetime) -> int:
    """Apply the hospital's waiting pushes in the order they were made; how many were applied.

    One process at a time does it for one hospital. Dying between the write and its record is harmless:
    the same documents are written again.
    """
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
        return True

"""A ring that does not belong to the database is told at once."""

import asyncio

import pytest

from datasources.sealing import KeyRing
from domain.encryption.canary import WrongRingError, check_ring
from domain.encryption.rotation import rotate
from server.embedded.data_lock import Endpoints
from tests.domain.encryption.databases import own_database
from tests.platform import SettableClock

OLD, NEW, OTHER = bytes(range(32)), bytes(range(1, 33)), bytes(range(2, 34))
RING = KeyRing.of(OLD)
BOTH = KeyRing({1: OLD, 2: NEW}, active=2)


async def test_processes_that_start_together_on_a_new_database_agree_on_one_canary(endpoints: Endpoints) -> None:
    async with own_database(endpoints.database_url) as (_, database):
        await asyncio.gather(*(check_ring(database, RING) for _ in range(4)))


@pytest.mark.parametrize(
    ("ring", "said"),
    [
        (KeyRing.of(OTHER), "not the keys of this database"),
        (KeyRing({2: NEW}, active=2), "not the keys of this database"),
        (KeyRing({1: OTHER, 2: OLD}, active=2), "not the keys of this database"),
        (KeyRing({0: OTHER, 1: OLD}, active=1), "root key with the lowest id"),
    ],
    ids=["another key", "without the key", "under another number", "with a lower key before it"],
)
async def test_a_wrong_ring_is_told_without_showing_a_key(endpoints: Endpoints, ring: KeyRing, said: str) -> None:
    async with own_database(endpoints.database_url) as (_, database):
        await check_ring(database, RING)
        with pytest.raises(WrongRingError, match=said) as told:
            await check_ring(database, ring)
        assert OTHER.hex() not in str(told.value)


async def test_a_ring_with_a_newer_key_passes_before_and_after_the_rotation(endpoints: Endpoints) -> None:
    async with own_database(endpoints.database_url) as (_, database):
        await check_ring(database, RING)
        await check_ring(database, BOTH)
        await rotate(database, BOTH, SettableClock())
        await check_ring(database, BOTH)
        with pytest.raises(WrongRingError, match="not the keys of this database"):
            await check_ring(database, RING)


async def test_without_the_oldest_root_nothing_would_be_found_so_it_is_refused(endpoints: Endpoints) -> None:
    async with own_database(endpoints.database_url) as (_, database):
        await check_ring(database, RING)
        await rotate(database, BOTH, SettableClock())
        with pytest.raises(WrongRingError, match="root key with the lowest id is missing"):
            await check_ring(database, KeyRing({2: NEW}, active=2))

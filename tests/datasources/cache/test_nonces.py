"""A nonce is used once per key, and never without Redis."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import redis.exceptions
from redis.asyncio import Redis

from datasources.cache.nonces import REMEMBERED_SECONDS, Nonces
from datasources.faults import Store, unavailable_store
from datasources.stores import Stores
from domain.integration.signature import WINDOW_SECONDS

NONCE = "nonce-0000000000000001"


@pytest.fixture
async def nonces(stores: Stores) -> AsyncIterator[Nonces]:
    yield Nonces(stores.redis)
    async for name in stores.redis.scan_iter("nonce:*"):
        await stores.redis.delete(name)


async def test_a_nonce_is_spent_once(nonces: Nonces) -> None:
    assert await nonces.spend("hk_1", NONCE)
    assert not await nonces.spend("hk_1", NONCE)


async def test_each_key_has_its_own_nonces(nonces: Nonces) -> None:
    assert await nonces.spend("hk_1", NONCE)
    assert await nonces.spend("hk_2", NONCE)


async def test_of_many_at_once_one_wins(nonces: Nonces) -> None:
    answers = await asyncio.gather(*(nonces.spend("hk_1", NONCE) for _ in range(50)))
    assert answers.count(True) == 1


async def test_a_nonce_is_remembered_longer_than_its_signature_could_be_accepted(
    nonces: Nonces, stores: Stores
) -> None:
    await nonces.spend("hk_1", NONCE)
    seconds = await stores.redis.ttl(f"nonce:hk_1:{NONCE}")
    assert 2 * WINDOW_SECONDS < seconds <= REMEMBERED_SECONDS


async def test_without_redis_nothing_is_accepted() -> None:
    nowhere: Redis = Redis(host="127.0.0.1", port=1, socket_connect_timeout=1)
    with pytest.raises(redis.exceptions.ConnectionError) as caught:
        await Nonces(nowhere).spend("hk_1", NONCE)
    assert unavailable_store(caught.value) is Store.REDIS
    await nowhere.aclose()

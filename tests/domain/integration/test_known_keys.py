"""A key is read once in five seconds, and its revocation is seen within them."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import event

from datasources.sealing import KeyRing, SealError
from datasources.stores import Stores
from domain.integration import known_keys
from domain.integration.keys import revoke_key
from domain.integration.known_keys import REMEMBERED_SECONDS, KnownKeys
from tests.domain.integration.hospitals import NOW, RING, new_key


class Watch:
    """A monotonic clock that stands until it is moved."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
async def queries(stores: Stores) -> AsyncIterator[list[str]]:
    """The statements that were sent to PostgreSQL and read integration keys."""
    seen: list[str] = []

    def before(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if "FROM integration_key" in statement:
            seen.append(statement)

    engine = stores.sql.engine.sync_engine
    event.listen(engine, "before_cursor_execute", before)
    yield seen
    event.remove(engine, "before_cursor_execute", before)


async def test_a_burst_costs_one_query(stores: Stores, queries: list[str]) -> None:
    key = await new_key(stores)
    known = KnownKeys(stores.sql, RING, monotonic=Watch())
    queries.clear()
    found = await asyncio.gather(*(known.find(key.key_id) for _ in range(100)))
    assert {entry.hospital_code for entry in found if entry} == {key.hospital_code}
    assert await known.find(key.key_id) is not None
    assert len(queries) == 1


async def test_an_unknown_key_is_remembered_too(stores: Stores, queries: list[str]) -> None:
    known = KnownKeys(stores.sql, RING, monotonic=Watch())
    assert [await known.find("hk_nobody") for _ in range(3)] == [None, None, None]
    assert len(queries) == 1


async def test_a_revocation_is_seen_after_five_seconds_at_most(stores: Stores) -> None:
    watch = Watch()
    key = await new_key(stores)
    known = KnownKeys(stores.sql, RING, monotonic=watch)
    await known.find(key.key_id)
    async with stores.sql.unit_of_work() as session:
        await revoke_key(session, key.key_id, NOW)
    watch.seconds += REMEMBERED_SECONDS
    found = await known.find(key.key_id)
    assert found is not None
    assert found.revoked


async def test_the_process_that_revokes_forgets_at_once(stores: Stores) -> None:
    key = await new_key(stores)
    known = KnownKeys(stores.sql, RING, monotonic=Watch())
    await known.find(key.key_id)
    async with stores.sql.unit_of_work() as session:
        await revoke_key(session, key.key_id, NOW)
    known.forget(key.key_id)
    found = await known.find(key.key_id)
    assert found is not None
    assert found.revoked


async def test_invented_ids_push_no_real_key_out(
    stores: Stores, queries: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(known_keys, "MOST_REMEMBERED", 3)
    key = await new_key(stores)
    known = KnownKeys(stores.sql, RING, monotonic=Watch())
    await known.find(key.key_id)
    for number in range(10):
        await known.find(f"hk_invented_{number}")
    queries.clear()
    assert await known.find(key.key_id) is not None
    assert queries == []
    await known.find("hk_invented_0")
    assert len(queries) == 1, "the oldest invented id is forgotten: memory has a bound"


async def test_a_reader_that_gives_up_does_not_stop_the_others(stores: Stores) -> None:
    key = await new_key(stores)
    known = KnownKeys(stores.sql, RING)
    readers = [asyncio.create_task(known.find(key.key_id)) for _ in range(5)]
    await asyncio.sleep(0)
    readers[0].cancel()
    found = await asyncio.gather(*readers, return_exceptions=True)
    assert isinstance(found[0], asyncio.CancelledError)
    assert all(isinstance(entry, known_keys.KnownKey) for entry in found[1:])


async def test_another_root_key_is_a_fault_that_names_itself(stores: Stores) -> None:
    key = await new_key(stores)
    known = KnownKeys(stores.sql, KeyRing.of(bytes(32)))
    with pytest.raises(SealError, match="root key is not the one"):
        await known.find(key.key_id)

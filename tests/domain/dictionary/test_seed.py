import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from urllib.parse import urlsplit

import pytest
from sqlalchemy import text

from datasources.sql.database import Database
from datasources.sql.dictionary import Dictionary, DictItem
from datasources.stores import Stores
from domain.dictionary.seed import ensure_dictionary, shipped_items
from server.embedded.data_lock import Endpoints
from server.migrate import migrate

DATABASE = "dictionary_seed"


@pytest.fixture
async def empty(stores: Stores, endpoints: Endpoints) -> AsyncIterator[Stores]:
    """Stores whose PostgreSQL is a new database without a dictionary."""
    creating = stores.sql.engine.execution_options(isolation_level="AUTOCOMMIT")
    async with creating.connect() as connection:
        await connection.execute(text(f"CREATE DATABASE {DATABASE}"))
    url = urlsplit(endpoints.database_url)._replace(path=f"/{DATABASE}").geturl()
    await migrate(url)
    fresh = replace(stores, sql=Database(url, pool_size=8))
    yield fresh
    await fresh.sql.close()
    async with creating.connect() as connection:
        await connection.execute(text(f"DROP DATABASE {DATABASE}"))


async def everything_in(stores: Stores) -> dict[int, DictItem]:
    async with stores.sql.read() as session:
        dictionary = Dictionary(session)
        return await dictionary.by_ids(await dictionary.ids())


async def test_the_first_start_stores_all_and_the_second_nothing(empty: Stores) -> None:
    shipped = {item.id: item.model_dump() for _, item in shipped_items()}
    assert await ensure_dictionary(empty.sql) == len(shipped)
    assert {id: item.model_dump() for id, item in (await everything_in(empty)).items()} == shipped
    assert await ensure_dictionary(empty.sql) == 0


async def test_several_processes_may_start_at_once(empty: Stores) -> None:
    await asyncio.gather(*(ensure_dictionary(empty.sql) for _ in range(6)))
    assert len(await everything_in(empty)) == len(list(shipped_items()))


async def test_what_an_administrator_changed_stays_changed(empty: Stores) -> None:
    await ensure_dictionary(empty.sql)
    async with empty.sql.engine.begin() as connection:
        await connection.execute(text("UPDATE dict_item SET name = '京' WHERE id = 110000"))
        await connection.execute(text("DELETE FROM dict_item WHERE id = 110101"))
    assert await ensure_dictionary(empty.sql) == 1
    items = await everything_in(empty)
    assert (items[110000].name, items[110101].name) == ("京", "东城区")


async def test_a_list_that_an_administrator_made_anew_is_not_doubled(empty: Stores) -> None:
    async with empty.sql.unit_of_work() as session:
        session.add(DictItem(id=9_000_000, name="医院等级", value="hostype", dict_code="hostype"))
    await ensure_dictionary(empty.sql)
    items = await everything_in(empty)
    assert 2 not in items
    assert [item for item in items.values() if item.parent_id == 2] == []

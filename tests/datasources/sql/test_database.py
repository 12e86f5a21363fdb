import asyncio
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest
from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from datasources.faults import Store, unavailable_store
from datasources.sql import database
from datasources.sql.database import Database, fetch
from server.embedded.data_lock import Endpoints


@pytest.fixture
async def own(endpoints: Endpoints) -> AsyncIterator[Database]:
    """A pool of one connection, so that each read gets the one before."""
    own = Database(endpoints.database_url, pool_size=1)
    yield own
    await own.close()


async def backend(own: Database) -> int:
    async with own.read() as session:
        pid: int = await scalar(session, "SELECT pg_backend_pid()")
        return pid


async def scalar(session: AsyncSession, query: str) -> Any:
    return await (await session.connection()).scalar(text(query))


async def end(endpoints: Endpoints, pid: int) -> None:
    administrator = await asyncpg.connect(endpoints.database_url)
    await administrator.execute("SELECT pg_terminate_backend($1, 5000)", pid)
    await administrator.close()


async def test_a_connection_is_used_again(own: Database) -> None:
    assert await backend(own) == await backend(own)


async def test_a_connection_that_the_server_closed_is_replaced_unnoticed(own: Database, endpoints: Endpoints) -> None:
    first = await backend(own)
    await end(endpoints, first)
    assert await backend(own) != first
    async with own.unit_of_work() as session:
        assert await scalar(session, "SELECT 1") == 1


async def test_a_connection_that_was_idle_for_long_is_tried_first(
    own: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await backend(own)
    monkeypatch.setattr(database, "TRUSTED_IDLE_SECONDS", -1.0)
    assert await backend(own) == first

    # A server that vanished without a word: nobody knows until somebody asks.
    def unanswered(_connection: object) -> None:
        raise ConnectionError("no route to host")

    async with own.engine.connect() as connection:
        adapted = (await connection.get_raw_connection()).dbapi_connection
    monkeypatch.setattr(type(adapted), "ping", unanswered)
    monkeypatch.setattr(database, "TRUSTED_IDLE_SECONDS", 0.0)
    assert await backend(own) != first


async def test_a_read_needs_no_transaction_and_a_unit_of_work_has_one(own: Database) -> None:
    # In a transaction time stands still.
    async with own.read() as session:
        assert await scalar(session, "SELECT now()") != await scalar(session, "SELECT now()")
    async with own.unit_of_work() as session:
        assert await scalar(session, "SELECT now()") == await scalar(session, "SELECT now()")


async def test_work_after_a_read_on_the_same_connection_is_undone_as_a_whole(own: Database) -> None:
    first = await backend(own)
    with pytest.raises(ZeroDivisionError):
        await work_that_fails(own, first)
    async with own.read() as session:
        assert await scalar(session, "SELECT to_regclass('never_made') IS NULL")


async def work_that_fails(own: Database, pid: int) -> None:
    async with own.unit_of_work() as session:
        await (await session.connection()).execute(text("CREATE TABLE never_made (id int)"))
        assert await scalar(session, "SELECT pg_backend_pid()") == pid
        raise ZeroDivisionError


async def test_a_statement_by_the_driver_alone_commits_by_itself_and_gives_its_connection_back(own: Database) -> None:
    # The pool has one connection, so whoever kept it would make the next wait.
    first = await backend(own)
    [[pid]] = await own.fetch("SELECT pg_backend_pid() WHERE $1::int = 1", 1)
    assert pid == first
    with pytest.raises(asyncpg.DivisionByZeroError):
        await own.fetch("SELECT 1 / 0")
    await own.fetch("CREATE TABLE made_by_the_driver (id int)")
    async with own.read() as session:
        assert await scalar(session, "SELECT to_regclass('made_by_the_driver') IS NOT NULL")
    await own.fetch("DROP TABLE made_by_the_driver")


async def test_a_statement_by_the_driver_alone_survives_its_server(own: Database, endpoints: Endpoints) -> None:
    first = await backend(own)
    await end(endpoints, first)
    [[pid]] = await own.fetch("SELECT pg_backend_pid()")
    assert pid != first


async def test_a_connection_that_is_lost_between_two_statements_is_told_as_a_store_that_is_away(
    own: Database, endpoints: Endpoints
) -> None:
    async with own.read() as session:
        [[pid]] = await fetch(session, "SELECT pg_backend_pid()")
        await end(endpoints, pid)
        with pytest.raises(asyncpg.PostgresConnectionError) as lost:
            await fetch(session, "SELECT 1")
    assert unavailable_store(lost.value) is Store.POSTGRESQL


async def test_a_connection_that_the_server_is_about_to_close_goes_to_nobody(own: Database) -> None:
    with pytest.raises((asyncpg.AdminShutdownError, asyncpg.ConnectionDoesNotExistError)):
        await own.fetch("SELECT pg_terminate_backend(pg_backend_pid())")
    assert await own.fetch("SELECT 1")


async def test_wrong_arguments_are_no_store_that_is_away(own: Database) -> None:
    with pytest.raises(asyncpg.InterfaceError) as mistake:
        await own.fetch("SELECT $1::int", 1, 2)
    assert unavailable_store(mistake.value) is None


async def test_a_statement_that_nobody_waits_for_any_more_gives_its_connection_back(own: Database) -> None:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await own.fetch("SELECT pg_sleep(30)")
    assert await own.fetch("SELECT 1")

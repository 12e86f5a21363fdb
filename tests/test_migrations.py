"""The migrations make exactly the tables that the code declares, however many processes start at once."""

import asyncio
import re
import sys
from collections.abc import AsyncIterator

import asyncpg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import CheckConstraint, Connection, inspect
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from datasources.sql.database import asyncpg_url
from datasources.sql.tables import METADATA
from server.embedded.data_lock import Endpoints
from server.migrate import MIGRATIONS, migrate

PROCESSES = 4


@pytest.fixture
async def empty_database(endpoints: Endpoints) -> AsyncIterator[str]:
    """The URL of a database without tables."""
    connection = await asyncpg.connect(endpoints.database_url)
    await connection.execute("DROP DATABASE IF EXISTS migrations_try")
    await connection.execute("CREATE DATABASE migrations_try")
    yield endpoints.database_url.rpartition("/")[0] + "/migrations_try"
    await connection.execute("DROP DATABASE migrations_try WITH (FORCE)")
    await connection.close()


def test_the_migrations_form_one_line() -> None:
    assert len(ScriptDirectory(str(MIGRATIONS)).get_heads()) == 1


async def test_the_migrated_tables_are_the_declared_ones(empty_database: str) -> None:
    await migrate(empty_database)

    engine = create_async_engine(asyncpg_url(empty_database), poolclass=NullPool)
    async with engine.connect() as connection:
        differences = await connection.run_sync(_differences)
    await engine.dispose()

    assert differences == []


async def test_processes_that_start_together_migrate_once(empty_database: str) -> None:
    program = "import asyncio, sys; from server.migrate import migrate; asyncio.run(migrate(sys.argv[1]))"
    processes = [
        await asyncio.create_subprocess_exec(sys.executable, "-c", program, empty_database) for _ in range(PROCESSES)
    ]

    assert [await process.wait() for process in processes] == [0] * PROCESSES

    connection = await asyncpg.connect(empty_database)
    assert await connection.fetchval("SELECT count(*) FROM alembic_version") == 1
    await connection.close()


def _differences(connection: Connection) -> list[object]:
    context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
    return [*compare_metadata(context, METADATA), *_check_differences(connection)]


def _check_differences(connection: Connection) -> list[object]:
    """Alembic does not compare checks. PostgreSQL prints them in its own words, so their words are compared."""
    found: list[object] = []
    for table in METADATA.sorted_tables:
        declared = {
            str(check.name): _words(str(check.sqltext))
            for check in table.constraints
            if isinstance(check, CheckConstraint)
        }
        migrated = {
            str(check["name"]): _words(check["sqltext"])
            for check in inspect(connection).get_check_constraints(table.name)
        }
        if declared.keys() != migrated.keys():
            found.append((table.name, declared.keys() ^ migrated.keys()))
        found += [(name, declared[name], migrated[name]) for name in declared if declared[name] != migrated.get(name)]
    return found


def _words(expression: str) -> list[str]:
    plain = re.sub(r"::[a-z]+( varying)?(\[\])?|[()\[\],]|\b(ANY|ARRAY|IN)\b|=(?= *ANY)", " ", expression)
    return sorted(plain.replace("=  ", " ").split())

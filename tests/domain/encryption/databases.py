"""A database of a test's own, so that its keys are nobody else's."""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

from datasources.sql.database import Database
from server.migrate import migrate


@asynccontextmanager
async def own_database(server_url: str) -> AsyncIterator[tuple[str, Database]]:
    """The URL of a migrated, empty database and a pool on it."""
    name = f"keys_{secrets.token_hex(4)}"
    connection = await asyncpg.connect(server_url)
    await connection.execute(f"CREATE DATABASE {name}")
    url = f"{server_url.rpartition('/')[0]}/{name}"
    await migrate(url)
    database = Database(url, pool_size=4)
    yield url, database
    await database.close()
    await connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
    await connection.close()

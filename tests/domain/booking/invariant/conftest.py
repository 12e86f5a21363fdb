"""Stores of these tests' own: what other tests leave behind is not to be found here."""

import secrets
from collections.abc import AsyncIterator

import asyncpg
import pytest

from datasources.stores import Stores
from server.embedded.data_lock import Endpoints
from server.migrate import migrate


@pytest.fixture
async def urls(endpoints: Endpoints) -> AsyncIterator[dict[str, str]]:
    """The stores' addresses as settings."""
    name = f"invariant_{secrets.token_hex(4)}"
    connection = await asyncpg.connect(endpoints.database_url)
    await connection.execute(f"CREATE DATABASE {name}")
    mongo, _, options = endpoints.mongodb_url.partition("?")
    urls = {
        "DATABASE_URL": f"{endpoints.database_url.rpartition('/')[0]}/{name}",
        "MONGODB_URL": f"{mongo.rpartition('/')[0]}/{name}" + (f"?{options}" if options else ""),
        "REDIS_URL": endpoints.redis_url,
    }
    await migrate(urls["DATABASE_URL"])
    yield urls
    await connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
    await connection.close()


@pytest.fixture
async def stores(urls: dict[str, str]) -> AsyncIterator[Stores]:
    """Empty ones."""
    stores = Stores.at(database_url=urls["DATABASE_URL"], mongodb_url=urls["MONGODB_URL"], redis_url=urls["REDIS_URL"])
    await stores.catalogue.bind()
    yield stores
    await stores.catalogue.client.drop_database(stores.catalogue.database.name)
    await stores.close()

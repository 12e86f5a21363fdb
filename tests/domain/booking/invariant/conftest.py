"""Stores of these tests' own: what other tests leave behind is not to be found here."""

import secrets
from collections.abc import AsyncIterator

import asyncpg
import pytest

from datasources.stores import Stores
from server.embedded.data_lock import Endpoints
from server.migrate import migrate


@pytest.fixture
async def stores(endpoints: Endpoints) -> AsyncIterator[Stores]:
    """Empty ones."""
    name = f"invariant_{secrets.token_hex(4)}"
    connection = await asyncpg.connect(endpoints.database_url)
    await connection.execute(f"CREATE DATABASE {name}")
    url = f"{endpoints.database_url.rpartition('/')[0]}/{name}"
    await migrate(url)
    mongo, _, options = endpoints.mongodb_url.partition("?")
    mongodb_url = f"{mongo.rpartition('/')[0]}/{name}" + (f"?{options}" if options else "")
    stores = Stores.at(database_url=url, mongodb_url=mongodb_url, redis_url=endpoints.redis_url)
    await stores.catalogue.bind()
    yield stores
    await stores.catalogue.client.drop_database(name)
    await stores.close()
    await connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
    await connection.close()

"""Stores of the benchmark's own on the test's servers: other tests' hospitals would change its answer."""

import tempfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import asyncpg
import pytest

from datasources.stores import Stores
from domain.dictionary.seed import ensure_dictionary
from server.demo.filling import fill
from server.demo.hospitals import invented_hospitals
from server.embedded.data_lock import Endpoints
from server.migrate import migrate
from server.settings import Settings

HOSPITALS = 2
NAME = "htbooking_bench"


@pytest.fixture(scope="module")
async def bench_endpoints(endpoints: Endpoints) -> AsyncIterator[Endpoints]:
    """Databases with a few hospitals and nothing else."""
    own = replace(endpoints, database_url=_named(endpoints.database_url), mongodb_url=_named(endpoints.mongodb_url))
    administrator = await asyncpg.connect(endpoints.database_url)
    await administrator.execute(f"CREATE DATABASE {NAME}")
    await migrate(own.database_url)
    stores = Stores.at(database_url=own.database_url, mongodb_url=own.mongodb_url, redis_url=own.redis_url)
    await stores.catalogue.bind()
    await ensure_dictionary(stores.sql)
    await fill(stores, invented_hospitals(HOSPITALS), datetime.now(Settings().zone).date(), lambda _so_far: None)
    await stores.close()
    yield own
    await administrator.execute(f"DROP DATABASE {NAME} WITH (FORCE)")
    await administrator.close()


@pytest.fixture(scope="module")
async def empty_endpoints(endpoints: Endpoints) -> AsyncIterator[Endpoints]:
    """Databases with nothing in them."""
    name = f"{NAME}_empty"
    own = replace(
        endpoints, database_url=_named(endpoints.database_url, name), mongodb_url=_named(endpoints.mongodb_url, name)
    )
    administrator = await asyncpg.connect(endpoints.database_url)
    await administrator.execute(f"CREATE DATABASE {name}")
    yield own
    await administrator.execute(f"DROP DATABASE {name} WITH (FORCE)")
    await administrator.close()


@pytest.fixture(scope="module")
def bench_settings() -> Iterator[Settings]:
    """Settings with a data directory of the benchmark's own."""
    with tempfile.TemporaryDirectory(prefix="htbooking-bench-tests-") as directory:
        yield Settings(data_directory=Path(directory))


def _named(url: str, name: str = NAME) -> str:
    address, separator, query = url.partition("?")
    return f"{address.rpartition('/')[0]}/{name}{separator}{query}"

"""The embedded servers keep what they are given, come back after kill -9, and leave given servers alone."""

import asyncio
import os
import shutil
import signal
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest
from pymongo import AsyncMongoClient
from redis.asyncio import Redis

from server.embedded.data_lock import Endpoints, held_lock
from server.embedded.leftovers import read_pid
from server.embedded.ports import LOOPBACK
from server.embedded.servers import GivenUrls, embedded_servers

pytestmark = pytest.mark.servers


@pytest.fixture
def directory() -> Iterator[Path]:
    """A data directory that PostgreSQL's own user can reach."""
    made = Path(tempfile.mkdtemp(prefix="htbooking-servers-"))
    made.chmod(0o711)
    with held_lock(made):
        yield made
    shutil.rmtree(made)


async def write(endpoints: Endpoints, value: int) -> None:
    connection = await asyncpg.connect(endpoints.database_url)
    await connection.execute("CREATE TABLE IF NOT EXISTS kept (value int)")
    await connection.execute("INSERT INTO kept VALUES ($1)", value)
    await connection.close()
    async with (
        AsyncMongoClient[dict[str, int]](endpoints.mongodb_url) as client,
        client.start_session() as session,
        # Which only a replica set has.
        await session.start_transaction(),
    ):
        await client.get_default_database()["kept"].insert_one({"value": value}, session=session)
    async with Redis.from_url(endpoints.redis_url) as redis:
        await redis.rpush("kept", value)


async def read(endpoints: Endpoints) -> tuple[list[int], list[int], list[int]]:
    connection = await asyncpg.connect(endpoints.database_url)
    rows = [row["value"] for row in await connection.fetch("SELECT value FROM kept ORDER BY value")]
    await connection.close()
    async with AsyncMongoClient[dict[str, int]](endpoints.mongodb_url) as client:
        documents = client.get_default_database()["kept"].find().sort("value")
        found = [document["value"] async for document in documents]
    async with Redis.from_url(endpoints.redis_url) as redis:
        values = [int(value) for value in await redis.lrange("kept", 0, -1)]
    return rows, found, values


async def test_data_and_addresses_outlive_a_restart_and_kill_9(directory: Path) -> None:
    reports: list[str] = []
    async with embedded_servers(directory) as first:
        await write(first, 1)

    async with embedded_servers(directory, report=reports.append) as second:
        assert second == first
        assert await read(second) == ([1], [1], [1])

        await write(second, 2)
        # Valkey writes its log each second; what it holds may be lost, but not in this test.
        await asyncio.sleep(1.2)
        reports.clear()
        for name in ("postgresql", "mongodb", "valkey"):
            pid = read_pid(directory / "run" / f"{name}.pid")
            assert pid is not None
            os.kill(pid, signal.SIGKILL)
        async with asyncio.timeout(30):
            while sum("is back" in line for line in reports) < 3:  # noqa: ASYNC110 - reports are a list, not an event
                await asyncio.sleep(0.05)

        assert await read(second) == ([1, 2], [1, 2], [1, 2])


async def test_a_taken_port_moves_the_replica_set(directory: Path) -> None:
    async with embedded_servers(directory, durable=False) as first:
        await write(first, 1)
    taken = int((directory / "run" / "mongodb.port").read_text())

    with socket.socket() as stranger:
        stranger.bind((LOOPBACK, taken))
        async with embedded_servers(directory, durable=False) as second:
            assert second.mongodb_url != first.mongodb_url
            await write(second, 2)
            assert (await read(second))[1] == [1, 2]


async def test_a_given_server_is_used_and_nothing_started(directory: Path) -> None:
    given = GivenUrls("postgresql://there/db", "mongodb://there/db", "redis://there/0")

    async with embedded_servers(directory, given) as endpoints:
        assert endpoints == Endpoints("postgresql://there/db", "mongodb://there/db", "redis://there/0")

    assert list((directory / "run").iterdir()) == []

"""No process works with keys that are not the database's; one that cannot tell yet goes on asking."""

import asyncio
import base64
import os
import sys
from pathlib import Path

import pytest
from pydantic import SecretStr

from datasources.sealing import KeyRing
from datasources.sql.database import Database
from domain.encryption.canary import check_ring
from server.app import create_app
from server.embedded.data_lock import Endpoints
from server.key_check import KeyCheck, WrongKeyError
from server.settings import Settings
from tests.domain.encryption.databases import own_database

OURS, ANOTHER = bytes(range(32)), bytes(range(1, 33))


async def test_a_wrong_key_is_refused_and_a_right_one_passes(endpoints: Endpoints) -> None:
    async with own_database(endpoints.database_url) as (_, database):
        assert await KeyCheck(database, KeyRing.of(OURS)).try_once()
        with pytest.raises(WrongKeyError, match=r"docs/encryption\.md"):
            await KeyCheck(database, KeyRing.of(ANOTHER)).until_answered()


async def test_the_application_does_not_start_with_a_wrong_key(settings: Settings, endpoints: Endpoints) -> None:
    async with own_database(endpoints.database_url) as (url, database):
        await check_ring(database, KeyRing.of(OURS))
        other = SecretStr(base64.b64encode(ANOTHER).decode())
        app = create_app(settings.model_copy(update={"database_url": SecretStr(url), "root_key": other}))
        with pytest.raises(WrongKeyError):
            async with app.router.lifespan_context(app):
                pass


@pytest.mark.parametrize("verb", ["serve", "worker", "migrate", "rotate-keys"])
async def test_every_process_says_so_in_one_line(endpoints: Endpoints, tmp_path: Path, verb: str) -> None:
    async with own_database(endpoints.database_url) as (url, database):
        await check_ring(database, KeyRing.of(OURS))
        environment = os.environ | {
            "DATABASE_URL": url,
            "MONGODB_URL": endpoints.mongodb_url,
            "REDIS_URL": endpoints.redis_url,
            "ROOT_KEY": base64.b64encode(ANOTHER).decode(),
            "DATA_DIRECTORY": str(tmp_path),
            "PORT": "0",
        }
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "server", verb, env=environment, stderr=asyncio.subprocess.PIPE
        )
        _, complaint = await asyncio.wait_for(process.communicate(), 30)
        assert process.returncode == 1
        assert "not the keys of this database" in complaint.decode()
        assert "Traceback" not in complaint.decode()


async def test_a_database_that_is_down_or_empty_is_asked_again(endpoints: Endpoints) -> None:
    down = Database("postgresql://nobody:secret@127.0.0.1:1/none", pool_size=1)
    assert not await KeyCheck(down, KeyRing.of(OURS)).try_once()
    await down.close()
    async with own_database(endpoints.database_url) as (_, database):
        connection = await database.engine.connect()
        await connection.exec_driver_sql("ALTER TABLE key_canary RENAME TO elsewhere")
        await connection.commit()
        check = KeyCheck(database, KeyRing.of(OURS))
        assert not await check.try_once()
        waiting = asyncio.create_task(check.until_answered())
        await connection.exec_driver_sql("ALTER TABLE elsewhere RENAME TO key_canary")
        await connection.commit()
        await connection.close()
        await asyncio.wait_for(waiting, 10)


async def test_closing_ends_the_asking() -> None:
    down = Database("postgresql://nobody:secret@127.0.0.1:1/none", pool_size=1)
    closing = asyncio.Event()
    asking = asyncio.create_task(KeyCheck(down, KeyRing.of(OURS)).end_process_if_wrong(closing))
    await asyncio.sleep(0.05)
    closing.set()
    await asyncio.wait_for(asking, 5)
    await down.close()

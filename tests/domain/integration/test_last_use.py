"""The last use is noted once a minute, in the background, and harms nobody when it fails."""

from datetime import datetime, timedelta

import pytest
import structlog.testing

from datasources.sql.database import Database
from datasources.sql.integration_key import IntegrationKeys
from datasources.stores import Stores
from domain.integration.last_use import LastUses
from tests.domain.integration.hospitals import NOW, new_key


async def last_use(stores: Stores, key_id: str) -> datetime | None:
    async with stores.sql.read() as session:
        row = await IntegrationKeys(session).get(key_id)
    assert row is not None
    return row.last_used_at


@pytest.mark.parametrize("processes", [1, 2])
async def test_a_use_is_noted_once_a_minute(stores: Stores, processes: int) -> None:
    key = await new_key(stores)
    each = [LastUses(stores.sql) for _ in range(processes)]
    for seconds, expected in [(0, 0), (59, 0), (60, 60), (61, 60), (119, 60), (3600, 3600)]:
        for last_uses in each:
            last_uses.note(key.key_id, NOW + timedelta(seconds=seconds))
            await last_uses.settle()
        assert await last_use(stores, key.key_id) == NOW + timedelta(seconds=expected), f"after {seconds} s"


async def test_a_later_note_is_never_overwritten_by_an_earlier_one(stores: Stores) -> None:
    key = await new_key(stores)
    for moment in (NOW, NOW - timedelta(seconds=90)):
        slow = LastUses(stores.sql)
        slow.note(key.key_id, moment)
        await slow.settle()
    assert await last_use(stores, key.key_id) == NOW


async def test_a_note_that_fails_is_logged_and_dropped() -> None:
    nowhere = Database("postgresql://nobody@127.0.0.1:1/nothing", pool_size=1)
    last_uses = LastUses(nowhere)
    with structlog.testing.capture_logs() as logs:
        last_uses.note("hk_1", NOW)
        await last_uses.settle()
    assert [entry["log_level"] for entry in logs] == ["warning"]
    assert logs[0]["task"] == "last use of hk_1"
    await nowhere.close()

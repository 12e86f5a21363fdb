"""Live subscriptions when something breaks: Redis dies, a credential ends."""

from pathlib import Path

from pydantic import SecretStr

from datasources.sql.sign_in_session import EndReason
from datasources.stores import Stores
from domain.identity.accounts import Account, Origin
from domain.identity.sessions import end_all_sessions
from server.settings import Settings
from tests.booking import new_bookers
from tests.server.websocket.client import client
from tests.server.websocket.test_credential_ends import ENDED, own_valkey
from tests.server.websocket.test_live import figures
from tests.server.websocket.test_platform import Served, here, served
from tests.server.websocket.watched import new_department, remaining, until_remaining

__all__ = ["here"]


async def test_a_subscriber_gets_the_final_state_whatever_becomes_of_redis(
    settings: Settings, stores: Stores, tmp_path: Path, logging_as_before: None
) -> None:
    async with own_valkey(tmp_path) as (redis_url, valkey):
        own = settings.model_copy(update={"redis_url": SecretStr(redis_url), "log_level": "ERROR"})
        assert settings.database_url is not None
        assert settings.mongodb_url is not None
        mine = Stores.at(
            database_url=settings.database_url.get_secret_value(),
            mongodb_url=settings.mongodb_url.get_secret_value(),
            redis_url=redis_url,
        )
        try:
            async with served(own, mine) as here, client(here.origin) as watcher:
                department = await new_department(here.platform)
                await watcher.initialise()
                await department.watch(watcher)
                assert remaining(await watcher.receive()) == [2_000]
                valkey.kill()
                await valkey.wait()
                await department.take("a")
                await department.take("a")
                await until_remaining(watcher, [1_998])
                async with own_valkey(tmp_path) as (again, _):
                    assert again == redis_url
                    await department.take("a")
                    await until_remaining(watcher, [1_997])
        finally:
            await mine.close()


async def test_a_session_that_ends_leaves_the_shared_stream_to_the_others(here: Served) -> None:
    department = await new_department(here.platform)
    one, other = await new_bookers(here.platform.stores, here.platform.ring, 2)
    async with client(here.origin) as ending, client(here.origin) as staying, client(here.origin) as visitor:
        await ending.initialise(authorization=f"Bearer {one.token}", acceptLanguage="en")
        await staying.initialise(authorization=f"Bearer {other.token}", acceptLanguage="en")
        await visitor.initialise(acceptLanguage="en")
        for watcher in (ending, staying, visitor):
            await department.watch(watcher)
            assert remaining(await watcher.receive()) == [2_000]
        assert (await figures(here))["htbooking_streams"] == 1

        async with here.platform.stores.sql.unit_of_work() as session:
            account = Account.of_user(one.user_key)
            await end_all_sessions(session, account, EndReason.ACCOUNT_LOCKED, Origin(here.platform.clock()))
        assert await ending.close_code() == ENDED

        await department.take("a")
        assert remaining(await staying.receive()) == [1_999]
        assert remaining(await visitor.receive()) == [1_999]


async def test_the_stream_ends_with_the_last_who_leaves(here: Served) -> None:
    department = await new_department(here.platform)
    async with client(here.origin) as first, client(here.origin) as second:
        for watcher in (first, second):
            await watcher.initialise()
            await department.watch(watcher)
            assert remaining(await watcher.receive()) == [2_000]
        await first.send("complete", id="1")
        await department.take("a")
        assert remaining(await second.receive()) == [1_999]
        await second.send("complete", id="1")
        # What is answered after it was done after it.
        await second.subscribe("{ __typename }", id="2")
        assert [(await second.receive())["type"] for _ in range(2)] == ["next", "complete"]
        assert (await figures(here))["htbooking_streams"] == 0
        await department.watch(second)
        assert remaining(await second.receive()) == [1_999]

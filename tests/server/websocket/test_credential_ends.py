"""An open connection ends with what let it in: a locked account, a revoked key, heard of at once or found out later."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

from pydantic import SecretStr

from datasources.stores import Stores
from domain.integration.keys import IssuedKey, issue_key, revoke_key
from domain.permissions import Role
from htbooking_hospital import fresh_nonce, sign
from server.embedded.ports import remembered_ports
from server.embedded.valkey import Valkey
from server.settings import Settings
from tests.platform import Platform
from tests.server.websocket.client import PATIENCE_SECONDS, Client, client
from tests.server.websocket.test_platform import Served, here, served
from tests.wechat import WaitingPage, linked, someone

WATCH = "subscription ($ticket: ID!) { weChatSignIn(ticketId: $ticket) { status } }"
LOCK_USER = "mutation ($id: ID!) { lockUser(input: {id: $id}) { __typename } }"
LOCK_STAFF = "mutation ($id: ID!) { lockStaff(input: {id: $id}) { __typename } }"
REVOKE_KEY = "mutation ($id: String!) { revokeIntegrationKey(input: {keyId: $id}) { __typename } }"
ROTATE_KEY = "mutation ($id: String!) { rotateIntegrationKey(input: {keyId: $id, overlapHours: 1}) { __typename } }"
ENDED = (4401, "SESSION_ENDED: session ended")
REVOKED = (4401, "KEY_REVOKED: the integration key was revoked")

__all__ = ["here"]


async def watching(caller: Client, platform: Platform) -> WaitingPage:
    """A connection with a subscription that waits for WeChat."""
    page = await WaitingPage.of(platform)
    await caller.subscribe(WATCH, variables={"ticket": page.ticket})
    assert (await caller.receive())["payload"] == {"data": {"weChatSignIn": {"status": "WAITING"}}}
    return page


async def signed(served: Served, caller: Client) -> IssuedKey:
    """A connection of a hospital's system, and the key that opened it."""
    hospital = await served.platform.new_hospital()
    async with served.platform.stores.sql.unit_of_work() as session:
        key = await issue_key(session, served.platform.ring, hospital.code, "")
    now = int(served.platform.clock().timestamp())
    header = sign(key.key_id, key.secret.get_secret_value(), "GET", "/graphql", b"", now, fresh_nonce())
    await caller.initialise(authorization=header, acceptLanguage="en")
    return key


async def test_the_waiting_page_is_told_each_step_over_a_socket(here: Served) -> None:
    person = someone()
    await linked(here.platform, person)
    async with client(here.origin) as caller:
        await caller.initialise()
        page = await watching(caller, here.platform)
        question = await page.phone.scan(page.url, person)
        assert (await caller.receive())["payload"]["data"]["weChatSignIn"]["status"] == "SCANNED"
        await page.phone.decide(question)
        assert (await caller.receive())["payload"]["data"]["weChatSignIn"]["status"] == "CONFIRMED"
        assert (await caller.receive())["type"] == "complete"
        assert (await page.finish())["__typename"] == "SignedIn"


async def test_locking_a_user_ends_the_open_subscription_at_once(here: Served) -> None:
    administrator = await here.platform.new_staff(Role.PLATFORM_ADMINISTRATOR)
    user, other = await here.platform.new_user(), await here.platform.new_user()
    async with client(here.origin) as caller, client(here.origin) as bystander:
        await caller.initialise(authorization=f"Bearer {user.token}", acceptLanguage="en")
        await bystander.initialise(authorization=f"Bearer {other.token}")
        await watching(caller, here.platform)
        locked = await here.platform.data(LOCK_USER, {"id": user.id}, bearer=administrator.token)
        assert locked["lockUser"]["__typename"] == "UserLocked"
        assert await caller.close_code() == ENDED
        await bystander.subscribe("{ __typename }")
        assert (await bystander.receive())["type"] == "next"


async def test_locking_a_staff_member_ends_the_open_subscription_at_once(here: Served) -> None:
    administrator = await here.platform.new_staff(Role.PLATFORM_ADMINISTRATOR)
    clerk = await here.platform.new_staff(Role.OPERATOR)
    async with client(here.origin) as caller:
        await caller.initialise(authorization=f"Bearer {clerk.token}", acceptLanguage="en")
        await watching(caller, here.platform)
        locked = await here.platform.data(LOCK_STAFF, {"id": clerk.id}, bearer=administrator.token)
        assert locked["lockStaff"]["__typename"] == "StaffLocked"
        assert await caller.close_code() == ENDED


async def test_revoking_a_key_ends_its_connections_at_once_and_no_others(here: Served) -> None:
    async with client(here.origin) as caller, client(here.origin) as bystander:
        key = await signed(here, caller)
        await signed(here, bystander)
        manager = await here.platform.new_staff(Role.HOSPITAL_MANAGER, hospital=key.hospital_code)
        revoked = await here.platform.data(REVOKE_KEY, {"id": key.key_id}, bearer=manager.token)
        assert revoked["revokeIntegrationKey"]["__typename"] == "IntegrationKeyRevoked"
        assert await caller.close_code() == REVOKED
        await bystander.subscribe("{ __typename }")
        assert (await bystander.receive())["type"] == "next"


async def test_the_connections_of_a_key_whose_place_was_taken_end_when_its_time_has_come(
    settings: Settings, stores: Stores, logging_as_before: None
) -> None:
    async with served(settings, stores, recheck_seconds=0.2) as here, client(here.origin) as caller:
        key = await signed(here, caller)
        manager = await here.platform.new_staff(Role.HOSPITAL_MANAGER, hospital=key.hospital_code)
        old = key.key_id
        rotated = await here.platform.data(ROTATE_KEY, {"id": old}, bearer=manager.token)
        assert rotated["rotateIntegrationKey"]["__typename"] == "TooManyKeys", "there is another"
        others = await here.platform.data("{ integrationKeys { keyId } }", bearer=manager.token)
        [other] = [each["keyId"] for each in others["integrationKeys"] if each["keyId"] != old]
        await here.platform.data(REVOKE_KEY, {"id": other}, bearer=manager.token)
        rotated = await here.platform.data(ROTATE_KEY, {"id": old}, bearer=manager.token)
        assert rotated["rotateIntegrationKey"]["__typename"] == "IntegrationKeyIssued"
        await caller.subscribe("{ __typename }")
        assert (await caller.receive())["type"] == "next"
        here.platform.clock.now += timedelta(hours=1)
        assert (await caller.receive())["type"] == "complete"
        assert await caller.close_code() == REVOKED


@asynccontextmanager
async def own_valkey(directory: Path) -> AsyncIterator[tuple[str, asyncio.subprocess.Process]]:
    """A Valkey that a test may kill: its address and its process."""
    [port] = await asyncio.to_thread(remembered_ports, [directory / "port"])
    valkey = Valkey(directory, durable=False)
    await valkey.prepare()
    program = valkey.program(port)
    process = await asyncio.create_subprocess_exec(*program.arguments, stdout=asyncio.subprocess.DEVNULL)
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not await program.ready():  # noqa: ASYNC110 - a server tells nobody when it is ready
                await asyncio.sleep(0.02)
        yield valkey.url(port), process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def test_a_lock_that_redis_never_tells_of_is_found_out_by_the_recheck(
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
            async with (
                served(own, mine, recheck_seconds=0.2) as here,
                client(here.origin) as of_user,
                client(here.origin) as of_hospital,
                client(here.origin) as bystander,
            ):
                administrator = await here.platform.new_staff(Role.PLATFORM_ADMINISTRATOR)
                user = await here.platform.new_user()
                await of_user.initialise(authorization=f"Bearer {user.token}", acceptLanguage="en")
                await bystander.initialise(authorization=f"Bearer {(await here.platform.new_user()).token}")
                key = await signed(here, of_hospital)
                valkey.kill()
                await valkey.wait()
                locked = await here.platform.data(LOCK_USER, {"id": user.id}, bearer=administrator.token)
                assert locked["lockUser"]["__typename"] == "UserLocked"
                assert await of_user.close_code() == ENDED
                async with mine.sql.unit_of_work() as session:
                    await revoke_key(session, key.key_id, here.platform.clock())
                assert await of_hospital.close_code() == REVOKED
                await bystander.subscribe("{ __typename }")
                assert (await bystander.receive())["type"] == "next"
        finally:
            await mine.close()

"""The platform's own application over WebSockets: who calls, and when their connection ends."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx
import pytest

from datasources.cache.session_ends import CHANNEL
from datasources.sealing import KeyRing
from datasources.sql.sign_in_session import EndReason
from datasources.stores import Stores
from domain.identity.access_tokens import ACCESS_LIFETIME
from domain.identity.accounts import Account, Origin
from domain.identity.sessions import end_all_sessions
from domain.integration.keys import issue_key
from htbooking_hospital import fresh_nonce, sign
from server.app import create_app
from server.root_key import root_key
from server.settings import Settings
from server.websocket.revocation import RECHECK_SECONDS
from tests.platform import Platform, SettableClock
from tests.server.http.front_door import listening
from tests.server.websocket.client import PATIENCE_SECONDS, client


@dataclass
class Served:
    """The platform on a port."""

    origin: str
    platform: Platform


@asynccontextmanager
async def served(
    settings: Settings, stores: Stores, *, recheck_seconds: float = RECHECK_SECONDS
) -> AsyncIterator[Served]:
    """The platform's application on a port of its own."""
    clock = SettableClock()
    app = create_app(settings, clock=clock, recheck_seconds=recheck_seconds)
    async with (
        listening(app, lifespan=True) as origin,
        httpx.AsyncClient(transport=httpx.ASGITransport(app)) as http,
    ):
        await _until_somebody_listens(stores)
        yield Served(origin, Platform(http, stores, KeyRing.of(root_key(settings)), clock))


async def _until_somebody_listens(stores: Stores) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not dict(await stores.redis.pubsub_numsub(CHANNEL)).get(CHANNEL.encode()):  # noqa: ASYNC110
            await asyncio.sleep(0.02)


@pytest.fixture
async def here(settings: Settings, stores: Stores, logging_as_before: None) -> AsyncIterator[Served]:
    """The served platform."""
    async with served(settings, stores) as here:
        yield here


async def _end_sessions(here: Served, account: Account) -> None:
    async with here.platform.stores.sql.unit_of_work() as session:
        await end_all_sessions(session, account, EndReason.ACCOUNT_LOCKED, Origin(here.platform.clock()))


async def test_a_visitor_reads_the_catalogue(here: Served) -> None:
    async with client(here.origin) as caller:
        await caller.initialise()
        await caller.subscribe("{ __typename }")
        assert (await caller.receive())["payload"] == {"data": {"__typename": "Query"}}


async def test_a_token_in_connection_init_says_who_calls(here: Served) -> None:
    staff = await here.platform.new_staff()
    async with client(here.origin) as caller:
        await caller.initialise(authorization=f"Bearer {staff.token}")
        await caller.subscribe("{ __typename }")
        assert (await caller.receive())["type"] == "next"


async def test_an_expired_token_closes_with_4401(here: Served) -> None:
    staff = await here.platform.new_staff()
    async with client(here.origin) as caller:
        await caller.initialise(authorization=f"Bearer {staff.token}", acceptLanguage="en")
        here.platform.clock.now += ACCESS_LIFETIME
        assert await caller.close_code() == (4401, "TOKEN_EXPIRED: token expired")


async def test_an_ended_session_closes_its_connections_at_once_and_no_others(here: Served) -> None:
    staff = await here.platform.new_staff()
    other = await here.platform.new_staff()
    async with client(here.origin) as caller, client(here.origin) as bystander:
        await caller.initialise(authorization=f"Bearer {staff.token}", acceptLanguage="en")
        await bystander.initialise(authorization=f"Bearer {other.token}")
        await _end_sessions(here, Account.of_staff(staff.key))
        assert await caller.close_code() == (4401, "SESSION_ENDED: session ended")
        await bystander.subscribe("{ __typename }")
        assert (await bystander.receive())["type"] == "next"


async def test_a_hospitals_signature_over_the_handshake_is_taken(here: Served) -> None:
    hospital = await here.platform.new_hospital()
    async with here.platform.stores.sql.unit_of_work() as session:
        key = await issue_key(session, here.platform.ring, hospital.code, "")
    now = int(here.platform.clock().timestamp())
    header = sign(key.key_id, key.secret.get_secret_value(), "GET", "/graphql", b"", now, fresh_nonce())
    async with client(here.origin) as caller:
        await caller.initialise(authorization=header)
        await caller.subscribe("{ __typename }")
        assert (await caller.receive())["type"] == "next"


async def test_the_listener_comes_back_after_redis_cut_it_off(here: Served) -> None:
    staff = await here.platform.new_staff()
    async with client(here.origin) as caller:
        await caller.initialise(authorization=f"Bearer {staff.token}")
        await here.platform.stores.redis.client_kill_filter(_type="pubsub")
        await _until_somebody_listens(here.platform.stores)
        await _end_sessions(here, Account.of_staff(staff.key))
        assert (await caller.close_code())[0] == 4401

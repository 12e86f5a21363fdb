"""kill -9 of either side in the middle of a push or an event stream: nothing is lost and nothing doubled."""

import asyncio
import os
import socket
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from sqlalchemy import text

from datasources.sealing import KeyRing
from datasources.stores import Stores
from domain.dictionary.seed import ensure_dictionary
from htbooking_hospital import Batch, BookingRule, Department, Hospital, HospitalEvent, Schedule
from server.root_key import root_key
from server.settings import Settings
from tests import HOSPITAL_PROGRAMS
from tests.booking import OpenSession, booked, new_bookers
from tests.chaos.house import RealClock, ToThePlatform
from tests.clients.hospital.served import Account, ServedPlatform, new_account, served_platform
from tests.platform import Hospital as KnownHospital
from tests.platform import Platform

PATIENCE_SECONDS = 90
ALL_DAY = BookingRule(cycle=10, release_time="00:00", stop_time="23:59")


async def prepared(account: Account) -> None:
    """Give it an entry and a department."""
    async with account.async_client() as client:
        await client.push_hospital(Hospital("河湾医院", booking_rule=ALL_DAY))
        await client.push_departments([Department("11", "心内科")])


async def counted(stores: Stores, account: Account) -> tuple[int, int, int]:
    """The hospital's sessions, the pushes that were taken, and those that still wait for MongoDB."""
    statement = text(
        "SELECT (SELECT count(*) FROM slot_ledger WHERE hospital_code = :code), count(*),"
        " count(*) FILTER (WHERE applied_at IS NULL) FROM catalogue_push WHERE hospital_code = :code"
    )
    async with stores.sql.read() as session:
        row = (await (await session.connection()).execute(statement, {"code": account.code})).one()
    return row[0], row[1], row[2]


# ---- the hospital's side is killed ----


@pytest.fixture
async def here(settings: Settings, stores: Stores, logging_as_before: None) -> AsyncIterator[ServedPlatform]:
    async with served_platform(settings, stores) as here:
        yield here


async def pushing(account: Account, count: int, batch_size: int) -> Process:
    """The push as a program of its own."""
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.clients.hospital.killed_push", str(count), str(batch_size)),
        env={"PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(HOSPITAL_PROGRAMS), **account.environment},
        stdout=PIPE,
    )


async def test_a_push_that_was_killed_is_made_again_and_taken_once(here: ServedPlatform, stores: Stores) -> None:
    account = await here.account()
    await prepared(account)
    async with asyncio.timeout(PATIENCE_SECONDS):
        for lines in (2, 5):
            process = await pushing(account, 1_500, 100)
            assert process.stdout is not None
            for _ in range(lines):
                assert await process.stdout.readline()
            process.kill()
            await process.communicate()
        process = await pushing(account, 1_500, 100)
        out, _ = await process.communicate()
    assert process.returncode == 0
    said = [line.split() for line in out.decode().splitlines()]
    assert [int(number) for number, _, _ in said] == list(range(1, 16))
    assert [created for _, created, _ in said] == ["100"] * 15
    assert [replayed for _, _, replayed in said][:5] == ["True"] * 5
    assert await counted(stores, account) == (1_500, 17, 0)


# ---- the platform is killed ----


class Api:
    """An API process on a port of its own, which is killed and started again."""

    def __init__(self, settings: Settings) -> None:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            self.port = listener.getsockname()[1]
        urls = {"database_url": settings.database_url, "mongodb_url": settings.mongodb_url}
        self._environment = {
            "PATH": os.environ["PATH"],
            "PORT": str(self.port),
            "DATA_DIRECTORY": str(settings.data_directory),
            **{name.upper(): url.get_secret_value() for name, url in urls.items() if url is not None},
            "REDIS_URL": settings.redis_url.get_secret_value() if settings.redis_url else "",
        }
        self._process: Process | None = None

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        """Start it, without waiting until it answers."""
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "server", "serve"), env=self._environment, stdout=DEVNULL, stderr=DEVNULL
        )

    async def kill(self) -> None:
        """SIGKILL."""
        assert self._process is not None
        self._process.kill()
        await self._process.wait()

    async def answers(self) -> None:
        """Wait until it does."""
        async with httpx.AsyncClient(trust_env=False) as client, asyncio.timeout(PATIENCE_SECONDS):
            while True:
                try:
                    if (await client.get(f"{self.origin}/readyz")).is_success:
                        return
                except httpx.TransportError:
                    pass
                await asyncio.sleep(0.05)


@asynccontextmanager
async def an_api(settings: Settings) -> AsyncIterator[Api]:
    """One that answers."""
    api = Api(settings)
    await api.start()
    try:
        await api.answers()
        yield api
    finally:
        await api.kill()


async def test_a_push_and_a_stream_go_on_over_the_platforms_death(settings: Settings, stores: Stores) -> None:
    await ensure_dictionary(stores.sql)
    async with an_api(settings) as api, httpx.AsyncClient(transport=ToThePlatform(api.origin), timeout=30) as http:
        platform = Platform(http, stores, KeyRing.of(root_key(settings)), RealClock())
        account = await new_account(platform, f"{api.origin}/graphql")
        await prepared(account)
        seen: list[HospitalEvent] = []
        first_call = asyncio.Event()

        async def follow() -> None:
            async with account.async_client() as client:
                async for event in client.events():
                    seen.append(event)
                    if len(seen) == 2:
                        return

        def note(batch: Batch) -> None:
            if batch.number == 2:
                first_call.set()

        async def push() -> int:
            day = (datetime.now(UTC) + timedelta(days=2)).date()
            sessions = (Schedule(f"k{number}", "11", day, "AM", 20, "9.67") for number in range(1_500))
            async with account.async_client() as client:
                return (await client.push_schedules(sessions, batch_size=50, on_batch=note)).created

        following, pushed = asyncio.create_task(follow()), asyncio.create_task(push())
        async with asyncio.timeout(PATIENCE_SECONDS):
            await first_call.wait()
            one, two = await new_bookers(stores, platform.ring, 2, now=platform.clock())
            session = OpenSession(KnownHospital(account.code, account.client()), "k1")
            await booked(platform, one, session)
            await api.kill()
            await api.start()
            assert await pushed == 1_500
            await booked(platform, two, session)
            await following
    assert [(event.sequence, event.kind) for event in seen] == [(1, "ORDER_PLACED"), (2, "ORDER_PLACED")]
    assert await counted(stores, account) == (1_500, 32, 0)

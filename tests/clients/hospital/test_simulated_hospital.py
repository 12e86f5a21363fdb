"""The simulated hospital at work on the whole platform, and killed in the middle of it."""

import ast
import asyncio
import os
import secrets
import sqlite3
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

import httpx
import pytest

from datasources.sql.hospital_account import BookingMode
from datasources.stores import Stores
from domain.booking.withdrawing import cancel_withdrawn
from server.settings import Settings
from simulated_hospital import page
from simulated_hospital.page import language_of
from tests import HOSPITAL_PROGRAMS
from tests.booking import OpenSession, booked, new_bookers
from tests.clients.hospital.served import Account, ServedPlatform, served_platform
from tests.platform import Hospital as KnownHospital

PATIENCE_SECONDS = 60


@pytest.fixture
async def here(settings: Settings, stores: Stores, logging_as_before: None) -> AsyncIterator[ServedPlatform]:
    async with served_platform(settings, stores) as here:
        yield here


async def started(account: Account, data: Path, *options: str) -> Process:
    """Its program, as `make up` starts it."""
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "simulated_hospital", "run", "--data", str(data), *options),
        env={"PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(HOSPITAL_PROGRAMS), **account.environment},
        stdout=DEVNULL,
        stderr=PIPE,
    )


@asynccontextmanager
async def running(account: Account, data: Path, *options: str) -> AsyncIterator[Process]:
    """It, until it is asked to stop."""
    process = await started(account, data, *options)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
        await process.communicate()


def rows(data: Path, query: str) -> list[tuple[Any, ...]]:
    """What its database holds; nothing before it is made."""
    if not data.exists():
        return []
    with closing(sqlite3.connect(data, timeout=30)) as connection:
        try:
            return connection.execute(query).fetchall()
        except sqlite3.OperationalError:
            return []


async def until(data: Path, query: str, *wanted: tuple[Any, ...]) -> None:
    """Wait until its database answers so."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while rows(data, query) != list(wanted):  # noqa: ASYNC110 - another process writes
            await asyncio.sleep(0.05)


async def offered(data: Path) -> str:
    """One of its sessions, some days ahead, once it has pushed all of them."""
    await until(data, "SELECT count(*) > 0 FROM push WHERE what = 'sessions'", (1,))
    [(id,)] = rows(data, "SELECT external_id FROM session ORDER BY date DESC, external_id LIMIT 1")
    return str(id)


async def test_it_pushes_confirms_gives_place_and_time_and_withdraws(here: ServedPlatform, tmp_path: Path) -> None:
    account, data = await here.account(BookingMode.CONFIRM), tmp_path / "his.sqlite"
    async with running(account, data):
        id = await offered(data)
        assert [refused for (refused,) in rows(data, "SELECT refused FROM push")] == [0] * 4
        [booker] = await new_bookers(here.platform.stores, here.platform.ring, 1, now=here.platform.clock())
        session = OpenSession(KnownHospital(account.code, account.client()), id)
        order = await booked(here.platform, booker, session)
        await until(data, "SELECT answer, state <> 'PENDING_HOSPITAL' FROM visit", ("SAID", 1))
        async with account.async_client() as client:
            confirmed = await client.order(order["id"])
    assert confirmed is not None
    assert (confirmed.record_id, confirmed.fetch_place) == ("MN00000001", "门诊楼 2 层自助机")
    assert confirmed.fetch_time is not None
    assert confirmed.fetch_time.date() == confirmed.date

    # While it was away nothing is lost; then the session with the order is the one to be withdrawn.
    async with running(account, data, "--withdraw-every", "0.2"):
        await until(data, f"SELECT withdrawal FROM session WHERE external_id = '{id}'", ("TOLD",))
        # What the worker does a moment later.
        now = here.platform.clock()
        await cancel_withdrawn(here.platform.stores.sql, now.date(), now)
        await until(data, "SELECT count(*) FROM event WHERE kind = 'ORDER_WITHDRAWN'", (1,))


async def test_killed_again_and_again_it_neither_loses_nor_doubles_anything(
    here: ServedPlatform, tmp_path: Path
) -> None:
    account, data = await here.account(), tmp_path / "his.sqlite"
    first = await started(account, data)
    # Killed while it pushes: whatever it had sent is the same push again.
    await until(data, "SELECT count(*) FROM push WHERE what = 'hospital'", (1,))
    first.kill()
    await first.communicate()

    process = await started(account, data)
    id = await offered(data)
    session = OpenSession(KnownHospital(account.code, account.client()), id)
    bookers = await new_bookers(here.platform.stores, here.platform.ring, 12, now=here.platform.clock())
    for number, booker in enumerate(bookers):
        await booked(here.platform, booker, session)
        if number % 3 == 0:
            process.kill()
            await process.communicate()
            process = await started(account, data)
    await until(data, "SELECT count(*) FROM visit WHERE answer = 'SAID'", (12,))
    process.terminate()
    await process.communicate()

    async with account.async_client() as client:
        events = [event async for event in client.event_log()]
        orders = [order async for order in client.orders()]
    assert rows(data, "SELECT sequence FROM event ORDER BY sequence") == [(event.sequence,) for event in events]
    assert [event.sequence for event in events] == list(range(1, len(events) + 1))
    kept = dict(rows(data, "SELECT order_id, record FROM visit"))
    assert {order.id: order.record_id for order in orders} == {id: f"MN{record:08d}" for id, record in kept.items()}
    assert sorted(kept.values()) == list(range(1, 13))


async def test_a_key_that_was_revoked_ends_it_and_says_so(here: ServedPlatform, tmp_path: Path) -> None:
    account = await here.account()
    wrong = Account(account.code, account.endpoint, "hk_00000000000000000000", secrets.token_urlsafe(32))
    process = await started(wrong, tmp_path / "his.sqlite")
    async with asyncio.timeout(PATIENCE_SECONDS):
        _, said = await process.communicate()
    assert process.returncode == 2
    assert "KEY_UNKNOWN" in said.decode()
    assert wrong.secret not in said.decode()


async def test_its_page_tells_what_there_is_in_both_languages(here: ServedPlatform, tmp_path: Path) -> None:
    account, data = await here.account(), tmp_path / "his.sqlite"
    async with running(account, data, "--port", "0", "--name", "湖<b>边") as process:
        assert process.stderr is not None
        async with asyncio.timeout(PATIENCE_SECONDS):
            address = (await process.stderr.readline()).decode().split()[-1]
        await offered(data)
        async with httpx.AsyncClient(trust_env=False) as visitor:
            chinese, english = await visitor.get(address), await visitor.get(address, params={"lang": "en"})
            nowhere = await visitor.get(f"{address}his.sqlite")
    assert '<html lang="zh-CN">' in chinese.text
    assert "模拟医院 · 湖&lt;b&gt;边" in chinese.text
    assert "Simulated hospital" in english.text
    assert "default-src 'none'" in english.headers["content-security-policy"]
    assert nowhere.status_code == 404
    assert (language_of("", "en-GB,en"), language_of("lang=zh", "en"), language_of("", "")) == (1, 0, 0)


def test_it_is_written_on_the_sdk_alone() -> None:
    imported: set[str] = set()
    for path in Path(page.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                imported |= {each.name.partition(".")[0] for each in node.names}
            elif isinstance(node, ast.ImportFrom):
                imported.add((node.module or "").partition(".")[0])
    assert imported - sys.stdlib_module_names == {"htbooking_hospital", "simulated_hospital"}

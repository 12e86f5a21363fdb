"""The SDK against the whole platform, over real connections."""

import asyncio
import re
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

import htbooking_hospital
from datasources.sql.hospital_account import BookingMode
from datasources.stores import Stores
from domain.integration.keys import issue_key, revoke_key
from htbooking_hospital import (
    BookingRule,
    Department,
    Hospital,
    InvalidInputError,
    KeyRefusedError,
    NotFoundError,
    OrderStateError,
    Schedule,
)
from server.settings import Settings
from tests.booking import OpenSession, booked, new_bookers
from tests.clients.hospital.served import Account, ServedPlatform, served_platform
from tests.platform import Hospital as KnownHospital
from tests.platform import Platform

SDK = Path(htbooking_hospital.__file__).parent.parent
ALL_DAY = BookingRule(cycle=10, release_time="00:00", stop_time="23:59")
PATIENCE_SECONDS = 60


@pytest.fixture
async def here(settings: Settings, stores: Stores, logging_as_before: None) -> AsyncIterator[ServedPlatform]:
    async with served_platform(settings, stores) as here:
        yield here


def session_of(platform: Platform, account: Account, id: str) -> OpenSession:
    """The session as the tests book in it."""
    return OpenSession(KnownHospital(account.code, account.client()), id)


def in_days(count: int) -> str:
    """A day that is bookable by any clock."""
    return (datetime.now(UTC) + timedelta(days=count)).date().isoformat()


async def test_an_order_is_followed_confirmed_acknowledged_and_found(here: ServedPlatform) -> None:
    account = await here.account(BookingMode.CONFIRM)
    async with account.async_client() as client:
        assert await client.push_hospital(Hospital("河湾医院", booking_rule=ALL_DAY)) == account.code
        await client.push_departments([Department("11", "心内科")])
        report = await client.push_schedules(Schedule(f"s{n}", "11", in_days(2), "AM", 20, "9.67") for n in range(3))
        assert (report.created, report.refused) == (3, [])

        one, two = await new_bookers(here.platform.stores, here.platform.ring, 2, now=here.platform.clock())
        session = session_of(here.platform, account, "s1")
        first = await booked(here.platform, one, session)
        events = client.events()
        async with asyncio.timeout(PATIENCE_SECONDS):
            placed = await anext(events)
        assert (placed.sequence, placed.kind, placed.order_id) == (1, "ORDER_PLACED", first["id"])
        assert (placed.fee, placed.external_id) == (Decimal("9.67"), "s1")

        at = datetime.fromisoformat(f"{in_days(2)}T09:00:00+08:00")
        order = await client.confirm_order(placed.order_id, record_id="r-1", fetch_time=at, fetch_place="2层")
        assert (order.state, order.record_id, order.fetch_time, order.fetch_place) == (
            "AWAITING_PAYMENT",
            "r-1",
            at,
            "2层",
        )
        second = await booked(here.platform, two, session)
        assert (await client.reject_order(second["id"], "设备检修")).state == "REJECTED"
        with pytest.raises(OrderStateError):
            await client.confirm_order(second["id"])
        async with asyncio.timeout(PATIENCE_SECONDS):
            rest = [await anext(events) for _ in range(3)]
        assert [each.kind for each in rest] == ["ORDER_CONFIRMED", "ORDER_PLACED", "ORDER_REJECTED"]
        await events.aclose()
        assert [event.sequence async for event in client.event_log(placed.cursor)] == [2, 3, 4]
        assert [await client.set_online(online) for online in (False, True)] == ["OFFLINE", "ONLINE"]
        found = [each async for each in client.orders(text=order.order_number)]
        assert found == [await client.order(order.id)] == [order]


async def test_what_was_missed_comes_after_a_reconnect_to_the_synchronous_client_too(here: ServedPlatform) -> None:
    account = await here.account()

    def prepare() -> None:
        with account.client() as client:
            client.push_hospital(Hospital("河湾医院", booking_rule=ALL_DAY))
            client.push_departments([Department("11", "心内科")])
            client.push_schedules([Schedule("s1", "11", in_days(2), "AM", 20, "9.67")])

    def next_event(after: str | None) -> tuple[int, str]:
        with account.client() as client:
            events = client.events(after)
            event = next(events)
            events.close()
            return event.sequence, event.cursor

    await asyncio.to_thread(prepare)
    session = session_of(here.platform, account, "s1")
    cursor = None
    for number, booker in enumerate(
        await new_bookers(here.platform.stores, here.platform.ring, 2, now=here.platform.clock())
    ):
        await booked(here.platform, booker, session)
        async with asyncio.timeout(PATIENCE_SECONDS):
            sequence, cursor = await asyncio.to_thread(next_event, cursor)
        assert sequence == number + 1


async def test_a_stream_goes_on_with_the_other_key_when_its_own_is_revoked(here: ServedPlatform) -> None:
    account, platform = await here.account(), here.platform
    [one, two] = await new_bookers(platform.stores, platform.ring, 2, now=platform.clock())
    async with account.async_client() as client:
        await client.push_hospital(Hospital("河湾医院", booking_rule=ALL_DAY))
        await client.push_departments([Department("11", "心内科")])
        await client.push_schedules([Schedule("s1", "11", in_days(2), "AM", 20, "9.67")])
        await booked(platform, one, session_of(platform, account, "s1"))
        events = client.events()
        async with asyncio.timeout(PATIENCE_SECONDS):
            assert (await anext(events)).sequence == 1
            async with platform.stores.sql.unit_of_work() as session:
                second = await issue_key(session, platform.ring, account.code, "second")
            client.use_key(second.key_id, second.secret.get_secret_value())
            async with platform.stores.sql.unit_of_work() as session:
                await revoke_key(session, account.key_id, platform.clock())
            await booked(platform, two, session_of(platform, account, "s1"))
            assert (await anext(events)).sequence == 2
            async with platform.stores.sql.unit_of_work() as session:
                await revoke_key(session, second.key_id, platform.clock())
            with pytest.raises(KeyRefusedError):
                await anext(events)


async def test_another_hospitals_orders_are_not_there(here: ServedPlatform) -> None:
    account, other = await here.account(), await here.account()
    for each in (account, other):
        async with each.async_client() as client:
            await client.push_hospital(Hospital("河湾医院", booking_rule=ALL_DAY))
            await client.push_departments([Department("11", "心内科")])
            await client.push_schedules([Schedule("s1", "11", in_days(2), "AM", 20, "9.67")])
    [booker] = await new_bookers(here.platform.stores, here.platform.ring, 1, now=here.platform.clock())
    order = await booked(here.platform, booker, session_of(here.platform, account, "s1"))
    async with other.async_client() as stranger:
        assert [each async for each in stranger.orders()] == []
        assert await stranger.order(order["id"]) is None
        for attempt in (
            stranger.acknowledge_order(order["id"], "mine"),
            stranger.reject_order(order["id"], "no"),
            stranger.mark_no_show(order["id"]),
            stranger.complete_order(order["id"]),
            stranger.check_in(order["orderNumber"]),
        ):
            with pytest.raises(NotFoundError):
                await attempt
        with pytest.raises(InvalidInputError, match="code"):
            await stranger.push_hospital(Hospital("河湾医院", code=account.code))


async def test_the_start_in_the_readme_runs(here: ServedPlatform) -> None:
    [start] = re.findall(r"```python\n(.*?)```", (SDK / "README.md").read_text("utf-8"), re.DOTALL)
    assert len(start.strip().splitlines()) <= 20
    account = await here.account()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", start),
        env={"PYTHONPATH": str(SDK), "PATH": "/usr/bin:/bin", "PYTHONUNBUFFERED": "1", **account.environment},
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    async with asyncio.timeout(PATIENCE_SECONDS):
        assert (await process.stdout.readline()).decode() == f"{account.code}: 1 new, 0 replaced, 0 refused\n"
        [booker] = await new_bookers(here.platform.stores, here.platform.ring, 1, now=here.platform.clock())
        # Tomorrow may not be released yet, and the stop of its rule passed: what the start has no say in.
        with account.client() as client:
            await asyncio.to_thread(client.push_hospital, Hospital("河湾医院", booking_rule=ALL_DAY))
        order = await booked(here.platform, booker, session_of(here.platform, account, "s1"))
        said = (await process.stdout.readline()).decode().split()
    process.kill()
    await process.wait()
    assert said[:3] == ["1", "ORDER_PLACED", order["orderNumber"]]

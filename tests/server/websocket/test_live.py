"""What can be taken, watched over real sockets."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import timedelta

import pytest

from datasources.stores import Stores
from server.settings import Settings
from tests.server.websocket.client import client
from tests.server.websocket.test_platform import Served, served
from tests.server.websocket.watched import DAY, SCHEDULE, new_department, remaining, until_remaining


@pytest.fixture
async def here(settings: Settings, stores: Stores, logging_as_before: None) -> AsyncIterator[Served]:
    """The served platform."""
    async with served(settings, stores) as here:
        yield here


async def figures(here: Served) -> dict[str, float]:
    """What the process tells of itself, but for what has labels."""
    page = (await here.platform.http.get("http://platform.test/metrics")).text
    lines = [line.split(" ") for line in page.splitlines() if not line.startswith("#") and "{" not in line]
    return {name: float(value) for name, value in lines}


async def test_a_visitor_gets_the_state_at_once_and_then_each_change(here: Served) -> None:
    department = await new_department(here.platform)
    async with client(here.origin) as watcher:
        await watcher.initialise()
        await department.watch(watcher)
        assert (await watcher.receive())["payload"] == {
            "data": {
                "slotAvailability": {
                    "days": [
                        {
                            "date": DAY.isoformat(),
                            "state": "AVAILABLE",
                            "remaining": 2_000,
                            "schedules": [{"externalId": "a", "state": "AVAILABLE", "remaining": 2_000}],
                        }
                    ]
                }
            }
        }
        await department.take("a")
        assert remaining(await watcher.receive()) == [1_999]
        await department.push("b", capacity=5)
        await until_remaining(watcher, [2_004])


async def test_one_session_is_watched_until_it_is_gone(here: Served) -> None:
    department = await new_department(here.platform)
    async with client(here.origin) as watcher:
        await watcher.initialise()
        await watcher.subscribe(SCHEDULE, variables={"h": department.hospital.code, "s": "a"})
        states = []
        states.append((await watcher.receive())["payload"]["data"]["scheduleAvailability"])
        await here.platform.push(department.hospital, "withdrawSchedules", {"codes": ["a"]})
        states.append((await watcher.receive())["payload"]["data"]["scheduleAvailability"])
        await here.platform.push(department.hospital, "removeSchedules", {"codes": ["a"]})
        states.append((await watcher.receive())["payload"]["data"]["scheduleAvailability"])

        assert states == [
            {"state": "AVAILABLE", "remaining": 2_000, "doctorName": "林一鸣"},
            {"state": "WITHDRAWN", "remaining": 2_000, "doctorName": "林一鸣"},
            None,
        ]


async def test_a_thousand_changes_in_a_burst_are_few_events_and_the_last_is_the_final_state(here: Served) -> None:
    department = await new_department(here.platform)
    async with client(here.origin) as watcher:
        await watcher.initialise()
        await department.watch(watcher)
        assert remaining(await watcher.receive()) == [2_000]

        await asyncio.gather(*(department.take("a") for _ in range(1_000)))

        assert await until_remaining(watcher, [1_000]) < 200


async def test_a_commit_in_one_process_is_seen_by_a_subscriber_of_another(
    here: Served, settings: Settings, stores: Stores
) -> None:
    department = await new_department(here.platform)
    async with served(settings, stores) as there, client(there.origin) as watcher:
        await watcher.initialise()
        await department.watch(watcher)
        assert remaining(await watcher.receive()) == [2_000]
        await department.take("a")
        assert remaining(await watcher.receive()) == [1_999]


async def test_what_many_watch_is_executed_once(here: Served) -> None:
    department = await new_department(here.platform)
    async with AsyncExitStack() as stack:
        watchers = [await stack.enter_async_context(client(here.origin)) for _ in range(20)]
        for number, watcher in enumerate(watchers):
            await watcher.initialise(acceptLanguage="en")
            await department.watch(watcher, id=f'"{number}"')
            assert remaining(await watcher.receive()) == [2_000]
        before = await figures(here)
        assert before["htbooking_streams"] == 1

        await department.take("a")
        messages = [await watcher.receive() for watcher in watchers]

        assert [message["id"] for message in messages] == [f'"{number}"' for number in range(20)]
        assert {tuple(remaining(message)) for message in messages} == {(1_999,)}
        after = await figures(here)
        assert after["htbooking_stream_events_total"] - before["htbooking_stream_events_total"] == 1
        assert after["htbooking_socket_events_total"] - before["htbooking_socket_events_total"] == 20


async def test_the_clock_alone_opens_a_date_and_closes_one(here: Served) -> None:
    department = await new_department(here.platform)
    clock = here.platform.clock
    # Tomorrow's release is the one of the last date shown today.
    last = clock.now.date() + timedelta(days=7)
    await department.push("z", last, capacity=3)
    async with client(here.origin) as watcher:
        await watcher.initialise()
        await department.watch(watcher, first=clock.now.date(), last=last)
        days = (await watcher.receive())["payload"]["data"]["slotAvailability"]["days"]
        assert [day["state"] for day in days if day["date"] == last.isoformat()] == ["COMING"]

        clock.now += timedelta(hours=22, minutes=30, seconds=1)

        days = (await watcher.receive())["payload"]["data"]["slotAvailability"]["days"]
        assert [day["state"] for day in days if day["date"] == last.isoformat()] == ["AVAILABLE"]
        assert [day["remaining"] for day in days if day["date"] == last.isoformat()] == [3]

"""An operation runs while somebody waits for it, and not for ever."""

import asyncio

import httpx
import pytest
from structlog.testing import capture_logs

from tests.server.http.front_door import FrontDoor, codes, front_door, listening, only_error


@pytest.mark.parametrize("accept", ["application/json", "application/graphql-response+json"])
async def test_an_operation_that_takes_too_long_is_cancelled(accept: str) -> None:
    door = front_door(seconds=0.05)
    response = await door.post("{ hello slow }", accept=accept)
    assert (response.status_code, codes(response)) == (504, ["TIMED_OUT"])
    assert only_error(response)["extensions"]["limit"] == 0.05
    assert door.bell.cancelled.is_set()
    await door.http.aclose()


async def test_an_operation_in_time_is_answered(door: FrontDoor) -> None:
    asking = asyncio.create_task(door.post("{ slow }"))
    await door.bell.started.wait()
    door.bell.rung.set()
    assert (await asking).json() == {"data": {"slow": "rung"}}


async def test_work_for_a_caller_who_left_is_cancelled(door: FrontDoor) -> None:
    with capture_logs() as logs:
        async with listening(door.app) as origin, httpx.AsyncClient() as http:
            asking = asyncio.create_task(http.post(f"{origin}/graphql", json={"query": "query Long { slow }"}))
            await door.bell.started.wait()
            asking.cancel()
            async with asyncio.timeout(5):
                await door.bell.cancelled.wait()
    [line] = [line for line in logs if line["event"] == "graphql"]
    assert (line["operation"], line["outcome"]) == ("Long", "disconnected")

"""Each part of the platform is killed once in the middle of a storm, and no promise is lost."""

import pytest

from tests.chaos.house import PARTS, running_house
from tests.chaos.storm import Weather, storm

pytestmark = pytest.mark.servers


async def test_whatever_is_killed_every_promise_is_kept() -> None:
    said: list[str] = []
    async with running_house() as house:
        tally = await storm(house, Weather(people=40, sessions=4, rounds=1, calm_seconds=1.0), said.append)
    assert tally.answers["OrderCreated"] > 0
    assert tally.answers["OrderCancelled"] > 0
    assert tally.answers["paid at the cashier"] > 0
    assert sum("killed -9" in line for line in said) == len(PARTS)

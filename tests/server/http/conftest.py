"""The front door of most tests here."""

from collections.abc import AsyncIterator

import pytest

from tests.server.http.front_door import FrontDoor, front_door


@pytest.fixture
async def door() -> AsyncIterator[FrontDoor]:
    """A front door with the usual limits."""
    door = front_door()
    yield door
    await door.http.aclose()

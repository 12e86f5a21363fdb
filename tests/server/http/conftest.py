"""The front door of most tests here."""

from collections.abc import AsyncIterator

import pytest

from tests.server.http.front_door import FrontDoor, front_door


@pytest.fixture
async def door(logging_as_before: None) -> AsyncIterator[FrontDoor]:
    """A front door with the usual limits."""
    door = front_door()
    yield door
    await door.http.aclose()


@pytest.fixture(autouse=True)
def _every_line_is_logged(logging_as_before: None) -> None:
    """An application made by another test may have set a level."""

"""One's own waiting, watched over a real socket."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from datasources.stores import Stores
from server.settings import Settings
from tests.booking import new_booker
from tests.resolvers.test_waitlist import cancel, full_session, joined, leave
from tests.server.websocket.client import Client, client
from tests.server.websocket.test_platform import Served, served

WATCH = "subscription { myWaitlist { state peopleAhead offerUntil } }"


@pytest.fixture
async def here(settings: Settings, stores: Stores, logging_as_before: None) -> AsyncIterator[Served]:
    """The served platform."""
    async with served(settings, stores) as here:
        yield here


async def until(watcher: Client, entries: list[dict[str, Any]]) -> None:
    """Receives until the entries are these; the client's patience ends what never comes."""
    while (await watcher.receive())["payload"]["data"]["myWaitlist"] != entries:
        pass


async def test_a_page_is_told_when_a_place_is_offered(here: Served) -> None:
    session, holder, order_id = await full_session(here.platform)
    booker, stranger = await new_booker(here.platform), await new_booker(here.platform)
    entry = await joined(here.platform, booker, session)
    async with client(here.origin) as watcher, client(here.origin) as other:
        await watcher.initialise(authorization=f"Bearer {booker.token}")
        await other.initialise(authorization=f"Bearer {stranger.token}")
        await watcher.subscribe(WATCH)
        await other.subscribe(WATCH)
        assert (await other.receive())["payload"] == {"data": {"myWaitlist": []}}
        await until(watcher, [{"state": "WAITING", "peopleAhead": 0, "offerUntil": None}])

        await cancel(here.platform, holder, order_id)
        await until(watcher, [{"state": "OFFERED", "peopleAhead": None, "offerUntil": "2026-11-20T10:30:00+08:00"}])

        await leave(here.platform, booker, entry)
        await until(watcher, [{"state": "LEFT", "peopleAhead": None, "offerUntil": None}])


async def test_a_visitor_watches_nobody(here: Served) -> None:
    async with client(here.origin) as watcher:
        await watcher.initialise()
        await watcher.subscribe(WATCH)
        answer = await watcher.receive()

    errors = answer["payload"] if answer["type"] == "error" else answer["payload"]["errors"]
    assert [error["extensions"]["code"] for error in errors] == ["UNAUTHENTICATED"]

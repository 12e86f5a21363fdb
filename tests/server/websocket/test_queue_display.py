"""A department's queue, watched over a real socket by somebody who is not signed in."""

import uuid
from collections.abc import AsyncIterator
from typing import Any

import pytest

from datasources.stores import Stores
from domain.audit.actor import Actor
from domain.booking.check_in import check_in_own
from domain.booking.queue import NextCall, PatientCalled, call_next, complete_visit
from server.settings import Settings
from tests.booked import DAY, POLICY, Session, at, new_session
from tests.server.websocket.client import Client, client
from tests.server.websocket.test_platform import Served, served

QUEUE = """subscription ($h: String!, $d: String!, $date: Date!) {
  queueDisplay(hospitalCode: $h, departmentCode: $d, date: $date, halfDay: AM) {
    queues { called { number name room } waiting { number name } waitingCount } } }"""


@pytest.fixture
async def here(settings: Settings, stores: Stores, logging_as_before: None) -> AsyncIterator[Served]:
    """The served platform."""
    async with served(settings, stores) as here:
        yield here


async def until(watcher: Client, called: list[int], waiting: list[int]) -> Any:
    """Wait for this state; the queue that shows it."""
    while True:
        queues = (await watcher.receive())["payload"]["data"]["queueDisplay"]["queues"]
        shown = queues[0] if queues else {"called": [], "waiting": []}
        numbers = [[each["number"] for each in shown[part]] for part in ("called", "waiting")]
        if numbers == [called, waiting]:
            return shown


async def arrive(session: Session) -> Any:
    order = await session.book()
    actor = Actor("user", str(order.user_id), at("08:00"))
    await check_in_own(session.stores.sql, POLICY, actor, order.user_id, order.id)
    return order.id


async def test_a_screen_shows_who_comes_who_is_called_and_who_is_done(here: Served) -> None:
    session = await new_session(here.platform.stores)
    sql, hospital, clerk = session.stores.sql, session.hospital_code, Actor("staff", "clerk", at("08:30"))
    async with client(here.origin) as watcher:
        await watcher.initialise()
        variables = {"h": hospital, "d": session.department_code, "date": DAY.isoformat()}
        await watcher.subscribe(QUEUE, variables=variables)
        await until(watcher, [], [])
        first = await arrive(session)
        await until(watcher, [], [1])
        await arrive(session)
        await until(watcher, [], [1, 2])
        call = NextCall(hospital, session.schedule_id, "3 诊室", uuid.uuid4().hex, clerk)
        assert isinstance(await call_next(sql, call), PatientCalled)
        shown = await until(watcher, [1], [2])
        assert shown == {
            "called": [{"number": 1, "name": "张*", "room": "3 诊室"}],
            "waiting": [{"number": 2, "name": "张*"}],
            "waitingCount": 1,
        }
        await complete_visit(sql, hospital, first, clerk)
        await until(watcher, [], [2])

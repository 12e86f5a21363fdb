"""The home page costs the same number of round trips for two hospitals as for two hundred."""

import secrets
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import asyncpg
import httpx
import pymongo.monitoring
import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine

from datasources.keys import department_key, doctor_key
from datasources.mongo.documents import DepartmentDocument, DoctorDocument, HospitalDocument
from datasources.sql.hospital_account import HospitalAccount
from datasources.sql.slot_ledger import SlotLedger
from datasources.stores import Stores
from domain.dictionary.seed import ensure_dictionary
from server.app import create_app
from server.settings import Settings
from tests.platform import ENDPOINT, MORNING, SettableClock

SELECTED = """
  name level { name } region { name } regionName
  departments(first: 5) { totalCount nodes { name hospital { code }
    bookableDays(first: 7) { nodes { date state remaining schedules { fee { amount } state doctor { name } } } } } }
  departmentTree { children { name } doctors(first: 2) { totalCount nodes { name departments { name } } } }
  doctors(first: 3) { totalCount nodes { name hospital { code } } }
"""
HOME = f"""query Home($text: String!, $n: Int!) {{
  hospitals(text: $text, sort: CODE, first: $n) {{ totalCount nodes {{ {SELECTED} }} }} }}"""
ENTITIES = (
    f"""query Entities($r: [_Any!]!) {{ _entities(representations: $r) {{ ... on Hospital {{ {SELECTED} }} }} }}"""
)
HOSPITALS = 200


class Trips(pymongo.monitoring.CommandListener):
    """Counts what goes to PostgreSQL and MongoDB."""

    def __init__(self) -> None:
        self.sent: Counter[str] = Counter()

    def started(self, event: pymongo.monitoring.CommandStartedEvent) -> None:
        if event.command_name not in ("hello", "ping", "endSessions"):
            self.sent[f"mongodb {event.command_name}"] += 1

    def succeeded(self, event: pymongo.monitoring.CommandSucceededEvent) -> None:
        """Counted when it started."""

    def failed(self, event: pymongo.monitoring.CommandFailedEvent) -> None:
        """Counted when it started."""

    def statement(self, _connection: object, _cursor: object, statement: str, *_: object) -> None:
        self.sent["postgresql"] += 1

    def counting(self, fetch: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        """The driver's own way to fetch, counted."""

        def counted(*arguments: Any, **named: Any) -> Awaitable[Any]:
            self.sent["postgresql"] += 1
            return fetch(*arguments, **named)

        return counted


@pytest.fixture(scope="module")
async def many(open_stores: Stores) -> tuple[str, list[str]]:
    """Two hundred hospitals, five departments each, all with sessions tomorrow: a word in their names, their codes."""
    await open_stores.catalogue.bind()
    await ensure_dictionary(open_stores.sql)
    word = f"往返{secrets.token_hex(4)}"
    codes = [f"r{secrets.token_hex(6)}" for _ in range(HOSPITALS)]
    now = datetime(2026, 11, 20, tzinfo=UTC)
    await HospitalDocument.insert_many(
        [
            HospitalDocument(
                id=code, code=code, name=word, pinyin="wangfan", initials="wf", level="3A", province_code="110000",
                city_code="110100", district_code="110101", updated_at=now,
            )
            for code in codes
        ]
    )  # fmt: skip
    await DepartmentDocument.insert_many(
        [
            DepartmentDocument(
                id=department_key(code, str(place)), hospital_code=code, code=str(place), name="科", pinyin="ke",
                initials="k", position=place, updated_at=now,
            )
            for code in codes
            for place in range(5)
        ]
    )  # fmt: skip
    await DoctorDocument.insert_many(
        [
            DoctorDocument(
                id=doctor_key(code, str(place)), hospital_code=code, code=str(place), name="安二", pinyin="aner",
                initials="ae", department_codes=[str(place % 5)], updated_at=now,
            )
            for code in codes
            for place in range(10)
        ]
    )  # fmt: skip
    async with open_stores.sql.unit_of_work() as session:
        session.add_all([HospitalAccount(code=code, name=word) for code in codes])
        await session.flush()
        session.add_all(
            SlotLedger(
                schedule_id=f"{code}:{place}", hospital_code=code, department_code=str(place), external_id=str(place),
                visit_date=(MORNING + timedelta(days=1)).date(), half_day="AM", fee=Decimal(10), capacity=10,
            )
            for code in codes
            for place in range(5)
        )  # fmt: skip
    return word, codes


@pytest.fixture(scope="module")
async def counted(settings: Settings, many: tuple[str, list[str]]) -> AsyncIterator[tuple[httpx.AsyncClient, Trips]]:
    """An application of its own whose traffic to the stores is counted, with room for large operations."""
    trips = Trips()
    patch = pytest.MonkeyPatch()
    pymongo.monitoring.register(trips)
    generous = settings.model_copy(update={"max_query_cost": 10_000_000})
    app = create_app(generous, clock=SettableClock())
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), timeout=60) as http,
    ):
        assert (await http.get("http://platform.test/readyz")).is_success
        event.listen(Engine, "before_cursor_execute", trips.statement)
        # Hot reads go to the driver directly, past SQLAlchemy's events.
        patch.setattr(asyncpg.Connection, "fetch", trips.counting(asyncpg.Connection.fetch))
        # Connections are made, and their servers greeted, before anything is counted.
        await answered(http, HOME, {"text": many[0], "n": 1})
        yield http, trips
        patch.undo()
        event.remove(Engine, "before_cursor_execute", trips.statement)


async def answered(http: httpx.AsyncClient, query: str, variables: dict[str, Any]) -> dict[str, Any]:
    answer = (await http.post(ENDPOINT, json={"query": query, "variables": variables})).json()
    assert "errors" not in answer, answer["errors"]
    data: dict[str, Any] = answer["data"]
    return data


async def test_the_home_page_makes_as_many_round_trips_for_two_hospitals_as_for_a_full_page(
    counted: tuple[httpx.AsyncClient, Trips], many: tuple[str, list[str]]
) -> None:
    http, trips = counted
    measured = []
    for size in (2, 100):
        trips.sent.clear()
        hospitals = (await answered(http, HOME, {"text": many[0], "n": size}))["hospitals"]
        measured.append(dict(trips.sent))
        assert hospitals["totalCount"] == HOSPITALS
        check(hospitals["nodes"], size)
    assert measured[0] == measured[1]


async def test_a_routers_entities_make_as_many_round_trips_for_two_hospitals_as_for_two_hundred(
    counted: tuple[httpx.AsyncClient, Trips], many: tuple[str, list[str]]
) -> None:
    http, trips = counted
    measured = []
    for size in (2, HOSPITALS):
        representations = [{"__typename": "Hospital", "code": code} for code in many[1][:size]]
        trips.sent.clear()
        entities = (await answered(http, ENTITIES, {"r": representations}))["_entities"]
        measured.append(dict(trips.sent))
        check(entities, size)
    assert measured[0] == measured[1]


def check(hospitals: list[dict[str, Any]], size: int) -> None:
    """All of it was answered: a count of round trips says nothing of an empty answer."""
    assert len(hospitals) == size
    for hospital in hospitals:
        assert hospital["level"] == {"name": "三级甲等"}
        assert hospital["departments"]["totalCount"] == 5
        assert (hospital["doctors"]["totalCount"], len(hospital["doctors"]["nodes"])) == (10, 3)
        assert [department["doctors"]["totalCount"] for department in hospital["departmentTree"]] == [2] * 5
        for department in hospital["departments"]["nodes"]:
            tomorrow = department["bookableDays"]["nodes"][1]
            assert (tomorrow["remaining"], tomorrow["state"]) == (10, "AVAILABLE")

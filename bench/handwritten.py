"""The home page without a graph: the fewest round trips to the same stores, then dicts and orjson.

What a careful engineer would write if this one page were all there is. It decides states by the platform's own rules.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import asyncpg
import orjson
from pymongo import AsyncMongoClient
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bench.home_page import HANDWRITTEN_PATH, HomePage
from datasources.mongo.documents import BookingRule
from datasources.sql.slot_ledger_reads import DayTotals
from domain.booking.days import day_state
from domain.booking.rule import window_rule
from domain.booking.window import WindowDay, window_days
from domain.dictionary.regions import ancestors_of, full_name

POOL_SIZE = 16
ZONE = ZoneInfo("Asia/Shanghai")

_NAMES = """
    SELECT id, parent_id, name, value FROM dict_item
     WHERE id = ANY($1::bigint[])
        OR parent_id = (SELECT id FROM dict_item WHERE lower(dict_code) = 'hospitaltype')
"""
_DAY_TOTALS = """
    SELECT l.hospital_code, l.department_code, l.visit_date,
           count(*),
           count(*) FILTER (WHERE l.status = 'BOOKABLE'),
           count(*) FILTER (WHERE l.status = 'WITHDRAWN'),
           coalesce(sum(l.capacity) FILTER (WHERE l.status = 'BOOKABLE'), 0),
           coalesce(sum(l.capacity - l.withheld - l.taken) FILTER (WHERE l.status = 'BOOKABLE'), 0)
      FROM unnest($1::text[], $2::text[], $3::date[], $4::date[]) AS wanted(hospital, department, first, last)
      JOIN slot_ledger l
        ON l.hospital_code = wanted.hospital AND l.department_code = wanted.department
       AND l.visit_date BETWEEN wanted.first AND wanted.last
     GROUP BY 1, 2, 3
"""


def handwritten_app(database_url: str, mongodb_url: str) -> Starlette:
    """An application that serves the home page from these stores."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        mongo: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(mongodb_url)
        async with asyncpg.create_pool(database_url, min_size=1, max_size=POOL_SIZE) as pool:
            app.state.pool = pool
            app.state.hospitals = mongo.get_default_database("htbooking")["hospital"]
            yield
        await mongo.close()

    return Starlette(routes=[Route(HANDWRITTEN_PATH, _home_page)], lifespan=lifespan)


async def _home_page(request: Request) -> Response:
    asked = HomePage(**{name: int(value) for name, value in request.query_params.items()})
    hospitals = await _hospitals(request.app.state.hospitals, asked)
    now = datetime.now(ZONE)
    windows = {hospital["code"]: _window(hospital, now, asked.days) for hospital in hospitals}
    pool = request.app.state.pool
    names, totals = await asyncio.gather(_names(pool, hospitals), _totals(pool, hospitals, windows))
    nodes = [
        {
            "name": hospital["name"],
            "code": hospital["code"],
            "level": names.level(hospital.get("level")),
            "regionName": names.region(_region(hospital)),
            "address": hospital["address"],
            "departments": {
                "nodes": [
                    {
                        "code": department["code"],
                        "name": department["name"],
                        "bookableDays": {
                            "nodes": _days(
                                windows[hospital["code"]], totals.get((hospital["code"], department["code"]), {})
                            )
                        },
                    }
                    for department in hospital["departments"]
                ]
            },
        }
        for hospital in hospitals
    ]
    return Response(orjson.dumps({"data": {"hospitals": {"nodes": nodes}}}), media_type="application/json")


async def _hospitals(collection: Any, asked: HomePage) -> list[dict[str, Any]]:
    cursor = await collection.aggregate(
        [
            {"$match": {"listed": True}},
            {"$sort": {"level_rank": 1, "pinyin": 1, "_id": 1}},
            {"$limit": asked.hospitals},
            {
                "$lookup": {
                    "from": "department",
                    "localField": "_id",
                    "foreignField": "hospital_code",
                    "pipeline": [
                        {"$match": {"is_leaf": True}},
                        {"$sort": {"position": 1, "_id": 1}},
                        {"$limit": asked.departments},
                        {"$project": {"_id": 0, "code": 1, "name": 1}},
                    ],
                    "as": "departments",
                }
            },
            {
                "$project": {
                    "_id": 0,
                    **dict.fromkeys(("code", "name", "level", "address", "booking_rule", "departments"), 1),
                    **dict.fromkeys(("province_code", "city_code", "district_code"), 1),
                }
            },
        ]
    )
    found: list[dict[str, Any]] = await cursor.to_list()
    return found


def _window(hospital: dict[str, Any], now: datetime, days: int) -> list[WindowDay]:
    rule = window_rule(BookingRule.model_construct(**hospital["booking_rule"]))
    return list(window_days(rule, now, ZONE))[:days]


def _region(hospital: dict[str, Any]) -> str | None:
    code: str | None = hospital["district_code"] or hospital["city_code"] or hospital["province_code"]
    return code


class _Names:
    """Names of regions by id and of levels by value."""

    def __init__(self, rows: Iterable[Any]) -> None:
        self._regions = {row[0]: row[2] for row in rows}
        self._levels = {row[3]: {"name": row[2], "value": row[3]} for row in rows if row[1] not in self._regions}

    def level(self, value: str | None) -> dict[str, str] | None:
        return None if value is None else self._levels.get(value)

    def region(self, code: str | None) -> str | None:
        if code is None:
            return None
        if int(code) not in self._regions:
            return None
        steps = (int(step) for step in (*ancestors_of(code), code))
        return full_name(self._regions[step] for step in steps if step in self._regions)


async def _names(pool: "asyncpg.Pool[asyncpg.Record]", hospitals: list[dict[str, Any]]) -> _Names:
    regions = {code for hospital in hospitals if (code := _region(hospital)) is not None}
    ids = {int(step) for code in regions for step in (*ancestors_of(code), code)}
    return _Names(await pool.fetch(_NAMES, list(ids)))


async def _totals(
    pool: "asyncpg.Pool[asyncpg.Record]", hospitals: list[dict[str, Any]], windows: dict[str, list[WindowDay]]
) -> dict[tuple[str, str], dict[date, DayTotals]]:
    wanted = [
        (hospital["code"], department["code"]) for hospital in hospitals for department in hospital["departments"]
    ]
    rows = await pool.fetch(
        _DAY_TOTALS,
        [hospital for hospital, _ in wanted],
        [department for _, department in wanted],
        [windows[hospital][0].date for hospital, _ in wanted],
        [windows[hospital][-1].date for hospital, _ in wanted],
    )
    totals: dict[tuple[str, str], dict[date, DayTotals]] = {}
    for hospital, department, day, sessions, bookable, withdrawn, capacity, remaining in rows:
        totals.setdefault((hospital, department), {})[day] = DayTotals(
            sessions, bookable, withdrawn, capacity, remaining
        )
    return totals


def _days(window: list[WindowDay], totals: dict[date, DayTotals]) -> list[dict[str, Any]]:
    days = []
    for day in window:
        found = totals.get(day.date)
        days.append(
            {
                "date": day.date,
                "state": day_state(day.phase, found),
                "capacity": found.capacity if found else 0,
                "remaining": found.remaining if found else 0,
            }
        )
    return days

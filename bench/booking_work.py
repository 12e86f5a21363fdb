"""Runs the calls of one layer, many side by side, in a process of its own (`bench.apart`), and times each."""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TypeVar

from bench.booking_calls import CREATED, SOLD_OUT
from bench.load import connected
from bench.measured import Measured
from datasources.sql.booking_statements import Attempt, book_numbers
from datasources.sql.database import Database
from datasources.stores import Stores
from domain.booking.desk import BookingDesk, BookingRequest
from domain.booking.placing import Placed, place_order
from domain.booking.refused import SlotSoldOut
from server.booking_policy import booking_policy
from server.embedded.data_lock import Endpoints
from server.garbage import spare_long_lived_objects
from server.root_key import key_ring
from server.settings import Settings

ACCEPTED, REFUSED = "accepted", "refused"

Call = TypeVar("Call")


async def through_datasource(
    database_url: str, batches: Sequence[Sequence[Attempt]], limits: Mapping[str, int], clients: int
) -> Measured:
    """`book_numbers` on the platform's own pool, of as many connections as there are clients."""
    database = Database(database_url, pool_size=clients)
    now = datetime.now(UTC)

    async def ask(batch: Sequence[Attempt]) -> list[str]:
        return [str(taken.outcome) for taken in await book_numbers(database, batch, limits, now)]

    try:
        await asyncio.gather(*(ask([]) for _ in range(4 * clients)))  # connects, and prepares the statement
        spare_long_lived_objects()
        return await _side_by_side(batches, [ask] * clients)
    finally:
        await database.close()


async def through_use_case(
    settings: Settings, endpoints: Endpoints, requests: Sequence[BookingRequest], callers: int
) -> Measured:
    """`place_order`, with everything that it needs: facts, rule, texts, mark, gate, ledger, hints."""
    stores = Stores.at(
        database_url=endpoints.database_url,
        mongodb_url=endpoints.mongodb_url,
        redis_url=endpoints.redis_url,
        sql_pool_size=settings.sql_pool_size,
    )
    policy = booking_policy(settings)
    desk = BookingDesk(stores, key_ring(settings), policy)

    async def ask(request: BookingRequest) -> list[str]:
        answer = await place_order(desk, request, datetime.now(UTC))
        return [_name(isinstance(answer, Placed), isinstance(answer, SlotSoldOut), answer)]

    async def connect() -> None:
        await book_numbers(stores.sql, [], policy.limits, datetime.now(UTC))

    try:
        await stores.catalogue.bind()
        await asyncio.gather(*(connect() for _ in range(4 * settings.sql_pool_size)))
        await asyncio.gather(*(stores.redis.ping() for _ in range(callers)))
        spare_long_lived_objects()
        return await _side_by_side(requests, [ask] * callers)
    finally:
        await stores.close()


async def through_http(port: int, requests: Sequence[bytes], callers: int) -> Measured:
    """Whole HTTP requests over connections that are kept."""
    connections = [await connected(port) for _ in range(callers)]

    def asking(ask: Callable[[bytes], Awaitable[bytes]]) -> Callable[[bytes], Awaitable[list[str]]]:
        async def call(request: bytes) -> list[str]:
            answer = await ask(request)
            return [_name(CREATED in answer, SOLD_OUT in answer, answer)]

        return call

    try:
        return await _side_by_side(requests, [asking(connection.ask) for connection in connections])
    finally:
        for connection in connections:
            connection.close()


def _name(accepted: bool, refused: bool, answer: object) -> str:
    return ACCEPTED if accepted else REFUSED if refused else repr(answer)


async def _side_by_side(calls: Iterable[Call], workers: Sequence[Callable[[Call], Awaitable[list[str]]]]) -> Measured:
    """Each worker takes the next call as soon as its last was answered."""
    waiting = iter(calls)
    latencies: list[float] = []
    outcomes: Counter[str] = Counter()

    async def work(ask: Callable[[Call], Awaitable[list[str]]]) -> None:
        for call in waiting:
            began = time.perf_counter()
            answers = await ask(call)
            latencies.append(time.perf_counter() - began)
            outcomes.update(answers)

    began = time.perf_counter()
    await asyncio.gather(*map(work, workers))
    return Measured(time.perf_counter() - began, latencies, dict(outcomes))

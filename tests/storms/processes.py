"""Several processes' worth of booking desks in one test: each with its own pool and its own gate."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

from datasources.stores import Stores
from domain.booking.desk import BookingDesk
from server.settings import Settings
from tests.booking import OpenSession
from tests.ledger import assert_ledger_true
from tests.platform import Platform

POOL = 6


@asynccontextmanager
async def desks(settings: Settings, platform: Platform, count: int) -> AsyncIterator[list[BookingDesk]]:
    """So many desks that share nothing but the servers."""
    urls = settings.database_url, settings.mongodb_url, settings.redis_url
    assert all(urls)
    database, mongodb, redis = (url.get_secret_value() for url in urls if url is not None)
    own = [
        Stores.at(database_url=database, mongodb_url=mongodb, redis_url=redis, sql_pool_size=POOL) for _ in range(count)
    ]
    policy = platform.booking_policy
    try:
        yield [BookingDesk(stores, platform.ring, policy) for stores in own]
    finally:
        for stores in own:
            # MongoDB's client is shared by the documents' models, and stays the test run's.
            await stores.sql.close()
            await stores.redis.aclose()


@asynccontextmanager
async def watched(stores: Stores, *sessions: OpenSession) -> AsyncIterator[Callable[[], int]]:
    """Look at these sessions' ledgers all the while; what is yielded tells how often they were found true."""
    looks = 0

    async def look() -> None:
        nonlocal looks
        while True:
            async with stores.sql.read() as reading:
                for session in sessions:
                    await assert_ledger_true(reading, session.key)
            looks += 1
            await asyncio.sleep(0)

    watching = asyncio.create_task(look())
    try:
        yield lambda: looks
    finally:
        if not watching.done():
            watching.cancel()
        with suppress(asyncio.CancelledError):
            # An assertion that failed while we looked fails the test here.
            await watching


async def together(*acts: Callable[[], Awaitable[object]]) -> list[object]:
    """Everything at once; the answers in the order of the acts. An error that is not an answer fails."""
    return list(await asyncio.gather(*(act() for act in acts)))

"""A job that is handed over runs once, in the worker, when its moment has come; without Redis nobody notices."""

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from redis.asyncio import Redis
from structlog.testing import capture_logs

from datasources.queue import QUEUE, HandedOver, JobQueue
from datasources.sql.booking_order import OrderState
from datasources.storage.file_storage import FileStorage
from datasources.stores import Stores
from domain.booking.follow_up import LAPSE_ORDER, lapse_in_time
from domain.booking.policy import BookingPolicy
from jobs.registry import PERIODIC_JOBS, QUEUED_JOBS, QueuedJob
from jobs.tools import JobTools
from server.embedded.data_lock import Endpoints
from server.embedded.servers import GivenUrls, embedded_servers
from server.worker import work
from tests.booked import new_session
from tests.domain.integration.hospitals import RING
from tests.order_steps import row_of
from tests.platform import SettableClock


@pytest.fixture
async def queue(endpoints: Endpoints) -> AsyncIterator[str]:
    """The URL of a Valkey of its own, whose queue nobody else serves."""
    directory = Path(tempfile.mkdtemp(prefix="htbooking-queue-"))
    given = GivenUrls(database_url=endpoints.database_url, mongodb_url=endpoints.mongodb_url)
    async with embedded_servers(directory, given, durable=False) as own:
        yield own.redis_url
    shutil.rmtree(directory)


@pytest.fixture
def tools(stores: Stores) -> JobTools:
    files = FileStorage.in_folder(Path(), RING)
    clock = SettableClock(datetime.now(UTC) + timedelta(days=3_650))
    return JobTools(stores, RING, files, clock, BookingPolicy(ZoneInfo("Asia/Shanghai")), timedelta(days=30))


@asynccontextmanager
async def working(tools: JobTools, redis_url: str, queued: list[QueuedJob]) -> AsyncIterator[None]:
    task = asyncio.create_task(work(tools, redis_url, [], queued))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def test_a_job_runs_with_its_arguments_and_once_for_each_name(queue: str, tools: JobTools) -> None:
    runs: asyncio.Queue[tuple[str, ...]] = asyncio.Queue()

    async def noted(_tools: JobTools, *arguments: str) -> None:
        await runs.put(arguments)

    async with Redis.from_url(queue) as redis:
        handing = JobQueue(redis)
        for _ in range(3):
            await handing.hand_over("noted", "a", "b", once="the one")
        await handing.hand_over("noted", "later", at=datetime.now(UTC) + timedelta(days=1))
        assert await redis.zcard(QUEUE) == 2
        async with working(tools, queue, [QueuedJob("noted", noted)]), asyncio.timeout(15):
            assert await runs.get() == ("a", "b")
            while await redis.zcard(QUEUE) > 1:  # noqa: ASYNC110 - arq takes it off the queue after it ran
                await asyncio.sleep(0.05)
        assert runs.empty()


async def test_many_jobs_are_handed_over_at_once_and_the_first_of_a_name_stays(queue: str) -> None:
    first, later = (datetime(2026, 11, 20, hour, tzinfo=UTC) for hour in (8, 9))
    async with Redis.from_url(queue) as redis:
        handing = JobQueue(redis)
        await handing.hand_over_all([HandedOver("noted", (str(n),), first, f"of {n}") for n in range(50)])
        await handing.hand_over_all([HandedOver("noted", (str(n),), later, f"of {n}") for n in range(51)])
        due = {name.decode(): at / 1000 for name, at in await redis.zrange(QUEUE, 0, -1, withscores=True)}
    assert due == {f"of {n}": first.timestamp() for n in range(50)} | {"of 50": later.timestamp()}


async def test_an_order_lapses_by_the_job_that_was_handed_over_for_it(
    queue: str, tools: JobTools, stores: Stores
) -> None:
    session = await new_session(stores)
    order = await session.book(OrderState.AWAITING_PAYMENT)
    async with Redis.from_url(queue) as redis:
        own = Stores(stores.sql, stores.catalogue, redis)
        await lapse_in_time(own, order.id, datetime.now(UTC))
        await lapse_in_time(own, order.id, None)
        assert await redis.zcard(QUEUE) == 1
        async with working(tools, queue, [job for job in QUEUED_JOBS if job.name == LAPSE_ORDER]), asyncio.timeout(15):
            while (await row_of(stores, order.id)).state != OrderState.EXPIRED:  # noqa: ASYNC110 - another's doing
                await asyncio.sleep(0.05)


async def test_without_redis_nothing_is_raised_and_it_is_logged() -> None:
    async with Redis.from_url("redis://127.0.0.1:1/0") as redis:
        with capture_logs() as logs:
            await JobQueue(redis).hand_over("noted")
    assert [(entry["event"], entry["job"]) for entry in logs] == [("a job was not handed over", "noted")]


def test_jobs_have_different_names() -> None:
    names = [job.name for job in QUEUED_JOBS]
    assert len(names) == len(set(names))
    assert not set(names) & {f"cron:{job.name}" for job in PERIODIC_JOBS}

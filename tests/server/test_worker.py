"""The worker runs jobs by the clock, once among several, and outlives Redis."""

import asyncio
import os
import shutil
import signal
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from datasources.storage.file_storage import FileStorage
from datasources.stores import Stores
from domain.booking.policy import BookingPolicy
from domain.clock import system_clock
from jobs.registry import PERIODIC_JOBS, PeriodicJob, every_seconds
from jobs.tools import JobTools
from server.embedded.data_lock import Endpoints
from server.embedded.leftovers import read_pid
from server.embedded.servers import GivenUrls, embedded_servers
from server.worker import is_working, work
from tests.domain.integration.hospitals import RING


@pytest.fixture
async def queue(endpoints: Endpoints) -> AsyncIterator[tuple[str, Path]]:
    """A Valkey of its own, to be killed: its URL and its data directory."""
    directory = Path(tempfile.mkdtemp(prefix="htbooking-worker-"))
    given = GivenUrls(database_url=endpoints.database_url, mongodb_url=endpoints.mongodb_url)
    async with embedded_servers(directory, given, durable=False) as own:
        yield own.redis_url, directory
    shutil.rmtree(directory)


class Job:
    """Notes its runs."""

    def __init__(self) -> None:
        self.runs = 0

    async def __call__(self, _tools: JobTools) -> None:
        self.runs += 1

    async def runs_again(self) -> None:
        """Wait until it has run once more."""
        before = self.runs
        async with asyncio.timeout(15):
            while self.runs == before:  # noqa: ASYNC110 - the job is the worker's, which sets no event of ours
                await asyncio.sleep(0.05)


@asynccontextmanager
async def working(tools: JobTools, redis_url: str, job: Job) -> AsyncIterator[None]:
    periodic = PeriodicJob("noted", job, every_seconds(1))
    task = asyncio.create_task(work(tools, redis_url, [periodic]))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


@pytest.fixture
def tools(stores: Stores) -> JobTools:
    files = FileStorage.in_folder(Path(), RING)
    policy = BookingPolicy(ZoneInfo("Asia/Shanghai"))
    return JobTools(stores, RING, files, system_clock, policy, timedelta(days=30))


async def test_it_goes_on_when_redis_was_killed(queue: tuple[str, Path], tools: JobTools) -> None:
    redis_url, directory = queue
    job = Job()
    async with working(tools, redis_url, job):
        await job.runs_again()
        assert await is_working(redis_url)

        pid = read_pid(directory / "run" / "valkey.pid")
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        async with asyncio.timeout(5):
            while await is_working(redis_url):  # noqa: ASYNC110 - a process that dies sets no event
                await asyncio.sleep(0)

        await job.runs_again()
    assert not await is_working(redis_url)


async def test_it_waits_for_a_redis_that_is_not_there_yet(tools: JobTools) -> None:
    job = Job()
    async with working(tools, "redis://127.0.0.1:1/0", job):
        await asyncio.sleep(1.5)
    assert job.runs == 0


async def test_two_workers_share_the_runs(queue: tuple[str, Path], tools: JobTools) -> None:
    redis_url, _ = queue
    one, other = Job(), Job()
    loop = asyncio.get_running_loop()
    async with working(tools, redis_url, one), working(tools, redis_url, other):
        await _either(one, other)
        since, before = loop.time(), one.runs + other.runs
        await asyncio.sleep(4)
        assert one.runs + other.runs - before <= loop.time() - since + 1


async def _either(one: Job, other: Job) -> None:
    _, waiting = await asyncio.wait(
        [asyncio.create_task(one.runs_again()), asyncio.create_task(other.runs_again())],
        return_when=asyncio.FIRST_COMPLETED,
    )
    for task in waiting:
        task.cancel()
    await asyncio.wait(waiting)


def test_the_jobs_have_different_names() -> None:
    names = [job.name for job in PERIODIC_JOBS]
    assert len(names) == len(set(names))

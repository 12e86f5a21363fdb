"""The worker runs jobs by the clock, once among several, and outlives Redis."""

import asyncio
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest
from redis.asyncio import Redis

from datasources.queue import JobQueue
from datasources.sql.job_run import JobOutcome, JobRun, JobRuns
from datasources.stores import Stores
from domain.clock import system_clock
from domain.operations.job_runs import OVERDUE, RUN_ASKED, SILENT, tend_runs
from jobs.registry import PERIODIC_JOBS, PeriodicJob, every_seconds
from jobs.tools import JobTools
from server.embedded.data_lock import Endpoints
from server.embedded.leftovers import read_pid
from server.embedded.servers import GivenUrls, embedded_servers
from server.worker import is_working, work
from tests.domain.messages.people import new_staff
from tests.server.killed_worker import tools_of


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


class FailingJob(Job):
    """Notes its runs, and fails."""

    async def __call__(self, tools: JobTools) -> None:
        await super().__call__(tools)
        raise ValueError


@asynccontextmanager
async def working(tools: JobTools, redis_url: str, *jobs: PeriodicJob) -> AsyncIterator[None]:
    task = asyncio.create_task(work(tools, redis_url, jobs))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def noted(job: Job) -> PeriodicJob:
    """It, every second."""
    return PeriodicJob("noted", job, every_seconds(1))


async def latest(stores: Stores, name: str, *outcomes: JobOutcome) -> list[JobRun]:
    """The runs of a job that have these outcomes, as soon as there are any."""
    async with asyncio.timeout(30):
        while True:
            async with stores.sql.read() as session:
                runs = (await JobRuns(session).latest([name], 100))[name]
            if found := [each for each in runs if each.outcome in outcomes]:
                return found
            await asyncio.sleep(0.1)


@pytest.fixture
def tools(stores: Stores) -> JobTools:
    return tools_of(stores)


async def test_it_goes_on_when_redis_was_killed(queue: tuple[str, Path], tools: JobTools) -> None:
    redis_url, directory = queue
    job = Job()
    async with working(tools, redis_url, noted(job)):
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
    async with working(tools, "redis://127.0.0.1:1/0", noted(job)):
        await asyncio.sleep(1.5)
    assert job.runs == 0


async def test_a_run_that_is_asked_for_runs_at_once_and_all_are_on_record(
    queue: tuple[str, Path], tools: JobTools, stores: Stores
) -> None:
    redis_url, _ = queue
    plain, failing = Job(), FailingJob()
    suffix = uuid4().hex[:8]
    names = f"plain_{suffix}", f"failing_{suffix}"
    jobs = [PeriodicJob(names[0], plain, every_seconds(1)), PeriodicJob(names[1], failing, frozenset({59}))]
    async with working(tools, redis_url, *jobs), Redis.from_url(redis_url) as redis:
        await plain.runs_again()
        async with stores.sql.unit_of_work() as session:
            asked = await JobRuns(session).ask(names[1], await new_staff(stores), system_clock())
        await JobQueue(redis).hand_over(RUN_ASKED)
        run = (await latest(stores, names[1], JobOutcome.FAILED))[-1]

    assert (run.problem, failing.runs >= 1) == ("ValueError", True)
    assert {each.worker for each in await latest(stores, names[0], JobOutcome.DONE)} == {run.worker}
    async with stores.sql.read() as session:
        runs = JobRuns(session)
        assert asked.id in {each.id for each in (await runs.latest(names, 100))[names[1]] if each.ended_at}
        assert run.worker in {each.worker for each in await runs.workers()}
        assert {*names} <= {each.name for each in await runs.definitions()}


async def test_when_a_worker_is_killed_another_goes_on_and_its_run_is_lost(
    queue: tuple[str, Path], tools: JobTools, stores: Stores, endpoints: Endpoints
) -> None:
    redis_url, _ = queue
    name, job, later = f"killed_{uuid4().hex[:8]}", Job(), system_clock() + 5 * SILENT
    addresses = {"DATABASE_URL": endpoints.database_url, "MONGODB_URL": endpoints.mongodb_url, "REDIS_URL": redis_url}
    killed = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.server.killed_worker", name, env=os.environ | addresses
    )
    try:
        (first, *_) = await latest(stores, name, JobOutcome.RUNNING)
        periodic = PeriodicJob(name, job, every_seconds(1))
        async with working(replace(tools, clock=lambda: later), redis_url, periodic):
            await tend_runs(stores, system_clock())
            running = await latest(stores, name, JobOutcome.RUNNING)
            killed.kill()
            await killed.wait()
            await job.runs_again()
            (done, *_) = await latest(stores, name, JobOutcome.DONE)
    finally:
        if killed.returncode is None:
            killed.kill()
            await killed.wait()
    await tend_runs(stores, later)

    lost = await latest(stores, name, JobOutcome.LOST)
    assert first.id in {each.id for each in running} & {each.id for each in lost}
    assert {(each.worker, each.problem) for each in lost} == {(first.worker, "NO_WORD")}
    assert done.worker != first.worker


async def test_two_workers_share_the_runs(queue: tuple[str, Path], tools: JobTools) -> None:
    redis_url, _ = queue
    one, other = Job(), Job()
    loop = asyncio.get_running_loop()
    async with working(tools, redis_url, noted(one)), working(tools, redis_url, noted(other)):
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


def test_no_job_may_take_so_long_that_it_counts_as_lost() -> None:
    assert max(job.longest_seconds for job in PERIODIC_JOBS) <= OVERDUE.total_seconds() / 2

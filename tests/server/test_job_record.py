"""How a run ended is on record, whatever ended it; of whose end no word came is given up for lost."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from datasources.sql.job_run import JobDefinition, JobOutcome, JobRun, JobRuns
from datasources.stores import Stores
from domain.clock import system_clock
from domain.operations.job_runs import ALL_KEPT, PLAIN_KEPT
from jobs.registry import PeriodicJob, every_seconds
from jobs.tools import JobTools
from server.job_record import recorded, run_asked
from tests.domain.messages.people import new_staff
from tests.server.killed_worker import never_end, tools_of

LONG_AGO = datetime(2001, 1, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def job_that_never_ends(longest_seconds: float) -> PeriodicJob:
    """One under a name of its own."""
    return PeriodicJob(f"endless_{uuid4().hex}", never_end, every_seconds(1), longest_seconds)


async def runs_of(stores: Stores, name: str) -> list[JobRun]:
    """What is on record of a job, the latest first."""
    async with stores.sql.read() as session:
        return (await JobRuns(session).latest([name, "another"], 100))[name]


async def test_a_run_that_takes_too_long_is_ended(stores: Stores) -> None:
    job = job_that_never_ends(0.01)

    with pytest.raises(TimeoutError):
        await recorded(tools_of(stores), "worker", job)

    (run,) = await runs_of(stores, job.name)
    assert (run.outcome, run.problem) == ("FAILED", "TIMED_OUT")


async def test_a_run_whose_worker_stops_has_failed(stores: Stores) -> None:
    running = asyncio.Event()

    async def work(tools: JobTools) -> None:
        running.set()
        await never_end(tools)

    job = replace(job_that_never_ends(60), work=work)
    task = asyncio.create_task(recorded(tools_of(stores), "worker", job))
    await running.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    (run,) = await runs_of(stores, job.name)
    assert (run.outcome, run.problem) == ("FAILED", "STOPPED")


async def test_what_is_asked_for_is_taken_once_and_in_turn(stores: Stores) -> None:
    staff, job, unknown = await new_staff(stores), job_that_never_ends(0.01), f"unknown_{uuid4().hex}"
    async with stores.sql.unit_of_work() as session:
        for name in (unknown, job.name):
            await JobRuns(session).ask(name, staff, system_clock())

    with pytest.raises(TimeoutError):
        await run_asked(tools_of(stores), "worker", [job])
    await run_asked(tools_of(stores), "worker", [job])

    (first,), (second,) = await runs_of(stores, unknown), await runs_of(stores, job.name)
    assert (first.outcome, first.problem) == ("FAILED", "UNKNOWN_JOB")
    assert (second.outcome, second.problem, second.asked_by) == ("FAILED", "TIMED_OUT", staff)


async def test_what_a_dead_worker_ran_is_given_up_for_lost(stores: Stores) -> None:
    job, dead = f"lost_{uuid4().hex}", f"dead:{uuid4().hex}"
    async with stores.sql.unit_of_work() as session:
        runs = JobRuns(session)
        await runs.beat(dead, LONG_AGO)
        id = await runs.begin(job, dead, LONG_AGO)
        await runs.give_up_lost(LONG_AGO + timedelta(seconds=1), LONG_AGO, LONG_AGO + MINUTE)
        # Its word comes too late.
        await runs.end(id, JobOutcome.DONE, "", LONG_AGO + 2 * MINUTE)

    (run,) = await runs_of(stores, job)
    assert (run.outcome, run.problem, run.ended_at) == ("LOST", "NO_WORD", LONG_AGO + MINUTE)


async def test_what_a_living_worker_runs_is_lost_only_when_it_is_overdue(stores: Stores) -> None:
    job, worker = f"overdue_{uuid4().hex}", f"alive:{uuid4().hex}"
    async with stores.sql.unit_of_work() as session:
        runs = JobRuns(session)
        for minute in (0, 2):
            await runs.begin(job, worker, LONG_AGO + minute * MINUTE)
        await runs.beat(worker, LONG_AGO + 3 * MINUTE)
        await runs.give_up_lost(LONG_AGO + 3 * MINUTE, LONG_AGO + MINUTE, LONG_AGO + 4 * MINUTE)

    assert [run.outcome for run in await runs_of(stores, job)] == ["RUNNING", "LOST"]


async def test_runs_that_went_well_are_forgotten_first_and_with_them_who_is_silent(stores: Stores) -> None:
    job, well, ill = f"old_{uuid4().hex}", timedelta(), timedelta(seconds=1)
    async with stores.sql.unit_of_work() as session:
        runs = JobRuns(session)
        row = JobDefinition(name=job, description="", at_seconds=[0], longest_seconds=60, seen_at=LONG_AGO)
        await runs.define([row])
        await runs.beat(job, LONG_AGO)
        for after, problem in ((well, ""), (ill, "ValueError")):
            id = await runs.begin(job, job, LONG_AGO + after)
            await runs.end(id, JobOutcome.FAILED if problem else JobOutcome.DONE, problem, LONG_AGO + after)
        now = LONG_AGO + PLAIN_KEPT + MINUTE
        await runs.forget_runs(now - PLAIN_KEPT, now - ALL_KEPT)
        await runs.forget_silent(now)
        workers, definitions = await runs.workers(), await runs.definitions()

    assert [run.outcome for run in await runs_of(stores, job)] == ["FAILED"]
    assert job not in {each.worker for each in workers} | {each.name for each in definitions}

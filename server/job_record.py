"""What the worker writes down about itself: that it lives, which jobs it knows, and how each run went."""

import asyncio
import inspect
import os
import platform
import secrets
from collections.abc import Sequence
from datetime import datetime

import structlog

from datasources.sql.job_run import JobDefinition, JobRuns
from domain.operations.job_runs import BEAT_SECONDS, DEFINED_AGAIN, RunRecorder
from jobs.registry import PeriodicJob
from jobs.tools import JobTools

TIMED_OUT = "TIMED_OUT"
STOPPED = "STOPPED"
UNKNOWN_JOB = "UNKNOWN_JOB"

_log = structlog.get_logger(component="worker")


def new_worker_name() -> str:
    """A name that no other worker has: the host, the process, and some letters."""
    return f"{platform.node()}:{os.getpid()}:{secrets.token_hex(3)}"


async def beat(tools: JobTools, worker: str, periodic: Sequence[PeriodicJob]) -> None:
    """Say which jobs there are and, until cancelled, that this worker lives. PostgreSQL may be down meanwhile."""
    defined_at: datetime | None = None
    while True:
        now = tools.clock()
        due = defined_at is None or now - defined_at >= DEFINED_AGAIN
        try:
            async with tools.stores.sql.unit_of_work() as session:
                runs = JobRuns(session)
                if due:
                    await runs.define([_definition(job, now) for job in periodic])
                await runs.beat(worker, now)
            defined_at = now if due else defined_at
        except Exception as fault:  # noqa: BLE001 - the next beat tries again
            _log.warning("a heartbeat is not on record", error=type(fault).__name__)
        await asyncio.sleep(BEAT_SECONDS)


async def recorded(tools: JobTools, worker: str, job: PeriodicJob) -> None:
    """Run a job, on record. Raises what the job raises, `TimeoutError` if it takes too long."""
    record = RunRecorder(tools.stores, tools.clock, job.name, worker)
    await record.begin()
    await _run(tools, job, record)


async def run_asked(tools: JobTools, worker: str, periodic: Sequence[PeriodicJob]) -> None:
    """Run the job that an administrator asked for first, if there is one. Two workers never take the same."""
    known = {job.name: job for job in periodic}
    while True:
        async with tools.stores.sql.unit_of_work() as session:
            run = await JobRuns(session).take_asked(worker, tools.clock())
        if run is None:
            return
        record = RunRecorder(tools.stores, tools.clock, run.job, worker, run.id)
        if run.job in known:
            await _run(tools, known[run.job], record)
            return
        await record.end(UNKNOWN_JOB)


async def _run(tools: JobTools, job: PeriodicJob, record: RunRecorder) -> None:
    problem, limit = STOPPED, asyncio.timeout(job.longest_seconds)
    try:
        async with limit:
            await job.work(tools)
        problem = ""
    except Exception as fault:
        problem = TIMED_OUT if limit.expired() else type(fault).__name__
        raise
    finally:
        await record.end(problem)


def _definition(job: PeriodicJob, now: datetime) -> JobDefinition:
    return JobDefinition(
        name=job.name,
        description=inspect.getdoc(job.work) or "",
        at_seconds=sorted(job.at_seconds),
        longest_seconds=job.longest_seconds,
        seen_at=now,
    )

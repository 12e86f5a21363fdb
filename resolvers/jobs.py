"""The worker's jobs, as administrators see and run them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from datasources.sql.job_run import JobDefinition, JobRun, JobRuns, WorkerBeat
from domain.operations.job_runs import SILENT, JobAsked, ask_for_run
from domain.permissions import Permission
from domain.problems import IdempotencyKeyReused, InvalidInput, NotFound
from resolvers.audit import actor
from resolvers.context import RequestContext
from resolvers.staff_callers import staff_with

MOST_RUNS = 10


@dataclass(frozen=True, slots=True)
class JobView:
    """A job and its last runs."""

    definition: JobDefinition
    runs: Sequence[JobRun]


@dataclass(frozen=True, slots=True)
class WorkerView:
    """A worker, and whether it was heard of lately."""

    beat: WorkerBeat
    is_alive: bool


AskAnswer = JobAsked | NotFound | InvalidInput | IdempotencyKeyReused


async def jobs(context: RequestContext) -> list[JobView]:
    """Every job with its last runs, by name."""
    staff_with(context, Permission.READ_CHECKS)
    async with context.stores.sql.read() as session:
        runs = JobRuns(session)
        definitions = await runs.definitions()
        latest = await runs.latest([each.name for each in definitions], MOST_RUNS)
    return [JobView(each, latest[each.name]) for each in definitions]


async def workers(context: RequestContext) -> list[WorkerView]:
    """The workers that live, and those that were heard of in the last day."""
    staff_with(context, Permission.READ_CHECKS)
    silent_since = context.clock() - SILENT
    async with context.stores.sql.read() as session:
        return [WorkerView(each, each.beat_at >= silent_since) for each in await JobRuns(session).workers()]


async def run(context: RequestContext, name: str, key: str) -> AskAnswer:
    """Have a job run now."""
    staff = staff_with(context, Permission.RUN_JOBS)
    return await ask_for_run(context.stores, actor(context), staff.staff_id, name, key)


def seconds_taken(run: JobRun) -> float | None:
    """How long it took."""
    return None if run.ended_at is None else (run.ended_at - run.began_at).total_seconds()


def at_seconds(view: JobView) -> list[int]:
    """The seconds of each minute at which it runs."""
    return list(view.definition.at_seconds)


def last_beat(view: WorkerView) -> datetime:
    """When it was heard of last."""
    return view.beat.beat_at

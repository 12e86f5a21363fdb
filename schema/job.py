"""The worker's jobs."""

import datetime as dt
from collections.abc import Awaitable
from typing import Annotated

import strawberry

from datasources.sql.job_run import JobOutcome
from datasources.sql.job_run import JobRun as RunRow
from domain import problems
from domain.operations import job_runs
from domain.permissions import Permission
from resolvers import jobs as worker_jobs
from schema.binding import Context, answers, described_enum, mutates, of
from schema.permissions import may
from schema.problems import IdempotencyKeyReused, InvalidInput, NotFound, record_of

described_enum(
    JobOutcome,
    "How a run of a job stands.",
    {
        "ASKED": "An administrator asked for it; no worker has begun.",
        "RUNNING": "A worker is at it.",
        "DONE": "It ended well.",
        "FAILED": "It ended with a fault; a later run takes up what it left.",
        "LOST": "No word came of its end, as when its worker was killed; a later run takes up what it left.",
    },
)


@strawberry.type(description="One run of a job.")
class JobRun:
    id: strawberry.ID = strawberry.field(resolver=of(lambda run: str(run.id)), description="Its number.")
    job: str = strawberry.field(description="The job's name.")
    worker: str | None = strawberry.field(
        resolver=of(lambda run: run.worker or None), description="Which worker ran it; null while none has begun."
    )
    outcome: JobOutcome = strawberry.field(
        resolver=of(lambda run: JobOutcome(run.outcome)), description="How it stands."
    )
    began_at: dt.datetime = strawberry.field(description="When it began or, while ASKED, when it was asked for.")
    seconds: float | None = strawberry.field(
        resolver=of(worker_jobs.seconds_taken), description="How long it took; null while it runs."
    )
    problem: str | None = strawberry.field(
        resolver=of(lambda run: run.problem or None),
        description="What it failed by: the name of the fault, or TIMED_OUT, STOPPED, UNKNOWN_JOB, NO_WORD.",
    )
    was_asked_for: bool = strawberry.field(
        resolver=of(lambda run: run.asked_by is not None), description="Whether an administrator asked for it."
    )

    is_type_of = record_of(RunRow)


@strawberry.type(description="Something that the worker does by the clock.")
class Job:
    name: str = strawberry.field(resolver=of(lambda view: view.definition.name), description="For `runJob`.")
    description: str = strawberry.field(
        resolver=of(lambda view: view.definition.description), description="What it does, in English."
    )
    at_seconds: list[int] = strawberry.field(
        resolver=of(worker_jobs.at_seconds), description="The seconds of each minute at which it runs, on one worker."
    )
    longest_seconds: float = strawberry.field(
        resolver=of(lambda view: view.definition.longest_seconds), description="A run that takes longer is ended."
    )
    runs: list[JobRun] = strawberry.field(description="Its last 10 runs, the latest first.")

    is_type_of = record_of(worker_jobs.JobView)


@strawberry.type(description="A worker process.")
class Worker:
    name: str = strawberry.field(resolver=of(lambda view: view.beat.worker), description="Host, process and letters.")
    began_at: dt.datetime = strawberry.field(
        resolver=of(lambda view: view.beat.began_at), description="When it started."
    )
    beat_at: dt.datetime = strawberry.field(
        resolver=of(worker_jobs.last_beat), description="When it was heard of last."
    )
    is_alive: bool = strawberry.field(description="Whether that was within the last minute.")

    is_type_of = record_of(worker_jobs.WorkerView)


@strawberry.type(description="The job runs as soon as a worker can.")
class JobAsked:
    run: JobRun = strawberry.field(description="The run.")

    is_type_of = record_of(job_runs.JobAsked)


@strawberry.input(description="Which job to run.")
class RunJobInput:
    name: str = strawberry.field(description="The job's name.")
    idempotency_key: str = strawberry.field(
        description="1 to 128 printable characters. The same key again asks for nothing more."
    )


RunJobResult = Annotated[
    JobAsked | NotFound | InvalidInput | IdempotencyKeyReused,
    strawberry.union("RunJobResult", description="What became of asking."),
]


@strawberry.type
class JobQuery:
    @answers(list[Job], "Everything that the worker does by the clock, by name.", only=may(Permission.READ_CHECKS))
    def jobs(self, info: Context) -> Awaitable[list[worker_jobs.JobView]]:
        return worker_jobs.jobs(info.context)

    @answers(
        list[Worker],
        "Worker processes that were heard of in the last day, the one heard of last first.",
        only=may(Permission.READ_CHECKS),
    )
    def workers(self, info: Context) -> Awaitable[list[worker_jobs.WorkerView]]:
        return worker_jobs.workers(info.context)


@strawberry.type
class JobMutation:
    @mutates(
        RunJobResult,
        "Have a job run now, beside its schedule. It is recorded in the audit log.",
        only=may(Permission.RUN_JOBS),
    )
    def run_job(
        self, info: Context, input: Annotated[RunJobInput, strawberry.argument(description="Which job.")]
    ) -> Awaitable[job_runs.JobAsked | problems.NotFound | problems.InvalidInput | problems.IdempotencyKeyReused]:
        return worker_jobs.run(info.context, input.name, input.idempotency_key)

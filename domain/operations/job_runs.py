"""On record: how the worker's jobs run, which workers are alive, and runs that administrators ask for."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from sqlmodel.ext.asyncio.session import AsyncSession

from datasources.queue import JobQueue
from datasources.sql.audit_entry import AuditLog
from datasources.sql.idempotency_record import IdempotencyRecord, IdempotencyRecords
from datasources.sql.job_run import JobOutcome, JobRun, JobRuns
from datasources.stores import Stores
from domain.audit.actor import Actor
from domain.booking.once import KeyedCall, bad_key, in_one_go
from domain.clock import Clock
from domain.problems import IdempotencyKeyReused, InvalidInput, NotFound

RUN_ASKED = "run_asked_jobs"
BEAT_SECONDS = 10
SILENT = timedelta(seconds=60)
"""A worker that was not heard of for so long counts as dead, and what it ran as lost."""
OVERDUE = timedelta(minutes=30)
"""No run may take so long: the end of one that did was not recorded."""
DEFINED_AGAIN = timedelta(hours=1)
SILENT_KEPT = timedelta(days=1)
"""For so long a dead worker, and a job that no worker knows any more, stay listed."""
PLAIN_KEPT = timedelta(hours=2)
"""Runs by the clock that went well; some jobs run every other second."""
ALL_KEPT = timedelta(days=30)

_OPERATION = "runJob"
_log = structlog.get_logger(component="worker")


@dataclass(frozen=True, slots=True)
class JobAsked:
    """The job runs as soon as a worker can; asked for by this call or, the same call, before."""

    run: JobRun


class RunRecorder:
    """Writes down one run. What it can't write it logs: the job itself matters more."""

    def __init__(self, stores: Stores, clock: Clock, job: str, worker: str, id: int | None = None) -> None:
        self._stores, self._clock, self._job, self._worker = stores, clock, job, worker
        self._id = id

    async def begin(self) -> None:
        """The job begins now."""
        try:
            async with self._stores.sql.unit_of_work() as session:
                self._id = await JobRuns(session).begin(self._job, self._worker, self._clock())
        except Exception as fault:  # noqa: BLE001 - whatever it was, the job runs
            _log.warning("a run is not on record", job=self._job, error=type(fault).__name__)

    async def end(self, problem: str) -> None:
        """The job has ended, well without a problem."""
        if self._id is None:
            return
        try:
            async with self._stores.sql.unit_of_work() as session:
                outcome = JobOutcome.FAILED if problem else JobOutcome.DONE
                await JobRuns(session).end(self._id, outcome, problem, self._clock())
        except Exception as fault:  # noqa: BLE001 - it will count as lost
            _log.warning("the end of a run is not on record", job=self._job, error=type(fault).__name__)


async def tend_runs(stores: Stores, now: datetime) -> None:
    """Give up for lost the runs of whose end no word came, and forget old ones."""
    async with stores.sql.unit_of_work() as session:
        runs = JobRuns(session)
        lost = await runs.give_up_lost(now - SILENT, now - OVERDUE, now)
        await runs.forget_runs(now - PLAIN_KEPT, now - ALL_KEPT)
        await runs.forget_silent(now - SILENT_KEPT)
    if lost:
        _log.warning("no word came of the end of runs", count=lost)


async def ask_for_run(
    stores: Stores, actor: Actor, staff_id: UUID, job: str, key: str
) -> JobAsked | NotFound | InvalidInput | IdempotencyKeyReused:
    """Have a job run now. The same call again asks for nothing more."""
    call = KeyedCall(actor, _OPERATION, key, staff_id, (job,))
    problem = bad_key(key)
    if problem is not None:
        return problem

    async def ask(session: AsyncSession) -> JobAsked | NotFound | IdempotencyKeyReused:
        records, runs = IdempotencyRecords(session), JobRuns(session)
        earlier = await records.get(call.caller, _OPERATION, key)
        if earlier is not None:
            if earlier.request_hash != call.digest:
                return IdempotencyKeyReused(key)
            there = await runs.get(int(earlier.subject_id))
            return NotFound() if there is None else JobAsked(there)
        if job not in {each.name for each in await runs.definitions()}:
            return NotFound()
        run = await runs.ask(job, staff_id, actor.now)
        await records.add(
            IdempotencyRecord(
                caller=call.caller,
                operation=_OPERATION,
                idempotency_key=key,
                request_hash=call.digest,
                subject_id=str(run.id),
                created_at=actor.now,
            )
        )
        await AuditLog(session).append(actor.act("JOB_ASKED", "job", job, detail={"run": run.id}))
        return JobAsked(run)

    answer = await in_one_go(stores.sql, ask)
    if isinstance(answer, JobAsked):
        await JobQueue(stores.redis).hand_over(RUN_ASKED)
    return answer

"""The worker's jobs: which there are, how their runs went, and which workers are alive."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    Identity,
    Index,
    Integer,
    String,
    cast,
    delete,
    func,
    or_,
    text,
    true,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import aliased
from sqlmodel import Field, SQLModel, col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

NO_WORD = "NO_WORD"
"""What a lost run failed by: no word came of its end."""


class JobOutcome(StrEnum):
    """How a run stands."""

    ASKED = "ASKED"
    RUNNING = "RUNNING"
    DONE = "DONE"
    FAILED = "FAILED"
    LOST = "LOST"


class JobDefinition(SQLModel, table=True):
    """One row per periodic job, written by the workers that know it as they start and now and then."""

    __tablename__ = "job_definition"

    name: str = Field(primary_key=True)
    description: str
    at_seconds: list[int] = Field(sa_column=Column(ARRAY(Integer), nullable=False))
    longest_seconds: float
    seen_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))


class JobRun(SQLModel, table=True):
    """One row per run of a periodic job, or one that was asked for."""

    __tablename__ = "job_run"
    __table_args__ = (
        CheckConstraint("outcome IN ('ASKED', 'RUNNING', 'DONE', 'FAILED', 'LOST')", name="job_run_outcome"),
        CheckConstraint("(outcome IN ('ASKED', 'RUNNING')) = (ended_at IS NULL)", name="job_run_ended_has_its_time"),
        Index("job_run_latest", "job", "id"),
        Index("job_run_asked", "id", postgresql_where=text("outcome = 'ASKED'")),
        Index("job_run_running", "worker", postgresql_where=text("outcome = 'RUNNING'")),
        Index("job_run_oldest", "began_at"),
    )

    id: int | None = Field(default=None, sa_column=Column(BigInteger, Identity(), primary_key=True))
    job: str
    worker: str = Field(default="")
    outcome: str
    began_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    """Of one that was asked for and has not begun, when it was asked for."""
    ended_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    problem: str = Field(default="")
    asked_by: UUID | None = Field(default=None, foreign_key="staff_account.id")


class WorkerBeat(SQLModel, table=True):
    """One row per worker process that is or was alive."""

    __tablename__ = "worker_beat"

    worker: str = Field(primary_key=True)
    began_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    beat_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))


class JobRuns:
    """Reads and changes them inside the session it is given."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def define(self, definitions: Sequence[JobDefinition]) -> None:
        """Have these listed as they now are."""
        # In one order, so that workers that start together never wait for each other in a circle.
        for each in sorted(definitions, key=lambda definition: definition.name):
            values = each.model_dump()
            changed = {name: value for name, value in values.items() if name != "name"}
            statement = insert(JobDefinition).values(**values)
            await self._execute(statement.on_conflict_do_update(index_elements=["name"], set_=changed))

    async def definitions(self) -> Sequence[JobDefinition]:
        """The jobs, by name."""
        return (await self._session.exec(select(JobDefinition).order_by(col(JobDefinition.name)))).all()

    async def begin(self, job: str, worker: str, now: datetime) -> int:
        """A run begins; its id."""
        statement = insert(JobRun).values(
            job=job, worker=worker, outcome=str(JobOutcome.RUNNING), began_at=now, problem=""
        )
        id: int = (await self._execute(statement.returning(col(JobRun.id)))).scalar_one()
        return id

    async def end(self, id: int, outcome: JobOutcome, problem: str, now: datetime) -> None:
        """A run ends, if it was not given up for lost."""
        await self._execute(
            update(JobRun)
            .where(col(JobRun.id) == id, col(JobRun.outcome) == JobOutcome.RUNNING)
            .values(outcome=str(outcome), problem=problem, ended_at=now)
        )

    async def ask(self, job: str, staff_id: UUID, now: datetime) -> JobRun:
        """Have the job run as soon as a worker can."""
        row = JobRun(job=job, outcome=str(JobOutcome.ASKED), began_at=now, asked_by=staff_id)
        self._session.add(row)
        await self._session.flush()
        return row

    async def get(self, id: int) -> JobRun | None:
        """The run with this id."""
        return await self._session.get(JobRun, id)

    async def take_asked(self, worker: str, now: datetime) -> JobRun | None:
        """The run that was asked for first, now this worker's."""
        first = (
            select(JobRun.id)
            .where(col(JobRun.outcome) == JobOutcome.ASKED)
            .order_by(col(JobRun.id))
            .limit(1)
            .with_for_update(skip_locked=True)
            .scalar_subquery()
        )
        taken = await self._session.exec(
            update(JobRun)
            .where(col(JobRun.id) == first)
            .values(outcome=str(JobOutcome.RUNNING), worker=worker, began_at=now)
            .returning(JobRun)
        )
        row: JobRun | None = taken.scalar_one_or_none()
        return row

    async def latest(self, jobs: Sequence[str], most: int) -> dict[str, list[JobRun]]:
        """The latest runs of each of these jobs, so many at most, the latest first."""
        names = func.unnest(cast(list(jobs), ARRAY(String))).table_valued("name").render_derived("job")
        own = select(JobRun).where(col(JobRun.job) == names.c.name).order_by(col(JobRun.id).desc()).limit(most)
        run = aliased(JobRun, own.correlate(names).lateral("run"))
        query = select(run).select_from(names).join(run, true()).order_by(col(run.id).desc())
        found: dict[str, list[JobRun]] = {job: [] for job in jobs}
        for row in (await self._session.exec(query)).all():
            found[row.job].append(row)
        return found

    async def beat(self, worker: str, now: datetime) -> None:
        """The worker is alive."""
        statement = insert(WorkerBeat).values(worker=worker, began_at=now, beat_at=now)
        await self._execute(statement.on_conflict_do_update(index_elements=["worker"], set_={"beat_at": now}))

    async def workers(self) -> Sequence[WorkerBeat]:
        """The workers that were heard of lately, the latest first."""
        return (await self._session.exec(select(WorkerBeat).order_by(col(WorkerBeat.beat_at).desc()).limit(50))).all()

    async def give_up_lost(self, silent_since: datetime, overdue_since: datetime, now: datetime) -> int:
        """End the runs of workers that have been silent since then, and any that began before it was overdue; how many.

        The end of a run stays unrecorded if PostgreSQL was away just then, though its worker lives on.
        """
        alive = select(WorkerBeat.worker).where(col(WorkerBeat.beat_at) >= silent_since)
        lost = await self._execute(
            update(JobRun)
            .where(
                col(JobRun.outcome) == JobOutcome.RUNNING,
                col(JobRun.began_at) < silent_since,
                or_(col(JobRun.worker).not_in(alive), col(JobRun.began_at) < overdue_since),
            )
            .values(outcome=str(JobOutcome.LOST), ended_at=now, problem=NO_WORD)
        )
        return int(lost.rowcount)

    async def forget_runs(self, plain_before: datetime, all_before: datetime) -> None:
        """Delete what is older: of runs by the clock that went well the former, of others the latter."""
        plain = (col(JobRun.outcome) == JobOutcome.DONE, col(JobRun.asked_by).is_(None))
        await self._execute(delete(JobRun).where(col(JobRun.began_at) < plain_before, *plain))
        await self._execute(delete(JobRun).where(col(JobRun.began_at) < all_before))

    async def forget_silent(self, silent_since: datetime) -> None:
        """Delete the workers that were not heard of since then, and the jobs that no worker knows any more."""
        await self._execute(delete(WorkerBeat).where(col(WorkerBeat.beat_at) < silent_since))
        await self._execute(delete(JobDefinition).where(col(JobDefinition.seen_at) < silent_since))

    async def _execute(self, statement: Any) -> Any:
        return await (await self._session.connection()).execute(statement)

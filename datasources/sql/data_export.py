"""Exports of people's own data: who asked, how far it is, and which file came of it."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, DateTime, Index, func, text
from sqlmodel import Field, SQLModel, col, delete, select, update
from sqlmodel.ext.asyncio.session import AsyncSession


class ExportState(StrEnum):
    """Where an export stands."""

    WAITING = "WAITING"
    RUNNING = "RUNNING"
    READY = "READY"
    FAILED = "FAILED"
    EXPIRED = "EXPIRED"


class ExportFailure(StrEnum):
    """Why an export was given up."""

    ACCOUNT_CLOSED = "ACCOUNT_CLOSED"
    TOO_MANY_ATTEMPTS = "TOO_MANY_ATTEMPTS"


class DataExport(SQLModel, table=True):
    """One row per export that somebody asked for. An erased account's rows are deleted."""

    __tablename__ = "data_export"
    __table_args__ = (
        CheckConstraint("state IN ('WAITING', 'RUNNING', 'READY', 'FAILED', 'EXPIRED')", name="data_export_state"),
        CheckConstraint("failure IN ('ACCOUNT_CLOSED', 'TOO_MANY_ATTEMPTS')", name="data_export_failure"),
        CheckConstraint(
            "(state = 'WAITING' AND due_at IS NOT NULL"
            " AND num_nonnulls(lease_id, finished_at, expires_at, file_id, failure) = 0)"
            " OR (state = 'RUNNING' AND num_nulls(due_at, lease_id) = 0"
            " AND num_nonnulls(finished_at, expires_at, file_id, failure) = 0)"
            " OR (state = 'FAILED' AND num_nulls(finished_at, failure) = 0"
            " AND num_nonnulls(due_at, lease_id, expires_at, file_id) = 0)"
            " OR (state IN ('READY', 'EXPIRED') AND num_nulls(finished_at, expires_at, file_id) = 0"
            " AND num_nonnulls(due_at, lease_id, failure) = 0)",
            name="data_export_stands",
        ),
        Index(
            "data_export_one_at_a_time",
            "user_id",
            unique=True,
            postgresql_where=text("state = 'WAITING' OR state = 'RUNNING'"),
        ),
        Index("data_export_user", "user_id", "requested_at", "id"),
        Index("data_export_due", "due_at", postgresql_where=text("due_at IS NOT NULL")),
        Index("data_export_expiring", "expires_at", postgresql_where=text("state = 'READY'")),
    )

    id: UUID = Field(primary_key=True)
    user_id: UUID = Field(foreign_key="user_account.id")
    state: str = Field(default=ExportState.WAITING)
    attempts: int = Field(default=0)
    requested_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    due_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    """From when on a worker may take it: at once, after a pause, or when the lease of whoever is at it has ended."""
    lease_id: UUID | None = Field(default=None)
    """Of whoever is at it, so that one who comes late changes nothing."""
    finished_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    expires_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    file_id: UUID | None = Field(default=None, foreign_key="stored_file.id")
    failure: str | None = Field(default=None)


UNDER_WAY = (ExportState.WAITING, ExportState.RUNNING)


class DataExports:
    """Reads and changes exports inside the session it is given. Each state change is one UPDATE that names the old
    state and, where somebody is at it, their lease."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def of_user(self, user_id: UUID, *, limit: int) -> list[DataExport]:
        """The account's exports, the latest first."""
        found = await self._session.exec(
            select(DataExport)
            .where(col(DataExport.user_id) == user_id)
            .order_by(col(DataExport.requested_at).desc(), col(DataExport.id).desc())
            .limit(limit)
        )
        return list(found)

    async def under_way(self, user_id: UUID) -> DataExport | None:
        """The account's export that is not finished yet: there is one at most."""
        found = await self._session.exec(
            select(DataExport).where(col(DataExport.user_id) == user_id, col(DataExport.state).in_(UNDER_WAY))
        )
        return found.one_or_none()

    async def last_made_at(self, user_id: UUID) -> datetime | None:
        """When the account last got an export."""
        found = await self._session.exec(
            select(func.max(DataExport.finished_at)).where(
                col(DataExport.user_id) == user_id,
                col(DataExport.state).in_((ExportState.READY, ExportState.EXPIRED)),
            )
        )
        return found.one()

    async def lock_user(self, user_id: UUID) -> None:
        """Let nobody else ask for this account until the transaction ends."""
        await self._lock(f"data_export:{user_id}")

    async def add(self, export: DataExport) -> None:
        """Store a new export."""
        self._session.add(export)
        await self._session.flush()

    async def take(
        self, now: datetime, lease_id: UUID, lease_until: datetime, *, most_at_once: int
    ) -> DataExport | None:
        """The export that is due longest, now RUNNING under this lease: a new one, one to be tried again, or one whose
        maker died. None when none is due, or so many are being made."""
        await self._lock("data_export")
        running = await self._session.exec(
            select(func.count())
            .select_from(DataExport)
            .where(col(DataExport.state) == ExportState.RUNNING, col(DataExport.due_at) > now)
        )
        if running.one() >= most_at_once:
            return None
        due = (
            select(DataExport.id)
            .where(col(DataExport.due_at) <= now)
            .order_by(col(DataExport.due_at), col(DataExport.id))
            .limit(1)
            .scalar_subquery()
        )
        return await self._changed(
            update(DataExport)
            .where(col(DataExport.id) == due, col(DataExport.due_at) <= now)
            .values(
                state=ExportState.RUNNING,
                lease_id=lease_id,
                due_at=lease_until,
                attempts=col(DataExport.attempts) + 1,
            )
        )

    async def finish(
        self, id: UUID, lease_id: UUID, file_id: UUID, now: datetime, expires_at: datetime
    ) -> DataExport | None:
        """RUNNING → READY, if this lease still stands."""
        return await self._end(
            id, lease_id, state=ExportState.READY, file_id=file_id, finished_at=now, expires_at=expires_at
        )

    async def fail(self, id: UUID, lease_id: UUID, failure: ExportFailure, now: datetime) -> DataExport | None:
        """RUNNING → FAILED, if this lease still stands."""
        return await self._end(id, lease_id, state=ExportState.FAILED, failure=failure, finished_at=now)

    async def put_back(self, id: UUID, lease_id: UUID, due_at: datetime) -> DataExport | None:
        """RUNNING → WAITING until this time, if this lease still stands."""
        return await self._end(id, lease_id, state=ExportState.WAITING, due_at=due_at)

    async def next_over(self, now: datetime) -> DataExport | None:
        """A READY export whose time is over; None if there is none."""
        found = await self._session.exec(
            select(DataExport)
            .where(col(DataExport.state) == ExportState.READY, col(DataExport.expires_at) <= now)
            .order_by(col(DataExport.expires_at), col(DataExport.id))
            .limit(1)
        )
        return found.one_or_none()

    async def expire(self, id: UUID) -> DataExport | None:
        """READY → EXPIRED. None if it was not READY any more."""
        return await self._changed(
            update(DataExport)
            .where(col(DataExport.id) == id, col(DataExport.state) == ExportState.READY)
            .values(state=ExportState.EXPIRED)
        )

    async def delete_of(self, user_id: UUID) -> None:
        """Forget every export of the account, also one that is being made."""
        await (await self._session.connection()).execute(delete(DataExport).where(col(DataExport.user_id) == user_id))

    async def _end(self, id: UUID, lease_id: UUID, **values: Any) -> DataExport | None:
        return await self._changed(
            update(DataExport)
            .where(
                col(DataExport.id) == id,
                col(DataExport.state) == ExportState.RUNNING,
                col(DataExport.lease_id) == lease_id,
            )
            .values(**{"lease_id": None, "due_at": None, **values})
        )

    async def _changed(self, statement: Any) -> DataExport | None:
        changed = await self._session.exec(statement.returning(DataExport).execution_options(populate_existing=True))
        row: DataExport | None = changed.scalar_one_or_none()
        return row

    async def _lock(self, name: str) -> None:
        await (await self._session.connection()).execute(
            text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": name}
        )

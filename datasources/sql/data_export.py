"""Exports of people's own data: who asked, how far it is, and which file came of it."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, DateTime, Index, text
from sqlmodel import Field, SQLModel


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

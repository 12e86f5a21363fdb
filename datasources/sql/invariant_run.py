"""Runs of the booking invariant's check, and what they found."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Column, DateTime, Identity, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel


class CheckScope(StrEnum):
    """What a run looks at."""

    RECENT = "RECENT"
    WHOLE = "WHOLE"


class FindingState(StrEnum):
    """What became of a finding."""

    OPEN = "OPEN"
    REPAIRED = "REPAIRED"
    GONE = "GONE"


class InvariantRun(SQLModel, table=True):
    """One run. Without an end it is under way, or its process died."""

    __tablename__ = "invariant_run"
    __table_args__ = (
        CheckConstraint("scope IN ('RECENT', 'WHOLE')", name="invariant_run_scope"),
        Index("invariant_run_latest", "scope", "began_at"),
    )

    id: int | None = Field(default=None, sa_column=Column(BigInteger, Identity(), primary_key=True))
    scope: str
    began_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    ended_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    sessions_checked: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    texts_checked: bool = Field(default=False, sa_column_kwargs={"server_default": "false"})
    """Whether the catalogue was compared as well: not while MongoDB is down."""
    breaches: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    drifts: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    repaired: int = Field(default=0, sa_column_kwargs={"server_default": "0"})


class InvariantFinding(SQLModel, table=True):
    """Something that was found wrong with a session; one row from when it is first seen until it is gone."""

    __tablename__ = "invariant_finding"
    __table_args__ = (
        CheckConstraint("state IN ('OPEN', 'REPAIRED', 'GONE')", name="invariant_finding_state"),
        Index(
            "invariant_finding_open_once",
            "kind",
            "schedule_id",
            unique=True,
            postgresql_where=text("state = 'OPEN'"),
        ),
        Index("invariant_finding_latest", "last_seen_at"),
    )

    id: int | None = Field(default=None, sa_column=Column(BigInteger, Identity(), primary_key=True))
    kind: str
    schedule_id: str
    hospital_code: str
    is_breach: bool
    detail: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False, server_default=text("'{}'")))
    state: str = Field(default=FindingState.OPEN)
    first_seen_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    last_seen_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))

"""The platform's own telephones that send text messages, and how the providers' health is remembered."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column, DateTime, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel


class SmsPhone(SQLModel, table=True):
    """One telephone. Until it is enrolled it has a code, afterwards a token; of both only the hash is kept."""

    __tablename__ = "sms_phone"
    __table_args__ = (
        Index("sms_phone_token", "token_hash", unique=True, postgresql_where=text("token_hash IS NOT NULL")),
        Index("sms_phone_code", "code_hash", unique=True, postgresql_where=text("code_hash IS NOT NULL")),
    )

    id: UUID = Field(primary_key=True)
    name: str
    created_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    code_hash: bytes | None = Field(default=None)
    code_expires_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    token_hash: bytes | None = Field(default=None)
    enrolled_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    revoked_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    paused_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    sim_slot: int | None = Field(default=None)
    """Counted from 0; None leaves it to the telephone."""
    parts_per_half_hour: int
    parts_per_day: int
    next_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    """Nothing but codes before this: a gap between messages."""
    failures_in_a_row: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    last_beat_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    battery_percent: int | None = Field(default=None)
    charging: bool | None = Field(default=None)
    signal_percent: int | None = Field(default=None)
    sims: list[dict[str, Any]] = Field(sa_column=Column(JSONB, nullable=False, server_default="[]"))
    """What it says of its SIMs: `slot`, `carrier`."""
    journal_open: int | None = Field(default=None)
    """Messages that it has and has not finished, by its own journal."""
    hung_calls: int | None = Field(default=None)
    """Calls of its radio that had to be broken off since it started."""
    app_version: str = Field(default="", sa_column_kwargs={"server_default": ""})
    radio: str = Field(default="", sa_column_kwargs={"server_default": ""})


class SmsProviderHealth(SQLModel, table=True):
    """How a provider that is called (not a telephone) has lately done, for all processes together."""

    __tablename__ = "sms_provider_health"

    route: str = Field(primary_key=True)
    failures_in_a_row: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    rest_until: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    """Nothing is given to it before this."""
    last_problem: str = Field(default="", sa_column_kwargs={"server_default": ""})
    last_ok_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))

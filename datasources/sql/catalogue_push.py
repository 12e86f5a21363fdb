"""Pushes that hospitals made: the record that makes a repeat harmless, and the outbox towards MongoDB."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Identity,
    Index,
    LargeBinary,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel


class CataloguePush(SQLModel, table=True):
    """One accepted push. `documents` waits here until it stands in MongoDB, then is emptied.

    The row is written in the transaction that changes the slot ledger, so a process that dies between
    the two stores leaves work to do, never a half-applied push.
    """

    __tablename__ = "catalogue_push"
    __table_args__ = (
        UniqueConstraint("hospital_code", "idempotency_key", name="catalogue_push_once"),
        Index("catalogue_push_waiting", "id", postgresql_where=text("applied_at IS NULL")),
    )

    id: int | None = Field(default=None, sa_column=Column(BigInteger, Identity(), primary_key=True))
    hospital_code: str = Field(foreign_key="hospital_account.code")
    idempotency_key: str = Field(max_length=128)
    operation: str
    request_hash: bytes = Field(sa_column=Column(LargeBinary(32), nullable=False))
    revision: int = Field(sa_column=Column(BigInteger, nullable=False))
    outcome: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    documents: list[dict[str, Any]] | None = Field(default=None, sa_column=Column(JSONB))
    created_at: datetime | None = Field(
        default=None, sa_column=Column(DateTime(timezone=True), nullable=False, server_default=func.now())
    )
    applied_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))

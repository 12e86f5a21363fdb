"""The history of orders: every step, by whom and why. Rows are only ever added."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Column, DateTime, Identity, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel


class OrderEventRow(SQLModel, table=True):
    """One step of one order."""

    __tablename__ = "order_event"
    __table_args__ = (Index("order_event_of_order", "order_id", "id"),)

    id: int | None = Field(default=None, sa_column=Column(BigInteger, Identity(), primary_key=True))
    order_id: UUID = Field(foreign_key="booking_order.id")
    at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    event: str
    from_state: str | None = Field(default=None)
    to_state: str
    actor_kind: str
    actor_id: str
    reason: str = Field(default="")
    detail: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSONB, nullable=False, server_default="{}"))

"""The queue (候诊队列) of each session: who has checked in, in which order they are called."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, DateTime, Index
from sqlmodel import Field, SQLModel


class QueueEntry(SQLModel, table=True):
    """One row per order that was checked in. It counts as long as its order is CHECKED_IN.

    `place` orders those of one session; `domain/booking/queue_order.py` decides it. Whoever reads it to change it holds
    the session's lock (`SessionQueues.lock`).
    """

    __tablename__ = "queue_entry"
    __table_args__ = (
        CheckConstraint("number > 0 AND place >= 0", name="queue_entry_positive"),
        CheckConstraint("times_called >= (called_at IS NOT NULL)::int", name="queue_entry_called_is_counted"),
        Index("queue_entry_in_order", "schedule_id", "place"),
    )

    order_id: UUID = Field(foreign_key="booking_order.id", primary_key=True)
    schedule_id: str = Field(foreign_key="slot_ledger.schedule_id")
    number: int
    """The number that was booked."""
    place: int
    late: bool
    """Whether a higher number had been called when they came."""
    arrived_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    times_called: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    called_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    """When they were called; empty while they wait, also after they were called and were not there."""
    called_by: str = Field(default="", sa_column_kwargs={"server_default": ""})
    room: str = Field(default="", sa_column_kwargs={"server_default": ""})
    """Where they were called to."""

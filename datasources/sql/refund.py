"""Refunds: money that goes back, each with a number of its own that never changes.

Rows are made by `square_orders` (migration 0013) alone, and never more than was paid: a trigger counts them into
`payment.refund_total`, which a check keeps within the payment's amount.
"""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Column, DateTime, Identity, Index, Numeric, UniqueConstraint, text
from sqlmodel import Field, SQLModel


class RefundRowState(StrEnum):
    """How far a refund is."""

    WAITING = "WAITING"
    """To be asked for, or to be asked for again: whether the provider has heard of it is not known."""
    PROCESSING = "PROCESSING"
    """The provider has taken it."""
    DONE = "DONE"
    ABNORMAL = "ABNORMAL"
    """It cannot go on by itself: people in finance have to act."""
    REPLACED = "REPLACED"
    """The provider will never do it; another with another number stands for it."""


UNDER_WAY = (RefundRowState.WAITING, RefundRowState.PROCESSING, RefundRowState.ABNORMAL)
"""States in which the money is promised and has not arrived."""

_STATES = "state IN (" + ", ".join(f"'{state}'" for state in RefundRowState) + ")"


class RefundRow(SQLModel, table=True):
    """One refund of one payment."""

    __tablename__ = "refund"
    __table_args__ = (
        CheckConstraint(_STATES, name="refund_state"),
        CheckConstraint("amount > 0", name="refund_amount_positive"),
        CheckConstraint("(state IN ('WAITING', 'PROCESSING')) = (next_at IS NOT NULL)", name="refund_next_while_open"),
        CheckConstraint("(state = 'DONE') = (finished_at IS NOT NULL)", name="refund_done_has_its_time"),
        UniqueConstraint("refund_number", name="refund_refund_number"),
        Index("refund_of_order", "order_id", "id"),
        Index("refund_of_payment", "payment_id"),
        Index("refund_due", "next_at", postgresql_where=text("next_at IS NOT NULL")),
        Index("refund_done", "finished_at", postgresql_where=text("state = 'DONE'")),
    )

    id: int | None = Field(default=None, sa_column=Column(BigInteger, Identity(), primary_key=True))
    order_id: UUID = Field(foreign_key="booking_order.id")
    payment_id: UUID = Field(foreign_key="payment.id")
    refund_number: str = Field(max_length=32)
    amount: Decimal = Field(sa_column=Column(Numeric(10, 2), nullable=False))
    reason: str
    """Why, as a code: the order's step, or LATE_PAYMENT, …"""
    state: str
    attempts: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    next_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    provider_number: str | None = Field(default=None)
    problem: str = Field(default="", sa_column_kwargs={"server_default": ""})
    """What the provider last said against it, in its own code; for people in finance."""
    created_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    finished_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))

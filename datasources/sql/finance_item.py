"""What people in finance have to look at: money that is not where the books say. And which days were compared."""

import datetime as dt
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Column, DateTime, Identity, Index, Numeric, text
from sqlmodel import Field, SQLModel


class FinanceKind(StrEnum):
    """What does not fit."""

    AMOUNT_DIFFERS = "AMOUNT_DIFFERS"
    UNKNOWN_TRADE = "UNKNOWN_TRADE"
    PAID_TWICE = "PAID_TWICE"
    REFUND_ABNORMAL = "REFUND_ABNORMAL"
    BILL_MISSING_HERE = "BILL_MISSING_HERE"
    BILL_MISSING_THERE = "BILL_MISSING_THERE"
    BILL_AMOUNT_DIFFERS = "BILL_AMOUNT_DIFFERS"


class FinanceItemState(StrEnum):
    """Whether somebody has dealt with it."""

    OPEN = "OPEN"
    RESOLVED = "RESOLVED"


class FinanceItem(SQLModel, table=True):
    """One matter about one trade or refund; at most one open of a kind."""

    __tablename__ = "finance_item"
    __table_args__ = (
        CheckConstraint("state IN ('OPEN', 'RESOLVED')", name="finance_item_state"),
        CheckConstraint(
            "kind IN (" + ", ".join(f"'{kind}'" for kind in FinanceKind) + ")",
            name="finance_item_kind",
        ),
        CheckConstraint("(state = 'RESOLVED') = (resolved_at IS NOT NULL)", name="finance_item_resolved_has_its_time"),
        Index(
            "finance_item_open_once",
            "kind",
            "channel",
            "trade_number",
            "refund_number",
            unique=True,
            postgresql_where=text("state = 'OPEN'"),
        ),
        Index("finance_item_of_order", "order_id"),
    )

    id: int | None = Field(default=None, sa_column=Column(BigInteger, Identity(), primary_key=True))
    kind: str
    channel: str
    trade_number: str
    refund_number: str = Field(default="", sa_column_kwargs={"server_default": ""})
    order_id: UUID | None = Field(default=None, foreign_key="booking_order.id")
    expected: Decimal | None = Field(default=None, sa_column=Column(Numeric(12, 2)))
    """Yuan by our books."""
    found: Decimal | None = Field(default=None, sa_column=Column(Numeric(12, 2)))
    """Yuan by the provider's word."""
    detail: str = Field(default="", sa_column_kwargs={"server_default": ""})
    state: str
    found_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    resolved_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    resolved_by: UUID | None = Field(default=None)
    resolution: str | None = Field(default=None)
    note: str = Field(default="", sa_column_kwargs={"server_default": ""})


class ReconciledDay(SQLModel, table=True):
    """One day of one provider that was compared with its bill."""

    __tablename__ = "reconciled_day"

    channel: str = Field(primary_key=True)
    day: dt.date = Field(primary_key=True)
    reconciled_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    bill_rows: int
    differences: int
    paid: Decimal = Field(sa_column=Column(Numeric(14, 2), nullable=False))
    """Yuan paid by the bill."""
    refunded: Decimal = Field(sa_column=Column(Numeric(14, 2), nullable=False))
    """Yuan given back by the bill."""

"""Payments: one row per trade that was offered to a payer, whatever became of it."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, DateTime, Index, Numeric, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from datasources.payments.channel import Provider


class PaymentState(StrEnum):
    """How far a payment is."""

    CREATED = "CREATED"
    """Noted; the provider may or may not know the trade yet."""
    OPEN = "OPEN"
    """Offered to the payer."""
    CLOSING = "CLOSING"
    """Not to be paid any more; the provider is to be told, and may answer that it was paid."""
    CLOSED = "CLOSED"
    """It was not paid. Should money arrive all the same, it becomes PAID and is given back."""
    PAID = "PAID"
    DISPUTED = "DISPUTED"
    """Money arrived that is not what was asked for: nothing was applied, and people in finance look at it."""


OFFERED = (PaymentState.CREATED, PaymentState.OPEN)
"""States in which a payment is the one that an order is to be paid by."""

_STATES = "state IN (" + ", ".join(f"'{state}'" for state in PaymentState) + ")"
_CHANNELS = "channel IN (" + ", ".join(f"'{provider}'" for provider in Provider) + ")"
_OFFERED = "state IN (" + ", ".join(f"'{state}'" for state in OFFERED) + ")"


class Payment(SQLModel, table=True):
    """One trade at one provider. `refund_total` is kept by the refunds' trigger, so a check keeps it in bounds."""

    __tablename__ = "payment"
    __table_args__ = (
        CheckConstraint(_STATES, name="payment_state"),
        CheckConstraint(_CHANNELS, name="payment_channel"),
        CheckConstraint("amount > 0", name="payment_amount_positive"),
        CheckConstraint("refund_total >= 0 AND refund_total <= amount", name="payment_refunds_within_amount"),
        CheckConstraint("refund_total = 0 OR state = 'PAID'", name="payment_refunds_of_paid"),
        CheckConstraint(
            "state <> 'PAID' OR (paid_at IS NOT NULL AND provider_number IS NOT NULL)", name="payment_paid_is_proved"
        ),
        CheckConstraint(
            "(state IN ('CREATED', 'OPEN', 'CLOSING')) = (look_at IS NOT NULL)",
            name="payment_looked_at_while_undecided",
        ),
        UniqueConstraint("trade_number", name="payment_trade_number"),
        Index("payment_offered_once", "order_id", "channel", unique=True, postgresql_where=text(_OFFERED)),
        Index(
            "payment_provider_number_once",
            "channel",
            "provider_number",
            unique=True,
            postgresql_where=text("provider_number IS NOT NULL"),
        ),
        Index("payment_of_order", "order_id", "id"),
        Index("payment_to_look_at", "look_at", postgresql_where=text("look_at IS NOT NULL")),
        Index("payment_paid", "paid_at", postgresql_where=text("state = 'PAID'")),
    )

    id: UUID = Field(primary_key=True)
    order_id: UUID = Field(foreign_key="booking_order.id")
    channel: str
    client_kind: str
    trade_number: str = Field(max_length=32)
    """Ours, told to the provider: unique, and not to be guessed."""
    amount: Decimal = Field(sa_column=Column(Numeric(10, 2), nullable=False))
    refund_total: Decimal = Field(
        default=Decimal(0), sa_column=Column(Numeric(10, 2), nullable=False, server_default="0")
    )
    """What was given back of it, or is going to be."""
    state: str
    code_text: str | None = Field(default=None)
    qr_text: str | None = Field(default=None)
    link: str | None = Field(default=None)
    expires_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    provider_number: str | None = Field(default=None)
    paid_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    payer: str | None = Field(default=None)
    means: str | None = Field(default=None)
    look_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    """When to ask the provider next."""
    looks: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    """How often it was asked since the payment came to its state."""
    created_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))

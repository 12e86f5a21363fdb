"""Orders (预约单): the promise of one number of one session to one patient."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, DateTime, Index, LargeBinary, Numeric, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel


class OrderState(StrEnum):
    """Where an order stands. Only `domain/booking/order_states.py` says which step leads where."""

    PENDING_HOSPITAL = "PENDING_HOSPITAL"
    AWAITING_PAYMENT = "AWAITING_PAYMENT"
    PAID = "PAID"
    CHECKED_IN = "CHECKED_IN"
    COMPLETED = "COMPLETED"
    CANCELLED = "CANCELLED"
    EXPIRED = "EXPIRED"
    REJECTED = "REJECTED"
    REFUNDING = "REFUNDING"
    REFUNDED = "REFUNDED"
    NO_SHOW = "NO_SHOW"


LIVE = (OrderState.PENDING_HOSPITAL, OrderState.AWAITING_PAYMENT, OrderState.PAID, OrderState.CHECKED_IN)
"""States of a visit that is still to come or under way."""

HOLDING = (*LIVE, OrderState.COMPLETED, OrderState.NO_SHOW)
"""States in which an order's number belongs to it and to nobody else. The ledger's `taken` counts these."""

_HOLDING = "state IN (" + ", ".join(f"'{state}'" for state in HOLDING) + ")"
_STATES = "state IN (" + ", ".join(f"'{state}'" for state in OrderState) + ")"
_LIVE = "state IN (" + ", ".join(f"'{state}'" for state in LIVE) + ")"


class BookingOrder(SQLModel, table=True):
    """One row per order. What can't happen twice is forbidden by its indexes, whatever the code forgets.

    `person` is the blind index of the patient's certificate: the same person is the same, whichever account books.
    """

    __tablename__ = "booking_order"
    __table_args__ = (
        CheckConstraint(_STATES, name="booking_order_state"),
        CheckConstraint("half_day IN ('AM', 'PM')", name="booking_order_half_day"),
        CheckConstraint("number > 0", name="booking_order_number_positive"),
        CheckConstraint("fee >= 0 AND paid_amount >= 0", name="booking_order_amounts"),
        CheckConstraint(
            "(state IN ('PENDING_HOSPITAL', 'AWAITING_PAYMENT')) = (lapses_at IS NOT NULL)",
            name="booking_order_lapses_while_waiting",
        ),
        CheckConstraint(f"person IS NOT NULL OR NOT ({_LIVE})", name="booking_order_live_has_person"),
        UniqueConstraint("order_number", name="booking_order_order_number"),
        UniqueConstraint("user_id", "idempotency_key", name="booking_order_once_per_key"),
        Index("booking_order_number_once", "schedule_id", "number", unique=True, postgresql_where=text(_HOLDING)),
        Index(
            "booking_order_person_once",
            "person",
            "hospital_code",
            "department_code",
            "visit_date",
            "half_day",
            unique=True,
            postgresql_where=text(_HOLDING),
        ),
        Index("booking_order_of_user", "user_id", "id"),
        Index("booking_order_of_patient", "patient_id"),
        Index("booking_order_of_schedule", "schedule_id"),
        Index("booking_order_of_hospital", "hospital_code", "visit_date", "id"),
        Index("booking_order_lapsing", "lapses_at", postgresql_where=text("lapses_at IS NOT NULL")),
        Index("booking_order_to_come", "visit_date", "half_day", postgresql_where=text("state = 'PAID'")),
        Index("booking_order_there", "visit_date", "id", postgresql_where=text("state = 'CHECKED_IN'")),
    )

    id: UUID = Field(primary_key=True)
    order_number: str
    """What people read out and type: unique, and not to be guessed from another."""
    user_id: UUID = Field(foreign_key="user_account.id")
    patient_id: UUID = Field(foreign_key="patient.id")
    person: bytes | None = Field(default=None, sa_column=Column(LargeBinary(16)))
    masked_patient_name: str = Field(default="")
    schedule_id: str = Field(foreign_key="slot_ledger.schedule_id")
    hospital_code: str
    department_code: str
    visit_date: date
    half_day: str
    number: int
    state: str
    fee: Decimal = Field(sa_column=Column(Numeric(10, 2), nullable=False))
    paid_amount: Decimal = Field(
        default=Decimal(0), sa_column=Column(Numeric(10, 2), nullable=False, server_default="0")
    )
    """What was received for the order and not given back."""
    lapses_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    """Until when the hospital must answer or the patient must pay."""
    cancel_until: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    """The latest time at which the patient may cancel, by the rule that stood when the number was taken."""
    fetch_time: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    """When to be there, where the hospital slices the half-day."""
    fetch_address: str = Field(default="")
    hospital_record_id: str | None = Field(default=None)
    texts: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSONB, nullable=False))
    """What was booked, in the words of that moment: hospital, department, doctor, title."""
    idempotency_key: str = Field(max_length=128)
    request_hash: bytes = Field(sa_column=Column(LargeBinary(32), nullable=False))
    created_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    state_changed_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    checked_in_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    ended_because: str | None = Field(default=None)
    """The step by which it ended without a visit; the history says more."""

"""Bans from booking after no-shows (爽约). A banned person still signs in, reads and cancels."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, DateTime, Index, LargeBinary, UniqueConstraint
from sqlmodel import Field, SQLModel


class BookingBan(SQLModel, table=True):
    """One row per ban; which no-show of which calendar year brought it makes it happen once."""

    __tablename__ = "booking_ban"
    __table_args__ = (
        CheckConstraint("until > since", name="booking_ban_lasts"),
        UniqueConstraint("person", "year", "no_shows", name="booking_ban_once"),
        Index("booking_ban_of_person", "person", "until"),
    )

    id: UUID = Field(primary_key=True)
    person: bytes | None = Field(default=None, sa_column=Column(LargeBinary(16)))
    """Blind index of the banned person's certificate; erased with the account."""
    patient_id: UUID = Field(foreign_key="patient.id")
    year: int
    no_shows: int
    since: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    until: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    lifted_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    lifted_by: UUID | None = Field(default=None)
    lifted_because: str = Field(default="")

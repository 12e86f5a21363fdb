"""The waitlist (候补): who wants a number of a full session, in the order they came."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Column, DateTime, Identity, Index, LargeBinary, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel


class WaitlistState(StrEnum):
    """Where an entry stands."""

    WAITING = "WAITING"
    OFFERED = "OFFERED"
    ACCEPTED = "ACCEPTED"
    LAPSED = "LAPSED"
    LEFT = "LEFT"
    ENDED = "ENDED"


OPEN = (WaitlistState.WAITING, WaitlistState.OFFERED)
"""States in which an entry may still become an order."""

_OPEN = "state IN ('WAITING', 'OFFERED')"


class WaitlistEntry(SQLModel, table=True):
    """One row per entry. The ledger's `waiting` counts WAITING ones; an OFFERED one holds a number that is `taken`."""

    __tablename__ = "waitlist_entry"
    __table_args__ = (
        CheckConstraint(
            "state IN ('WAITING', 'OFFERED', 'ACCEPTED', 'LAPSED', 'LEFT', 'ENDED')", name="waitlist_entry_state"
        ),
        CheckConstraint("(state = 'OFFERED') = (offer_until IS NOT NULL)", name="waitlist_entry_offer_has_its_end"),
        CheckConstraint("state <> 'OFFERED' OR number IS NOT NULL", name="waitlist_entry_offer_has_its_number"),
        CheckConstraint("(state = 'ACCEPTED') = (order_id IS NOT NULL)", name="waitlist_entry_accepted_has_its_order"),
        CheckConstraint(f"person IS NOT NULL OR NOT ({_OPEN})", name="waitlist_entry_open_has_person"),
        Index("waitlist_entry_once", "person", "schedule_id", unique=True, postgresql_where=text(_OPEN)),
        Index(
            "waitlist_entry_number_once",
            "schedule_id",
            "number",
            unique=True,
            postgresql_where=text("state = 'OFFERED'"),
        ),
        Index("waitlist_entry_in_turn", "schedule_id", "place", postgresql_where=text("state = 'WAITING'")),
        Index("waitlist_entry_offers", "offer_until", postgresql_where=text("state = 'OFFERED'")),
        Index("waitlist_entry_of_user", "user_id", "id"),
    )

    id: UUID = Field(primary_key=True)
    place: int | None = Field(default=None, sa_column=Column(BigInteger, Identity(), nullable=False))
    """Grows with every entry: who came first has the lower one."""
    user_id: UUID = Field(foreign_key="user_account.id")
    patient_id: UUID = Field(foreign_key="patient.id")
    person: bytes | None = Field(default=None, sa_column=Column(LargeBinary(16)))
    masked_patient_name: str = Field(default="")
    schedule_id: str
    """No foreign key: an ended entry may outlive a session of which no number was sold and which was removed."""
    texts: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSONB, nullable=False, server_default="{}"))
    """What is waited for, in the words of the moment of joining: hospital, department, doctor, title."""
    state: str
    number: int | None = Field(default=None)
    order_id: UUID | None = Field(default=None, foreign_key="booking_order.id")
    joined_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    offered_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    offer_until: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    ended_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    ended_because: str | None = Field(default=None)

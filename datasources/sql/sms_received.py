"""What people answered by text message, and who wants no more of which kind."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, DateTime, Index, LargeBinary
from sqlalchemy import UniqueConstraint as Unique
from sqlmodel import Field, SQLModel


class ReceivedMeaning(StrEnum):
    """What a received message was taken for."""

    OPT_OUT = "OPT_OUT"
    OPT_IN = "OPT_IN"
    OTHER = "OTHER"


class SmsReceived(SQLModel, table=True):
    """One received message, once however often it is reported."""

    __tablename__ = "sms_received"
    __table_args__ = (
        CheckConstraint("meaning IN ('OPT_OUT', 'OPT_IN', 'OTHER')", name="sms_received_meaning"),
        Unique("digest", name="sms_received_once"),
        Index("sms_received_from", "phone_index"),
        Index("sms_received_latest", "received_at", "id"),
    )

    id: UUID = Field(primary_key=True)
    digest: bytes = Field(sa_column=Column(LargeBinary(32), nullable=False))
    """Keyed, over telephone, SIM, sender, its own time and text."""
    phone_id: UUID | None = Field(default=None, foreign_key="sms_phone.id")
    phone_index: bytes
    sealed_phone: bytes
    sealed_text: bytes
    meaning: str
    sent_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    received_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))


class SmsOptOut(SQLModel, table=True):
    """Somebody at this number wants no more messages of this kind."""

    __tablename__ = "sms_opt_out"

    phone_index: bytes = Field(primary_key=True)
    kind: str = Field(primary_key=True)
    since: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))

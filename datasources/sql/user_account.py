"""Patients' accounts."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, DateTime, LargeBinary, func
from sqlmodel import Field, SQLModel


class UserStatus(StrEnum):
    """Where an account stands. A DELETED one keeps its row for lawful records, without personal data."""

    ACTIVE = "ACTIVE"
    LOCKED = "LOCKED"
    DELETING = "DELETING"
    DELETED = "DELETED"


SIGNED_IN_STATUSES = (UserStatus.ACTIVE, UserStatus.DELETING)
"""Accounts that may be signed in. One that waits for its deletion may be, else nobody could take that back."""


class Verification(StrEnum):
    """Whether the person behind an account is known by real name."""

    NONE = "NONE"
    PENDING = "PENDING"
    VERIFIED = "VERIFIED"
    REJECTED = "REJECTED"


class UserAccount(SQLModel, table=True):
    """One row per account. What identifies a person is sealed; `phone_index` finds a phone without showing it."""

    __tablename__ = "user_account"
    __table_args__ = (
        CheckConstraint("status IN ('ACTIVE', 'LOCKED', 'DELETING', 'DELETED')", name="user_account_status"),
        CheckConstraint(
            "verification IN ('NONE', 'PENDING', 'VERIFIED', 'REJECTED')", name="user_account_verification"
        ),
    )

    id: UUID = Field(primary_key=True)
    sealed_phone: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    phone_index: bytes | None = Field(default=None, sa_column=Column(LargeBinary(16), unique=True))
    masked_phone: str = Field(default="")
    nickname: str = Field(default="")
    status: str = Field(default=UserStatus.ACTIVE, index=True)
    verification: str = Field(default=Verification.NONE)
    sealed_name: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    masked_name: str = Field(default="")
    wechat_open_id: str | None = Field(default=None, unique=True)
    wechat_union_id: str | None = Field(default=None, unique=True)
    created_at: datetime | None = Field(
        default=None, sa_column=Column(DateTime(timezone=True), nullable=False, server_default=func.now())
    )
    last_signed_in_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    delete_after: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))

"""Sessions of users and staff: one per sign-in on one device, ended for good or until its refresh token expires."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, DateTime, LargeBinary, func
from sqlmodel import Field, SQLModel


class EndReason(StrEnum):
    """Why a session ended."""

    SIGNED_OUT = "SIGNED_OUT"
    SIGNED_OUT_EVERYWHERE = "SIGNED_OUT_EVERYWHERE"
    REFRESH_REUSED = "REFRESH_REUSED"
    ACCOUNT_LOCKED = "ACCOUNT_LOCKED"
    PASSWORD_CHANGED = "PASSWORD_CHANGED"  # noqa: S105 - a reason, not a password
    ACCOUNT_DELETED = "ACCOUNT_DELETED"


class SignInSession(SQLModel, table=True):
    """One row per session. Only hashes of its refresh tokens are kept: the live one and the one before it."""

    __tablename__ = "sign_in_session"
    __table_args__ = (CheckConstraint("num_nonnulls(user_id, staff_id) = 1", name="sign_in_session_of_one_account"),)

    id: UUID = Field(primary_key=True)
    user_id: UUID | None = Field(default=None, foreign_key="user_account.id", index=True)
    staff_id: UUID | None = Field(default=None, foreign_key="staff_account.id", index=True)
    device: str = Field(default="", max_length=200)
    address: str = Field(default="", max_length=64)
    refresh_hash: bytes = Field(sa_column=Column(LargeBinary(32), nullable=False, unique=True))
    previous_refresh_hash: bytes | None = Field(default=None, sa_column=Column(LargeBinary(32), unique=True))
    refreshed_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    created_at: datetime | None = Field(
        default=None, sa_column=Column(DateTime(timezone=True), nullable=False, server_default=func.now())
    )
    expires_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    ended_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    end_reason: str | None = Field(default=None)

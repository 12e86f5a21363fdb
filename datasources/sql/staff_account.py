"""Accounts of administrators and hospitals' staff."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, Column, DateTime, Index, LargeBinary, String, func, text
from sqlmodel import Field, SQLModel


class StaffStatus(StrEnum):
    """Whether a staff member may sign in."""

    ACTIVE = "ACTIVE"
    LOCKED = "LOCKED"


class StaffAccount(SQLModel, table=True):
    """One row per person who works for the platform (no hospital) or for one hospital."""

    __tablename__ = "staff_account"
    __table_args__ = (
        CheckConstraint("status IN ('ACTIVE', 'LOCKED')", name="staff_account_status"),
        Index("staff_account_sign_in_name", func.lower(Column("sign_in_name")), unique=True),
    )

    id: UUID = Field(primary_key=True)
    sign_in_name: str = Field(max_length=64)
    name: str = Field(default="", max_length=50)
    hospital_code: str | None = Field(default=None, foreign_key="hospital_account.code", index=True)
    roles: list[str] = Field(sa_column=Column(ARRAY(String), nullable=False, server_default=text("'{}'")))
    password_hash: str
    must_change_password: bool = Field(default=False)
    status: str = Field(default=StaffStatus.ACTIVE)
    failed_tries: int = Field(default=0)
    locked_until: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    sealed_totp_secret: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    totp_confirmed_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    last_totp_step: int | None = Field(default=None)
    recovery_code_hashes: list[str] = Field(
        default_factory=list, sa_column=Column(ARRAY(String), nullable=False, server_default=text("'{}'"))
    )
    created_at: datetime | None = Field(
        default=None, sa_column=Column(DateTime(timezone=True), nullable=False, server_default=func.now())
    )
    last_signed_in_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))

"""Integration keys: how a hospital's own system proves itself."""

from datetime import datetime

from sqlalchemy import Column, DateTime, LargeBinary, func
from sqlmodel import Field, SQLModel


class IntegrationKey(SQLModel, table=True):
    """A key's id and its sealed secret. The secret is shown once when made and afterwards only verifies."""

    __tablename__ = "integration_key"

    key_id: str = Field(primary_key=True)
    hospital_code: str = Field(foreign_key="hospital_account.code", index=True)
    label: str = Field(default="")
    sealed_secret: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    created_at: datetime | None = Field(
        default=None, sa_column=Column(DateTime(timezone=True), nullable=False, server_default=func.now())
    )
    last_used_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    revoked_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))

"""How far the audit log's chain was proved, kept apart from the log: what is cut off its end shows against this."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, Column, DateTime, LargeBinary, SmallInteger
from sqlmodel import Field, SQLModel


class AuditCheck(SQLModel, table=True):
    """The one row of what the job that walks the log knows."""

    __tablename__ = "audit_check"
    __table_args__ = (
        CheckConstraint("id = 1", name="audit_check_one_row"),
        CheckConstraint("fault IN ('MISSING', 'ALTERED')", name="audit_check_fault"),
        CheckConstraint("num_nonnulls(broken_number, fault, broken_since) IN (0, 3)", name="audit_check_broken"),
    )

    id: int = Field(sa_column=Column(SmallInteger, primary_key=True, autoincrement=False))
    due_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    """When the next check begins, or when one that was begun counts as dead."""
    checked_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    proved_number: int = Field(default=0, sa_column=Column(BigInteger, nullable=False))
    """The latest entry ever proved to follow from all before it."""
    proved_hash: bytes = Field(sa_column=Column(LargeBinary(32), nullable=False))
    walked_number: int = Field(default=0, sa_column=Column(BigInteger, nullable=False))
    """How far the present walk from the first entry on has come."""
    walked_hash: bytes = Field(sa_column=Column(LargeBinary(32), nullable=False))
    whole_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    """When a walk last reached the end."""
    broken_number: int | None = Field(default=None, sa_column=Column(BigInteger))
    fault: str | None = Field(default=None)
    broken_since: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))

"""How far the audit log's chain was proved, kept apart from the log: what is cut off its end shows against this."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Column, DateTime, LargeBinary, SmallInteger
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Field, SQLModel, col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from datasources.sql.audit_entry import FIRST_HASH


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


_ID = 1


class AuditChecks:
    """Reads and changes the row inside the session it is given."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def get(self) -> AuditCheck | None:
        """What is known; None before the first check began."""
        return (await self._session.exec(select(AuditCheck).where(AuditCheck.id == _ID))).one_or_none()

    async def begin(self, now: datetime, until: datetime) -> AuditCheck | None:
        """What was known before, if a check is due and this call begins it. Until then nobody else does."""
        await (await self._session.connection()).execute(
            insert(AuditCheck)
            .values(
                id=_ID, due_at=now, proved_number=0, proved_hash=FIRST_HASH, walked_number=0, walked_hash=FIRST_HASH
            )
            .on_conflict_do_nothing()
        )
        return await self._changed(col(AuditCheck.due_at) <= now, due_at=until)

    async def end(self, begun_until: datetime, **values: Any) -> AuditCheck | None:
        """Keep what the check found, unless it took so long that another began."""
        return await self._changed(col(AuditCheck.due_at) == begun_until, **values)

    async def _changed(self, condition: Any, **values: Any) -> AuditCheck | None:
        changed = await self._session.exec(
            update(AuditCheck)
            .where(col(AuditCheck.id) == _ID, condition)
            .values(**values)
            .returning(AuditCheck)
            .execution_options(populate_existing=True)
        )
        row: AuditCheck | None = changed.scalar_one_or_none()
        return row

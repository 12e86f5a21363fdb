"""Events for hospitals: one row for each step of an order, written by PostgreSQL with the step itself.

A trigger on `order_event` writes the row, so a step without its event, or an event without its step, cannot be. Rows
are numbered per hospital only once they are committed (`number_hospital_events`): a reader that has seen number n has
seen all up to n, whatever the order in which transactions end.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Column, DateTime, Identity, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel, col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

_NUMBER = text("SELECT number_hospital_events(:hospital)")
_UNNUMBERED = text("SELECT DISTINCT hospital_code FROM hospital_event WHERE sequence IS NULL")
# By id, which is by time: only the oldest rows are looked at, without an index on the time.
_FORGET = text("""
    DELETE FROM hospital_event
     WHERE id IN (SELECT id FROM hospital_event ORDER BY id LIMIT :most) AND sequence IS NOT NULL AND at < :before
""")


class HospitalEventRow(SQLModel, table=True):
    """One thing that a hospital has to learn of one of its orders."""

    __tablename__ = "hospital_event"
    __table_args__ = (
        UniqueConstraint("hospital_code", "sequence", name="hospital_event_in_order"),
        Index("hospital_event_unnumbered", "hospital_code", "id", postgresql_where=text("sequence IS NULL")),
    )

    id: int | None = Field(default=None, sa_column=Column(BigInteger, Identity(), primary_key=True))
    hospital_code: str
    sequence: int | None = Field(default=None, sa_column=Column(BigInteger, nullable=True))
    """1, 2, 3, … within the hospital, without gaps; None until somebody reads."""
    order_id: UUID = Field(foreign_key="booking_order.id")
    step: str
    at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    actor_kind: str
    reason: str
    facts: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    """The order as this step left it; nothing of who the patient is, which would outlive the erasure of an account."""


class HospitalEventHead(SQLModel, table=True):
    """The number that a hospital's latest event has. Whoever numbers events holds this row."""

    __tablename__ = "hospital_event_head"

    hospital_code: str = Field(primary_key=True)
    last_sequence: int = Field(sa_column=Column(BigInteger, nullable=False, server_default="0"))


class HospitalEvents:
    """Reads a hospital's events inside the session it is given."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def number(self, hospital_code: str) -> int:
        """Number what is committed and not numbered yet; the latest number, 0 if there is none."""
        last: int = (
            await (await self._session.connection()).execute(_NUMBER, {"hospital": hospital_code})
        ).scalar_one()
        return last

    async def behind(self, hospital_code: str, after: int, limit: int) -> Sequence[HospitalEventRow]:
        """Numbered events behind this number, in order."""
        found = await self._session.exec(
            select(HospitalEventRow)
            .where(col(HospitalEventRow.hospital_code) == hospital_code, col(HospitalEventRow.sequence) > after)
            .order_by(col(HospitalEventRow.sequence))
            .limit(limit)
        )
        return found.all()

    async def count(self, hospital_code: str) -> int:
        """How many numbered events are kept."""
        query = select(func.count()).where(
            col(HospitalEventRow.hospital_code) == hospital_code, col(HospitalEventRow.sequence).is_not(None)
        )
        return (await self._session.exec(query)).one()

    async def unnumbered(self) -> list[str]:
        """Hospitals with events that nobody has read yet."""
        return [row[0] for row in await (await self._session.connection()).execute(_UNNUMBERED)]

    async def forget_before(self, before: datetime, most: int) -> int:
        """Delete numbered events that are older, at most so many; how many were deleted."""
        deleted = await (await self._session.connection()).execute(_FORGET, {"before": before, "most": most})
        return deleted.rowcount

"""Pushes that hospitals made: the record that makes a repeat harmless, and the outbox towards MongoDB."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Identity,
    Index,
    LargeBinary,
    UniqueConstraint,
    func,
    null,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel, col, delete, select, update
from sqlmodel.ext.asyncio.session import AsyncSession


class CataloguePush(SQLModel, table=True):
    """One accepted push. `documents` waits here until it stands in MongoDB, then is emptied.

    The row is written in the transaction that changes the slot ledger, so a process that dies between
    the two stores leaves work to do, never a half-applied push.
    """

    __tablename__ = "catalogue_push"
    __table_args__ = (
        UniqueConstraint("hospital_code", "idempotency_key", name="catalogue_push_once"),
        Index("catalogue_push_waiting", "id", postgresql_where=text("applied_at IS NULL")),
    )

    id: int | None = Field(default=None, sa_column=Column(BigInteger, Identity(), primary_key=True))
    hospital_code: str = Field(foreign_key="hospital_account.code")
    idempotency_key: str = Field(max_length=128)
    operation: str
    request_hash: bytes = Field(sa_column=Column(LargeBinary(32), nullable=False))
    revision: int = Field(sa_column=Column(BigInteger, nullable=False))
    outcome: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    documents: list[dict[str, Any]] | None = Field(default=None, sa_column=Column(JSONB))
    created_at: datetime | None = Field(
        default=None, sa_column=Column(DateTime(timezone=True), nullable=False, server_default=func.now())
    )
    applied_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))


class CataloguePushes:
    """Records of pushes inside the session it is given."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def by_key(self, hospital_code: str, idempotency_key: str) -> CataloguePush | None:
        """The push that this hospital made with this idempotency key."""
        return (
            await self._session.exec(
                select(CataloguePush).where(
                    CataloguePush.hospital_code == hospital_code, CataloguePush.idempotency_key == idempotency_key
                )
            )
        ).one_or_none()

    async def add(self, push: CataloguePush) -> None:
        """Store a push; the same key twice violates `catalogue_push_once`."""
        self._session.add(push)
        await self._session.flush()

    async def has_waiting(self, hospital_code: str) -> bool:
        """Whether a push of this hospital has not reached MongoDB yet."""
        waiting = select(CataloguePush.id).where(
            CataloguePush.hospital_code == hospital_code, col(CataloguePush.applied_at).is_(None)
        )
        return (await self._session.exec(waiting.limit(1))).first() is not None

    async def hospitals_waiting(self, limit: int) -> list[str]:
        """Hospitals that have pushes waiting, those that wait longest first."""
        rows = await self._session.exec(
            select(CataloguePush.hospital_code)
            .where(col(CataloguePush.applied_at).is_(None))
            .group_by(CataloguePush.hospital_code)
            .order_by(func.min(CataloguePush.id))
            .limit(limit)
        )
        return list(rows.all())

    async def lock_pushing(self, hospital_code: str) -> None:
        """Let only one push of this hospital be judged and taken at a time, until the transaction ends.

        An advisory lock: MongoDB is read while it is held, and nobody but the hospital's own pushes waits for it.
        """
        await (await self._session.connection()).execute(
            text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": f"push:{hospital_code}"}
        )

    async def lock_applying(self, hospital_code: str) -> None:
        """Let only one process at a time apply this hospital's pushes, until the transaction ends.

        An advisory lock: no row is held while MongoDB is written, so new pushes and bookings go on meanwhile.
        """
        await (await self._session.connection()).execute(
            text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": f"catalogue:{hospital_code}"}
        )

    async def oldest_waiting(self, hospital_code: str) -> CataloguePush | None:
        """The hospital's next push to apply, in the order in which they were made."""
        return (
            await self._session.exec(
                select(CataloguePush)
                .where(CataloguePush.hospital_code == hospital_code, col(CataloguePush.applied_at).is_(None))
                .order_by(col(CataloguePush.revision))
                .limit(1)
            )
        ).first()

    async def mark_applied(self, push: CataloguePush, now: datetime) -> None:
        """Record that the push's documents stand in MongoDB, and let go of them."""
        await self._session.exec(
            update(CataloguePush)
            .where(col(CataloguePush.id) == push.id, col(CataloguePush.applied_at).is_(None))
            .values(applied_at=now, documents=null())
        )

    async def forget_before(self, moment: datetime, limit: int) -> int:
        """Delete up to `limit` records of pushes made and applied before this moment; how many were deleted."""
        old = (
            select(CataloguePush.id)
            .where(col(CataloguePush.created_at) < moment, col(CataloguePush.applied_at).is_not(None))
            .order_by(col(CataloguePush.id))
            .limit(limit)
        )
        deleted = await self._session.exec(delete(CataloguePush).where(col(CataloguePush.id).in_(old)))
        return deleted.rowcount

"""What people were told in the app: each with its words, until they have read it and for a time after."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, DateTime, Index, text
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlmodel import Field, SQLModel, col, delete, func, select, tuple_, update
from sqlmodel.ext.asyncio.session import AsyncSession


class Notification(SQLModel, table=True):
    """One row per message and person. `texts` holds title and body by language, as they were when it was told."""

    __tablename__ = "notification"
    __table_args__ = (
        CheckConstraint("recipient_kind IN ('user', 'staff')", name="notification_recipient_kind"),
        Index("notification_once", "message_id", "recipient_id", unique=True),
        Index("notification_of_recipient", "recipient_id", "created_at", "id"),
        Index("notification_unread", "recipient_id", postgresql_where=text("read_at IS NULL")),
        Index("notification_oldest", "created_at"),
    )

    id: UUID = Field(primary_key=True)
    message_id: UUID
    recipient_kind: str
    recipient_id: UUID
    kind: str
    texts: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    subject_kind: str
    subject_id: str
    created_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    read_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))


class Notifications:
    """Reads and changes notifications inside the session it is given; all but `add` name whose they are."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, notifications: Sequence[Notification]) -> None:
        """Store these, but for those that are there already."""
        if notifications:
            statement = insert(Notification).on_conflict_do_nothing(index_elements=["message_id", "recipient_id"])
            rows = [each.model_dump() for each in notifications]
            await (await self._session.connection()).execute(statement, rows)

    async def page(
        self, recipient_id: UUID, most: int, *, behind: tuple[datetime, UUID] | None = None, unread_only: bool = False
    ) -> Sequence[Notification]:
        """The latest first, from behind this one on."""
        query = select(Notification).where(col(Notification.recipient_id) == recipient_id)
        if unread_only:
            query = query.where(col(Notification.read_at).is_(None))
        if behind is not None:
            query = query.where(tuple_(col(Notification.created_at), col(Notification.id)) < behind)
        query = query.order_by(col(Notification.created_at).desc(), col(Notification.id).desc()).limit(most)
        return (await self._session.exec(query)).all()

    async def count(self, recipient_id: UUID, *, unread_only: bool = False) -> int:
        """How many there are."""
        query = select(func.count()).where(col(Notification.recipient_id) == recipient_id)
        if unread_only:
            query = query.where(col(Notification.read_at).is_(None))
        return (await self._session.exec(query)).one()

    async def mark_read(self, recipient_id: UUID, ids: Sequence[UUID] | None, now: datetime) -> int:
        """Mark these, or all, as read; how many were not before."""
        statement = (
            update(Notification)
            .where(col(Notification.recipient_id) == recipient_id, col(Notification.read_at).is_(None))
            .values(read_at=now)
        )
        if ids is not None:
            statement = statement.where(col(Notification.id).in_(ids))
        return (await (await self._session.connection()).execute(statement)).rowcount

    async def own(self, recipient_id: UUID, ids: Sequence[UUID]) -> Mapping[UUID, Notification]:
        """Those of these that are this person's."""
        found = await self._session.exec(
            select(Notification).where(col(Notification.recipient_id) == recipient_id, col(Notification.id).in_(ids))
        )
        return {each.id: each for each in found.all()}

    async def delete_of(self, recipient_id: UUID) -> None:
        """Forget all of this person's."""
        await (await self._session.connection()).execute(
            delete(Notification).where(col(Notification.recipient_id) == recipient_id)
        )

    async def forget_before(self, moment: datetime, most: int) -> int:
        """Delete some that are older, read or not; how many."""
        old = select(Notification.id).where(col(Notification.created_at) < moment).limit(most)
        statement = delete(Notification).where(col(Notification.id).in_(old))
        return (await (await self._session.connection()).execute(statement)).rowcount

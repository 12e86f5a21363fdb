"""The outbox of messages to people: written in the transaction that causes them, told to people by the relay."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, DateTime, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlmodel import Field, SQLModel, col, delete, select, update
from sqlmodel.ext.asyncio.session import AsyncSession


class OutgoingState(StrEnum):
    """Where a message stands on its way from the outbox."""

    WAITING = "WAITING"
    TOLD = "TOLD"
    DROPPED = "DROPPED"
    FAILED = "FAILED"


class OutgoingMessage(SQLModel, table=True):
    """One row per thing that somebody must be told. `dedupe_key` makes it happen once, whoever causes it again."""

    __tablename__ = "outgoing_message"
    __table_args__ = (
        CheckConstraint("state IN ('WAITING', 'TOLD', 'DROPPED', 'FAILED')", name="outgoing_message_state"),
        CheckConstraint("num_nonnulls(user_id, staff_id, hospital_code) = 1", name="outgoing_message_one_recipient"),
        CheckConstraint("(state = 'WAITING') = (next_at IS NOT NULL)", name="outgoing_message_next_while_waiting"),
        CheckConstraint("(state = 'WAITING') = (finished_at IS NULL)", name="outgoing_message_finished_has_its_time"),
        UniqueConstraint("dedupe_key", name="outgoing_message_dedupe_key"),
        Index("outgoing_message_due", "next_at", "id", postgresql_where=text("state = 'WAITING'")),
        Index("outgoing_message_latest", "created_at", "id"),
        Index("outgoing_message_given_up", "created_at", "id", postgresql_where=text("state = 'FAILED'")),
        Index("outgoing_message_of_broadcast", "broadcast_id", postgresql_where=text("broadcast_id IS NOT NULL")),
        Index("outgoing_message_of_user", "user_id", postgresql_where=text("user_id IS NOT NULL")),
    )

    id: UUID = Field(primary_key=True)
    kind: str
    user_id: UUID | None = Field(default=None, foreign_key="user_account.id")
    staff_id: UUID | None = Field(default=None, foreign_key="staff_account.id")
    hospital_code: str | None = Field(default=None, foreign_key="hospital_account.code")
    """Every active member of that hospital's staff."""
    variables: dict[str, str] = Field(sa_column=Column(JSONB, nullable=False))
    subject_kind: str = Field(default="")
    subject_id: str = Field(default="")
    dedupe_key: str = Field(max_length=200)
    broadcast_id: UUID | None = Field(default=None, foreign_key="broadcast.id")
    in_app_only: bool = Field(default=False, sa_column_kwargs={"server_default": "false"})
    """Told without an SMS, whatever the kind and the person would have."""
    state: str = Field(default=OutgoingState.WAITING)
    attempts: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    next_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    """From when on the relay may take it."""
    useless_after: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    """After this nobody is told any more."""
    reason: str = Field(default="", sa_column_kwargs={"server_default": ""})
    """Why it was dropped, or what its last attempt failed by."""
    fates: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSONB, nullable=False, server_default="{}"))
    """What became of it in each channel."""
    created_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    finished_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))


class OutgoingMessages:
    """Reads and changes the outbox inside the session it is given."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, messages: Sequence[OutgoingMessage]) -> int:
        """Store these but for those whose dedupe key is there already; how many were stored."""
        if not messages:
            return 0
        statement = insert(OutgoingMessage).on_conflict_do_nothing(constraint="outgoing_message_dedupe_key")
        rows = [message.model_dump() for message in messages]
        stored = await (await self._session.connection()).execute(
            statement.values(rows).returning(col(OutgoingMessage.id))
        )
        return len(stored.all())

    async def take_due(self, now: datetime, most: int) -> Sequence[OutgoingMessage]:
        """The messages that are due longest, locked until the transaction ends; others' are left to them.

        A worker that dies loses its locks with its connection, so its messages are due again at once.
        """
        found = await self._session.exec(
            select(OutgoingMessage)
            .where(col(OutgoingMessage.state) == OutgoingState.WAITING, col(OutgoingMessage.next_at) <= now)
            .order_by(col(OutgoingMessage.next_at), col(OutgoingMessage.id))
            .limit(most)
            .with_for_update(skip_locked=True)
        )
        return found.all()

    async def finish(
        self, ids: Sequence[UUID], state: OutgoingState, now: datetime, *, reason: str = "", fates: Any = None
    ) -> None:
        """End these messages, which the transaction has taken."""
        await self._session.exec(
            update(OutgoingMessage)
            .where(col(OutgoingMessage.id).in_(ids), col(OutgoingMessage.state) == OutgoingState.WAITING)
            .values(
                state=str(state),
                next_at=None,
                finished_at=now,
                reason=reason,
                fates=fates or {},
                attempts=col(OutgoingMessage.attempts) + 1,
            )
        )

    async def attempts_of(self, id: UUID) -> int:
        """How often a message was tried."""
        return (await self._session.exec(select(OutgoingMessage.attempts).where(OutgoingMessage.id == id))).one()

    async def delete_of(self, user_id: UUID) -> None:
        """Forget what an account was or is to be told."""
        await (await self._session.connection()).execute(
            delete(OutgoingMessage).where(col(OutgoingMessage.user_id) == user_id)
        )

    async def put_back(self, id: UUID, next_at: datetime, reason: str) -> None:
        """Try a message again later."""
        await self._session.exec(
            update(OutgoingMessage)
            .where(col(OutgoingMessage.id) == id, col(OutgoingMessage.state) == OutgoingState.WAITING)
            .values(next_at=next_at, reason=reason, attempts=col(OutgoingMessage.attempts) + 1)
        )

"""Messages that people write to one account, to a hospital's holders of numbers, or to everybody."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, ColumnElement, DateTime, Index, text
from sqlmodel import Field, SQLModel, col, func, select, tuple_, update
from sqlmodel.ext.asyncio.session import AsyncSession


class Audience(StrEnum):
    """To whom a broadcast goes."""

    USER = "USER"
    HOLDERS = "HOLDERS"
    EVERYONE = "EVERYONE"


class BroadcastState(StrEnum):
    """Where a broadcast stands."""

    WAITING = "WAITING"
    RUNNING = "RUNNING"
    PAUSED = "PAUSED"
    CANCELLED = "CANCELLED"
    DONE = "DONE"


OPEN = (BroadcastState.WAITING, BroadcastState.RUNNING, BroadcastState.PAUSED)
_STATES = "state IN (" + ", ".join(f"'{state}'" for state in BroadcastState) + ")"


class Broadcast(SQLModel, table=True):
    """One row per broadcast. The worker walks its audience in the order of the accounts' ids; `cursor` is how far."""

    __tablename__ = "broadcast"
    __table_args__ = (
        CheckConstraint(_STATES, name="broadcast_state"),
        CheckConstraint("audience IN ('USER', 'HOLDERS', 'EVERYONE')", name="broadcast_audience"),
        CheckConstraint("(audience = 'USER') = (user_id IS NOT NULL)", name="broadcast_user_named"),
        CheckConstraint("(audience = 'HOLDERS') = (hospital_code IS NOT NULL)", name="broadcast_hospital_named"),
        Index("broadcast_due", "not_before", "id", postgresql_where=text("state IN ('WAITING', 'RUNNING')")),
        Index("broadcast_latest", "created_at", "id"),
    )

    id: UUID = Field(primary_key=True)
    author_hospital_code: str | None = Field(default=None, foreign_key="hospital_account.code")
    """The hospital whose staff wrote it; None: the platform's."""
    audience: str
    user_id: UUID | None = Field(default=None, foreign_key="user_account.id")
    hospital_code: str | None = Field(default=None, foreign_key="hospital_account.code")
    department_code: str | None = Field(default=None)
    schedule_id: str | None = Field(default=None)
    first_date: date | None = Field(default=None)
    last_date: date | None = Field(default=None)
    title_zh: str
    body_zh: str
    title_en: str
    body_en: str
    by_sms: bool
    state: str = Field(default=BroadcastState.WAITING)
    not_before: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    useless_after: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    """Who was not told by then is not told any more."""
    cursor: UUID | None = Field(default=None)
    all_written: bool = False
    planned: int | None = Field(default=None)
    """How many the audience had when it began."""
    written: int = 0
    told: int = 0
    dropped: int = 0
    failed: int = 0
    texted: int = 0
    """To how many a text message was queued as well."""
    created_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    begun_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    ended_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))


class Broadcasts:
    """Reads and changes broadcasts inside the session it is given. `within` is the hospital beyond whose the caller has
    no part; None for all."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def serialise(self) -> None:
        """Let whoever adds one after this wait until the transaction ends, so that a limit is not overrun."""
        await (await self._session.connection()).execute(
            text("SELECT pg_advisory_xact_lock(hashtextextended('broadcast', 0))")
        )

    async def add(self, broadcast: Broadcast) -> None:
        """Store a new one."""
        self._session.add(broadcast)
        await self._session.flush()

    async def count_lately(self, audience: Audience, author_hospital_code: str | None, since: datetime) -> int:
        """How many to this kind of audience were written by a hospital, or by the platform, since then."""
        return (
            await self._session.exec(
                select(func.count(col(Broadcast.id))).where(
                    col(Broadcast.audience) == audience,
                    col(Broadcast.author_hospital_code).is_not_distinct_from(author_hospital_code),
                    col(Broadcast.created_at) > since,
                )
            )
        ).one()

    async def get(self, id: UUID, within: str | None) -> Broadcast | None:
        """One that the caller has a part in."""
        found = await self._session.exec(
            select(Broadcast).where(*_within(within), col(Broadcast.id) == id).execution_options(populate_existing=True)
        )
        return found.first()

    async def move(
        self, id: UUID, within: str | None, out_of: Sequence[BroadcastState], values: dict[str, Any]
    ) -> Broadcast | None:
        """Change one that stands so; None if none does. A batch that is being written is waited for."""
        moved = await self._session.exec(
            update(Broadcast)
            .where(*_within(within), col(Broadcast.id) == id, col(Broadcast.state).in_(out_of))
            .values(**values)
            .returning(col(Broadcast.id))
        )
        return None if moved.first() is None else await self.get(id, within)

    async def page(
        self,
        within: str | None,
        state: BroadcastState | None,
        behind: tuple[datetime, UUID] | None,
        most: int,
    ) -> Sequence[Broadcast]:
        """The latest first, from behind this one on."""
        query = select(Broadcast).where(*_listed(within, state))
        if behind is not None:
            query = query.where(tuple_(col(Broadcast.created_at), col(Broadcast.id)) < behind)
        query = query.order_by(col(Broadcast.created_at).desc(), col(Broadcast.id).desc()).limit(most)
        return (await self._session.exec(query)).all()

    async def count(self, within: str | None, state: BroadcastState | None) -> int:
        """How many there are."""
        return (await self._session.exec(select(func.count(col(Broadcast.id))).where(*_listed(within, state)))).one()

    async def take_due(self, now: datetime, *, but: Sequence[UUID], only: UUID | None = None) -> Broadcast | None:
        """The one that is due longest, locked until the transaction ends; those that other workers hold are theirs."""
        query = select(Broadcast).where(
            col(Broadcast.state).in_((BroadcastState.WAITING, BroadcastState.RUNNING)),
            col(Broadcast.not_before) <= now,
            col(Broadcast.id).not_in(but),
        )
        if only is not None:
            query = query.where(col(Broadcast.id) == only)
        query = query.order_by(col(Broadcast.not_before), col(Broadcast.id)).limit(1)
        return (await self._session.exec(query.with_for_update(skip_locked=True))).first()

    async def take_paused(self) -> Sequence[Broadcast]:
        """Paused ones of which some are still being told, locked until the transaction ends."""
        ended = col(Broadcast.told) + col(Broadcast.dropped) + col(Broadcast.failed)
        query = select(Broadcast).where(col(Broadcast.state) == BroadcastState.PAUSED, ended < col(Broadcast.written))
        return (await self._session.exec(query.limit(20).with_for_update(skip_locked=True))).all()

    async def forget_texts_to(self, user_id: UUID) -> None:
        """Leave nothing of what this account was written."""
        await self._session.exec(
            update(Broadcast)
            .where(col(Broadcast.user_id) == user_id)
            .values(title_zh="", body_zh="", title_en="", body_en="")
        )


LATELY = timedelta(days=1)


def _within(within: str | None) -> list[ColumnElement[bool]]:
    return [] if within is None else [col(Broadcast.author_hospital_code) == within]


def _listed(within: str | None, state: BroadcastState | None) -> list[ColumnElement[bool]]:
    return [*_within(within), *([] if state is None else [col(Broadcast.state) == state])]

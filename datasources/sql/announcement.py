"""Announcements of the platform and notices of hospitals."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, ColumnElement, DateTime, Index, and_, or_, text
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Field, SQLModel, col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession


class AnnouncementKind(StrEnum):
    """What an announcement is about."""

    GENERAL = "GENERAL"
    BOOKING = "BOOKING"
    CLOSURE = "CLOSURE"
    MAINTENANCE = "MAINTENANCE"
    HEALTH = "HEALTH"


class AnnouncementState(StrEnum):
    """Where an announcement stands. It follows from its times, so no job has to move it."""

    DRAFT = "DRAFT"
    SCHEDULED = "SCHEDULED"
    PUBLISHED = "PUBLISHED"
    ENDED = "ENDED"
    WITHDRAWN = "WITHDRAWN"


class Announcement(SQLModel, table=True):
    """One row per announcement; without a hospital it is the platform's own."""

    __tablename__ = "announcement"
    __table_args__ = (
        CheckConstraint("kind IN ('GENERAL', 'BOOKING', 'CLOSURE', 'MAINTENANCE', 'HEALTH')", name="announcement_kind"),
        CheckConstraint("published_until > published_from", name="announcement_ends_after_its_begin"),
        CheckConstraint("(title_en = '') = (text_en = '')", name="announcement_english_whole"),
        Index(
            "announcement_readable",
            "published_from",
            "id",
            postgresql_where=text("published_from IS NOT NULL AND withdrawn_at IS NULL"),
        ),
        Index("announcement_of_hospital", "hospital_code", postgresql_where=text("hospital_code IS NOT NULL")),
        Index("announcement_latest", "created_at", "id"),
    )

    id: UUID = Field(primary_key=True)
    hospital_code: str | None = Field(default=None, foreign_key="hospital_account.code")
    kind: str
    title_zh: str
    text_zh: str
    title_en: str = ""
    text_en: str = ""
    pinned: bool = False
    published_from: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    """From when on everybody may read it; None: it is a draft."""
    published_until: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    withdrawn_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    version: int = 1
    """Grows with each change, so that nobody overwrites or publishes what they have not seen."""
    created_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    updated_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))


class Announcements:
    """Changes announcements inside the session it is given. `within` is the hospital beyond whose the caller has no
    part; None for everything."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, announcement: Announcement) -> bool:
        """Store a new one, unless its id is there already; whether it was stored."""
        statement = insert(Announcement).values(**announcement.model_dump()).on_conflict_do_nothing()
        stored = await (await self._session.connection()).execute(statement.returning(col(Announcement.id)))
        return stored.first() is not None

    async def change(
        self, id: UUID, within: str | None, version: int | None, values: dict[str, Any]
    ) -> Announcement | None:
        """Change one that has still this version, if one is given; as it now is, or None if nothing was changed."""
        conditions = _within(id, within)
        if version is not None:
            conditions.append(col(Announcement.version) == version)
        changed = await self._session.exec(
            update(Announcement)
            .where(*conditions)
            .values(**values, version=col(Announcement.version) + 1)
            .returning(col(Announcement.id))
        )
        return None if changed.first() is None else await self._session.get(Announcement, id, populate_existing=True)

    async def get(self, id: UUID, within: str | None) -> Announcement | None:
        """One that the caller has a part in."""
        return (await self._session.exec(select(Announcement).where(*_within(id, within)))).first()


def _within(id: UUID, within: str | None) -> list[ColumnElement[bool]]:
    conditions = [col(Announcement.id) == id]
    if within is not None:
        conditions.append(col(Announcement.hospital_code) == within)
    return conditions


def stands(state: AnnouncementState, now: datetime) -> ColumnElement[bool]:
    """The condition that an announcement stands so now."""
    begin, end = col(Announcement.published_from), col(Announcement.published_until)
    kept = col(Announcement.withdrawn_at).is_(None)
    match state:
        case AnnouncementState.DRAFT:
            return and_(kept, begin.is_(None))
        case AnnouncementState.SCHEDULED:
            return and_(kept, begin > now)
        case AnnouncementState.PUBLISHED:
            return and_(kept, begin <= now, or_(end.is_(None), end > now))
        case AnnouncementState.ENDED:
            return and_(kept, begin <= now, end <= now)
        case AnnouncementState.WITHDRAWN:
            return col(Announcement.withdrawn_at).is_not(None)


def state_of(announcement: Announcement, now: datetime) -> AnnouncementState:
    """The same of one that was read."""
    begin, end = announcement.published_from, announcement.published_until
    if announcement.withdrawn_at is not None:
        return AnnouncementState.WITHDRAWN
    if begin is None:
        return AnnouncementState.DRAFT
    if begin > now:
        return AnnouncementState.SCHEDULED
    return AnnouncementState.PUBLISHED if end is None or end > now else AnnouncementState.ENDED

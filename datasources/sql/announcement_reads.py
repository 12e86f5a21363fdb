"""Lists of announcements: those that everybody may read, and those that editors look after."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_
from sqlmodel import col, func, select, tuple_
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from datasources.sql.announcement import Announcement, AnnouncementKind, AnnouncementState, stands
from datasources.sql.hospital_account import HospitalAccount, HospitalStatus


class AnnouncementPublisher(StrEnum):
    """Whose announcements."""

    PLATFORM = "PLATFORM"
    HOSPITALS = "HOSPITALS"


@dataclass(frozen=True, slots=True)
class ReaderCriteria:
    """Which of the published ones; None asks for nothing."""

    hospital_code: str | None = None
    publisher: AnnouncementPublisher | None = None
    kind: AnnouncementKind | None = None


@dataclass(frozen=True, slots=True)
class EditorCriteria:
    """Which of all. `within` is the hospital beyond whose the editor sees none."""

    within: str | None = None
    hospital_code: str | None = None
    publisher: AnnouncementPublisher | None = None
    kind: AnnouncementKind | None = None
    state: AnnouncementState | None = None


ReaderPlace = tuple[bool, datetime, UUID]
"""Whether it stands above the others, when it was published, and its id."""


class AnnouncementReads:
    """Reads inside the session it is given."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def readable(self, id: UUID, now: datetime) -> Announcement | None:
        """One that everybody may read."""
        return (await self._session.exec(_readable(now).where(col(Announcement.id) == id))).first()

    async def page(
        self, criteria: ReaderCriteria, now: datetime, behind: ReaderPlace | None, most: int
    ) -> Sequence[Announcement]:
        """What everybody may read: pinned ones first, then the latest."""
        above = _above(criteria)
        query = _readable(now).where(*_of(criteria.hospital_code, criteria.publisher, criteria.kind))
        place = (above, col(Announcement.published_from), col(Announcement.id))
        if behind is not None:
            query = query.where(tuple_(*place) < behind)
        return (await self._session.exec(query.order_by(*(each.desc() for each in place)).limit(most))).all()

    async def count(self, criteria: ReaderCriteria, now: datetime) -> int:
        """How many they are."""
        chosen = _readable(now).where(*_of(criteria.hospital_code, criteria.publisher, criteria.kind)).subquery()
        return (await self._session.exec(select(func.count()).select_from(chosen))).one()

    async def page_for_editors(
        self, criteria: EditorCriteria, now: datetime, behind: tuple[datetime, UUID] | None, most: int
    ) -> Sequence[Announcement]:
        """Those that an editor looks after, the one made last first."""
        query = select(Announcement).where(*_edited(criteria, now))
        if behind is not None:
            query = query.where(tuple_(col(Announcement.created_at), col(Announcement.id)) < behind)
        query = query.order_by(col(Announcement.created_at).desc(), col(Announcement.id).desc()).limit(most)
        return (await self._session.exec(query)).all()

    async def count_for_editors(self, criteria: EditorCriteria, now: datetime) -> int:
        """How many they are."""
        return (await self._session.exec(select(func.count(col(Announcement.id))).where(*_edited(criteria, now)))).one()


def stands_above(announcement: Announcement, criteria: ReaderCriteria) -> bool:
    """Whether it stands above the others in this list: a hospital pins in its own list, the platform in every one."""
    return announcement.pinned and (criteria.hospital_code is not None or announcement.hospital_code is None)


def _above(criteria: ReaderCriteria) -> ColumnElement[bool]:
    pinned = col(Announcement.pinned)
    if criteria.hospital_code is not None:
        return pinned.is_(True)
    return and_(pinned, col(Announcement.hospital_code).is_(None))


def _readable(now: datetime) -> SelectOfScalar[Announcement]:
    online = select(HospitalAccount.code).where(col(HospitalAccount.status) == HospitalStatus.ONLINE)
    return select(Announcement).where(
        stands(AnnouncementState.PUBLISHED, now),
        or_(col(Announcement.hospital_code).is_(None), col(Announcement.hospital_code).in_(online)),
    )


def _edited(criteria: EditorCriteria, now: datetime) -> list[ColumnElement[bool]]:
    conditions = _of(criteria.hospital_code, criteria.publisher, criteria.kind)
    if criteria.within is not None:
        conditions.append(col(Announcement.hospital_code) == criteria.within)
    if criteria.state is not None:
        conditions.append(stands(criteria.state, now))
    return conditions


def _of(
    hospital_code: str | None, publisher: AnnouncementPublisher | None, kind: AnnouncementKind | None
) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if hospital_code is not None:
        conditions.append(col(Announcement.hospital_code) == hospital_code)
    if publisher is AnnouncementPublisher.PLATFORM:
        conditions.append(col(Announcement.hospital_code).is_(None))
    if publisher is AnnouncementPublisher.HOSPITALS:
        conditions.append(col(Announcement.hospital_code).is_not(None))
    if kind is not None:
        conditions.append(col(Announcement.kind) == kind)
    return conditions

"""Reads of files: one, one owner's, a filtered list, and what is left to be settled."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func
from sqlmodel import col, or_, select, tuple_
from sqlmodel.ext.asyncio.session import AsyncSession

from datasources.sql.stored_file import FileOwner, FilePurpose, FileState, StoredFile


@dataclass(frozen=True, slots=True)
class FileFilter:
    """Which files a list shows; None leaves a question open."""

    owner: FileOwner | None = None
    purpose: FilePurpose | None = None
    state: FileState | None = None
    created_from: datetime | None = None
    created_before: datetime | None = None


_LIVE = (FileState.UPLOADING, FileState.INSPECTING, FileState.READY)


class StoredFileReads:
    """Reads inside the session it is given."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def by_id(self, id: UUID, *, owner: FileOwner | None = None) -> StoredFile | None:
        """The file, if it is this owner's where one is given."""
        return (await self.by_ids([id], owner=owner)).get(id)

    async def by_ids(self, ids: Sequence[UUID], *, owner: FileOwner | None = None) -> dict[UUID, StoredFile]:
        """Those of these files that are there, and this owner's where one is given."""
        found = await self._session.exec(
            select(StoredFile).where(col(StoredFile.id).in_(ids), *matching(FileFilter(owner=owner)))
        )
        return {file.id: file for file in found}

    async def by_idempotency_key(self, owner: FileOwner, key: str) -> StoredFile | None:
        """The file that this owner asked for with this key."""
        found = await self._session.exec(
            select(StoredFile).where(StoredFile.idempotency_key == key, *matching(FileFilter(owner=owner)))
        )
        return found.one_or_none()

    async def page(
        self, filter: FileFilter, *, limit: int, before: tuple[datetime, UUID] | None = None
    ) -> list[StoredFile]:
        """Files, the latest first, from behind `before` on."""
        query = select(StoredFile).where(*matching(filter))
        if before is not None:
            query = query.where(tuple_(col(StoredFile.created_at), col(StoredFile.id)) < before)
        found = await self._session.exec(
            query.order_by(col(StoredFile.created_at).desc(), col(StoredFile.id).desc()).limit(limit)
        )
        return list(found)

    async def count(self, filter: FileFilter) -> int:
        """How many files the whole list has."""
        return (await self._session.exec(select(func.count()).select_from(StoredFile).where(*matching(filter)))).one()

    async def live_count(self, owner: FileOwner, purpose: FilePurpose) -> int:
        """How many files of this purpose the owner has or is about to have."""
        query = select(func.count()).select_from(StoredFile)
        conditions = matching(FileFilter(owner=owner, purpose=purpose))
        return (await self._session.exec(query.where(*conditions, col(StoredFile.state).in_(_LIVE)))).one()

    async def unsettled(self, *, created_before: datetime, limit: int) -> list[StoredFile]:
        """Files that wait for inspection or still have an object to be dropped, the oldest first."""
        found = await self._session.exec(
            select(StoredFile)
            .where(
                or_(
                    col(StoredFile.upload_key).is_not(None),
                    (col(StoredFile.object_key).is_not(None)) & (col(StoredFile.state) != FileState.READY),
                ),
                col(StoredFile.created_at) < created_before,
            )
            .order_by(col(StoredFile.created_at))
            .limit(limit)
        )
        return list(found)


def matching(filter: FileFilter) -> list[Any]:
    """The WHERE of a filter."""
    conditions: list[Any] = []
    if filter.owner is not None:
        conditions += [StoredFile.owner_kind == filter.owner.kind, StoredFile.owner_id == filter.owner.id]
    if filter.purpose is not None:
        conditions.append(StoredFile.purpose == filter.purpose)
    if filter.state is not None:
        conditions.append(StoredFile.state == filter.state)
    if filter.created_from is not None:
        conditions.append(StoredFile.created_at >= filter.created_from)
    if filter.created_before is not None:
        conditions.append(StoredFile.created_at < filter.created_before)
    return conditions

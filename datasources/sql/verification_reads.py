"""Reads of requests for real-name verification: one account's, and the reviewers' queue."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, text
from sqlmodel import col, or_, select, tuple_
from sqlmodel.ext.asyncio.session import AsyncSession

from datasources.sql.stored_file import StoredFile
from datasources.sql.verification_request import VerificationRequest, VerificationRequestState


@dataclass(frozen=True, slots=True)
class QueueFilter:
    """Which requests a list shows; None leaves a question open."""

    state: VerificationRequestState | None = None
    submitted_from: datetime | None = None
    submitted_before: datetime | None = None

    def conditions(self) -> list[Any]:
        """The WHERE of the list and of its count."""
        found = []
        if self.state is not None:
            found.append(col(VerificationRequest.state) == self.state)
        if self.submitted_from is not None:
            found.append(col(VerificationRequest.submitted_at) >= self.submitted_from)
        if self.submitted_before is not None:
            found.append(col(VerificationRequest.submitted_at) < self.submitted_before)
        return found


class VerificationReads:
    """Reads inside the session it is given."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def by_id(self, id: UUID, *, user_id: UUID | None = None) -> VerificationRequest | None:
        """The request, if it is this account's where one is given; as it now is."""
        query = select(VerificationRequest).where(col(VerificationRequest.id) == id)
        if user_id is not None:
            query = query.where(col(VerificationRequest.user_id) == user_id)
        return (await self._session.exec(query.execution_options(populate_existing=True))).one_or_none()

    async def of_user(self, user_id: UUID, *, most: int) -> Sequence[VerificationRequest]:
        """The account's requests, the latest first."""
        found = await self._session.exec(
            select(VerificationRequest)
            .where(col(VerificationRequest.user_id) == user_id)
            .order_by(col(VerificationRequest.submitted_at).desc(), col(VerificationRequest.id).desc())
            .limit(most)
        )
        return found.all()

    async def with_picture(self, user_id: UUID, file_id: UUID) -> UUID | None:
        """The account's latest request that shows this picture, by its id."""
        found = await self._session.exec(
            select(VerificationRequest.id)
            .where(
                col(VerificationRequest.user_id) == user_id,
                or_(
                    col(VerificationRequest.front_file_id) == file_id, col(VerificationRequest.back_file_id) == file_id
                ),
            )
            .order_by(col(VerificationRequest.submitted_at).desc(), col(VerificationRequest.id).desc())
            .limit(1)
        )
        return found.first()

    async def unused_picture(self, *, uploaded_before: datetime, id: UUID | None = None) -> StoredFile | None:
        """The oldest READY identity picture of before this time, or this one, that no request shows or ever showed."""
        shown = select(VerificationRequest.id).where(
            col(VerificationRequest.user_id) == col(StoredFile.owner_id),
            or_(
                col(VerificationRequest.front_file_id) == col(StoredFile.id),
                col(VerificationRequest.back_file_id) == col(StoredFile.id),
            ),
        )
        query = select(StoredFile).where(
            # Literals, so that the index made for them serves.
            text(
                "stored_file.purpose = 'IDENTITY_PICTURE' AND stored_file.state = 'READY'"
                " AND stored_file.used_by IS NULL"
            ),
            col(StoredFile.created_at) < uploaded_before,
            ~shown.exists(),
        )
        if id is not None:
            query = query.where(col(StoredFile.id) == id)
        found = await self._session.exec(query.order_by(col(StoredFile.created_at), col(StoredFile.id)).limit(1))
        return found.first()

    async def count_of_user(self, user_id: UUID, *, since: datetime) -> int:
        """How many requests the account made at this time or later."""
        found = await self._session.exec(
            select(func.count())
            .select_from(VerificationRequest)
            .where(col(VerificationRequest.user_id) == user_id, col(VerificationRequest.submitted_at) >= since)
        )
        return found.one()

    async def page(
        self, filter: QueueFilter, *, limit: int, behind: tuple[datetime, UUID] | None
    ) -> Sequence[VerificationRequest]:
        """Requests, the oldest first, from behind this place on."""
        place = tuple_(col(VerificationRequest.submitted_at), col(VerificationRequest.id))
        query = select(VerificationRequest).where(*filter.conditions())
        if behind is not None:
            query = query.where(place > behind)
        query = query.order_by(col(VerificationRequest.submitted_at), col(VerificationRequest.id)).limit(limit)
        return (await self._session.exec(query)).all()

    async def count(self, filter: QueueFilter) -> int:
        """How many requests the filter lets through."""
        found = await self._session.exec(
            select(func.count()).select_from(VerificationRequest).where(*filter.conditions())
        )
        return found.one()

    async def verified_elsewhere(self, requests: Sequence[VerificationRequest]) -> frozenset[UUID]:
        """Which of these requests name a certificate by which another account is verified already."""
        wanted = {
            (each.certificate_kind, each.certificate_index) for each in requests if each.certificate_index is not None
        }
        if not wanted:
            return frozenset()
        pair = tuple_(col(VerificationRequest.certificate_kind), col(VerificationRequest.certificate_index))
        found = await self._session.exec(
            select(
                VerificationRequest.certificate_kind,
                VerificationRequest.certificate_index,
                VerificationRequest.user_id,
            ).where(pair.in_(wanted), col(VerificationRequest.state) == VerificationRequestState.VERIFIED)
        )
        holders = {(kind, index): user_id for kind, index, user_id in found.all()}
        return frozenset(
            each.id
            for each in requests
            if holders.get((each.certificate_kind, each.certificate_index), each.user_id) != each.user_id
        )

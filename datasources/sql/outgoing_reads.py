"""The outbox as those read it who look after it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlmodel import col, delete, func, select, tuple_, update
from sqlmodel.ext.asyncio.session import AsyncSession

from datasources.sql.outgoing_message import OutgoingMessage, OutgoingState


@dataclass(frozen=True, slots=True)
class OutboxCriteria:
    """Which messages; None asks for nothing."""

    kind: str | None = None
    state: OutgoingState | None = None
    broadcast_id: UUID | None = None
    user_id: UUID | None = None
    since: datetime | None = None
    before: datetime | None = None


class OutgoingReads:
    """Works inside the session it is given."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def page(
        self, criteria: OutboxCriteria, behind: tuple[datetime, UUID] | None, most: int
    ) -> Sequence[OutgoingMessage]:
        """The latest first, from behind this one on."""
        query = select(OutgoingMessage).where(*_conditions(criteria))
        if behind is not None:
            query = query.where(tuple_(col(OutgoingMessage.created_at), col(OutgoingMessage.id)) < behind)
        query = query.order_by(col(OutgoingMessage.created_at).desc(), col(OutgoingMessage.id).desc()).limit(most)
        return (await self._session.exec(query)).all()

    async def count(self, criteria: OutboxCriteria) -> int:
        """How many there are."""
        return (
            await self._session.exec(select(func.count(col(OutgoingMessage.id))).where(*_conditions(criteria)))
        ).one()

    async def get(self, id: UUID) -> OutgoingMessage | None:
        """One message."""
        return await self._session.get(OutgoingMessage, id, populate_existing=True)

    async def try_anew(self, id: UUID, now: datetime) -> bool:
        """FAILED → WAITING; whether it stood so."""
        tried = await self._session.exec(
            update(OutgoingMessage)
            .where(col(OutgoingMessage.id) == id, col(OutgoingMessage.state) == OutgoingState.FAILED)
            .values(state=str(OutgoingState.WAITING), next_at=now, finished_at=None, attempts=0)
            .returning(col(OutgoingMessage.id))
        )
        return tried.first() is not None

    async def forget_before(self, moment: datetime, most: int) -> int:
        """Delete some that are over and older; how many."""
        old = (
            select(OutgoingMessage.id)
            .where(col(OutgoingMessage.created_at) < moment, col(OutgoingMessage.state) != OutgoingState.WAITING)
            .order_by(col(OutgoingMessage.created_at))
            .limit(most)
        )
        statement = delete(OutgoingMessage).where(col(OutgoingMessage.id).in_(old))
        return (await (await self._session.connection()).execute(statement)).rowcount


def _conditions(criteria: OutboxCriteria) -> list[ColumnElement[bool]]:
    equal = {
        OutgoingMessage.kind: criteria.kind,
        OutgoingMessage.state: criteria.state,
        OutgoingMessage.broadcast_id: criteria.broadcast_id,
        OutgoingMessage.user_id: criteria.user_id,
    }
    conditions = [col(column) == value for column, value in equal.items() if value is not None]
    if criteria.since is not None:
        conditions.append(col(OutgoingMessage.created_at) >= criteria.since)
    if criteria.before is not None:
        conditions.append(col(OutgoingMessage.created_at) < criteria.before)
    return conditions

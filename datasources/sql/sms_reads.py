"""Reads of text messages for those who look after them."""

from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import func, tuple_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from datasources.sql.database import fetch
from datasources.sql.sms_message import SmsMessage

_WAITING = """
    SELECT count(*), min(not_before), min(not_before) FILTER (WHERE kind = 'CODE')
      FROM sms_message WHERE (state = 'QUEUED' OR state = 'LEASED') AND not_before <= $1
"""
_HOUR = """
    SELECT route, phone_id, outcome, reason, count(*), sum(parts)
      FROM sms_attempt WHERE at > $1 GROUP BY route, phone_id, outcome, reason
     ORDER BY count(*) DESC, route, outcome, reason LIMIT 500
"""


class Waiting(NamedTuple):
    """What is due and not begun."""

    messages: int
    oldest: datetime | None
    oldest_code: datetime | None


class AttemptGroup(NamedTuple):
    """Attempts of the last hour that ended alike."""

    route: str
    phone_id: UUID | None
    outcome: str
    reason: str
    attempts: int
    parts: int


class SmsReads:
    """Works inside the session it is given."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def waiting(self, now: datetime) -> Waiting:
        """What is due and not begun."""
        (row,) = await fetch(self._session, _WAITING, now)
        return Waiting(*row)

    async def last_hour(self, now: datetime) -> list[AttemptGroup]:
        """What became of the attempts of the last hour, the most frequent first."""
        return [AttemptGroup(*row) for row in await fetch(self._session, _HOUR, now - timedelta(hours=1))]

    async def get(self, id: UUID) -> SmsMessage | None:
        """One message."""
        return await self._session.get(SmsMessage, id)

    async def page(
        self, state: str | None, kind: str | None, behind: tuple[datetime, UUID] | None, limit: int
    ) -> list[SmsMessage]:
        """Messages, the latest first."""
        query = select(SmsMessage).order_by(col(SmsMessage.created_at).desc(), col(SmsMessage.id).desc()).limit(limit)
        if state is not None:
            query = query.where(col(SmsMessage.state) == state)
        if kind is not None:
            query = query.where(col(SmsMessage.kind) == kind)
        if behind is not None:
            query = query.where(tuple_(col(SmsMessage.created_at), col(SmsMessage.id)) < behind)
        return list(await self._session.exec(query))

    async def count(self, state: str | None, kind: str | None) -> int:
        """How many there are."""
        query = select(func.count()).select_from(SmsMessage)
        if state is not None:
            query = query.where(col(SmsMessage.state) == state)
        if kind is not None:
            query = query.where(col(SmsMessage.kind) == kind)
        return (await self._session.exec(query)).one()

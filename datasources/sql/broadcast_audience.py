"""Who a broadcast goes to, and how far the outbox is with it."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from datasources.sql.booking_order import LIVE, BookingOrder
from datasources.sql.broadcast import Audience, Broadcast
from datasources.sql.database import fetch
from datasources.sql.user_account import SIGNED_IN_STATUSES, UserAccount

_PROGRESS = """
    SELECT count(*) FILTER (WHERE state = 'WAITING'), count(*) FILTER (WHERE state = 'TOLD'),
           count(*) FILTER (WHERE state = 'DROPPED'), count(*) FILTER (WHERE state = 'FAILED'),
           count(*) FILTER (WHERE fates ->> 'SMS' = 'QUEUED')
      FROM outgoing_message WHERE broadcast_id = $1
"""
_DROP = """
    UPDATE outgoing_message
       SET state = 'DROPPED', reason = 'CANCELLED', next_at = NULL, finished_at = $2
     WHERE broadcast_id = $1 AND state = 'WAITING'
"""


class Progress(NamedTuple):
    """How many of a broadcast's messages stand where."""

    waiting: int
    told: int
    dropped: int
    failed: int
    texted: int

    def counts(self) -> dict[str, int]:
        """What the broadcast's own row remembers of it, by column."""
        return {"told": self.told, "dropped": self.dropped, "failed": self.failed, "texted": self.texted}


class BroadcastAudience:
    """Reads inside the session it is given."""

    def __init__(self, session: AsyncSession, broadcast: Broadcast) -> None:
        self._session, self._broadcast = session, broadcast

    async def size(self) -> int:
        """How many accounts it now has."""
        people = select(col(UserAccount.id)).where(*self._conditions()).subquery()
        return (await self._session.exec(select(func.count()).select_from(people))).one()

    async def behind(self, cursor: UUID | None, most: int) -> Sequence[UUID]:
        """The next accounts, in the order of their ids."""
        query = select(UserAccount.id).where(*self._conditions()).order_by(col(UserAccount.id)).limit(most)
        if cursor is not None:
            query = query.where(col(UserAccount.id) > cursor)
        return (await self._session.exec(query)).all()

    async def progress(self) -> Progress:
        """How far the relay is with it."""
        (row,) = await fetch(self._session, _PROGRESS, self._broadcast.id)
        return Progress(*row)

    async def drop_waiting(self, now: datetime) -> None:
        """Tell nobody more."""
        await fetch(self._session, _DROP, self._broadcast.id, now)

    def _conditions(self) -> list[ColumnElement[bool]]:
        broadcast = self._broadcast
        conditions: list[ColumnElement[bool]] = [col(UserAccount.status).in_(SIGNED_IN_STATUSES)]
        match broadcast.audience:
            case Audience.USER:
                conditions.append(col(UserAccount.id) == broadcast.user_id)
            case Audience.HOLDERS:
                conditions.append(col(UserAccount.id).in_(select(BookingOrder.user_id).where(*self._orders())))
            case _:
                # Who joins while it is under way is not part of it.
                conditions.append(col(UserAccount.created_at) <= (broadcast.begun_at or broadcast.created_at))
        return conditions

    def _orders(self) -> list[ColumnElement[bool]]:
        broadcast = self._broadcast
        conditions: list[ColumnElement[bool]] = [
            col(BookingOrder.hospital_code) == broadcast.hospital_code,
            col(BookingOrder.state).in_(LIVE),
        ]
        if broadcast.department_code is not None:
            conditions.append(col(BookingOrder.department_code) == broadcast.department_code)
        if broadcast.schedule_id is not None:
            conditions.append(col(BookingOrder.schedule_id) == broadcast.schedule_id)
        if broadcast.first_date is not None:
            conditions.append(col(BookingOrder.visit_date) >= broadcast.first_date)
        if broadcast.last_date is not None:
            conditions.append(col(BookingOrder.visit_date) <= broadcast.last_date)
        return conditions

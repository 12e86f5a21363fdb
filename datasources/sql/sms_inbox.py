"""Keeping received messages, and who opted out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, delete
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, func, select, tuple_
from sqlmodel.ext.asyncio.session import AsyncSession

from datasources.sql.sms_received import ReceivedMeaning, SmsOptOut, SmsReceived


@dataclass(frozen=True, slots=True)
class ReceivedCriteria:
    """Which received messages; None asks for nothing."""

    meaning: ReceivedMeaning | None = None
    phone_id: UUID | None = None
    """The telephone that received them."""
    phone_index: bytes | None = None
    """Who wrote them."""

    def conditions(self) -> list[ColumnElement[bool]]:
        """The WHERE of the list and of its count."""
        equal = {
            SmsReceived.meaning: self.meaning,
            SmsReceived.phone_id: self.phone_id,
            SmsReceived.phone_index: self.phone_index,
        }
        return [col(column) == value for column, value in equal.items() if value is not None]


class SmsInbox:
    """Works inside the session it is given."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def keep(self, received: SmsReceived) -> bool:
        """Store a received message; False if it is there already."""
        kept = await self._session.exec(
            insert(SmsReceived)
            .values(**received.model_dump())
            .on_conflict_do_nothing(constraint="sms_received_once")
            .returning(col(SmsReceived.id))
        )
        return kept.one_or_none() is not None

    async def opt_out(self, phone_index: bytes, kinds: Sequence[str], now: datetime) -> bool:
        """The number wants none of these kinds; whether it did before."""
        rows = [{"phone_index": phone_index, "kind": kind, "since": now} for kind in kinds]
        added = await self._session.exec(
            insert(SmsOptOut).values(rows).on_conflict_do_nothing().returning(col(SmsOptOut.kind))
        )
        return bool(added.all())

    async def opt_in(self, phone_index: bytes) -> bool:
        """The number wants all kinds again; whether it did not before."""
        gone = await self._session.exec(
            delete(SmsOptOut).where(col(SmsOptOut.phone_index) == phone_index).returning(col(SmsOptOut.kind))
        )
        return bool(gone.all())

    async def forget_before(self, moment: datetime, most: int) -> int:
        """Delete some that were received earlier; how many. Who opted out stays so."""
        old = select(SmsReceived.id).where(col(SmsReceived.received_at) < moment).limit(most)
        statement = delete(SmsReceived).where(col(SmsReceived.id).in_(old))
        return (await (await self._session.connection()).execute(statement)).rowcount

    async def page(
        self, criteria: ReceivedCriteria, behind: tuple[datetime, UUID] | None, most: int
    ) -> Sequence[SmsReceived]:
        """The latest first, from behind this one on."""
        query = select(SmsReceived).where(*criteria.conditions())
        if behind is not None:
            query = query.where(tuple_(col(SmsReceived.received_at), col(SmsReceived.id)) < behind)
        query = query.order_by(col(SmsReceived.received_at).desc(), col(SmsReceived.id).desc()).limit(most)
        return (await self._session.exec(query)).all()

    async def count(self, criteria: ReceivedCriteria) -> int:
        """How many there are."""
        return (await self._session.exec(select(func.count(col(SmsReceived.id))).where(*criteria.conditions()))).one()

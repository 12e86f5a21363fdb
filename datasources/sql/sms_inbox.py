"""Keeping received messages, and who opted out."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from datasources.sql.sms_received import SmsOptOut, SmsReceived


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

"""Filling the queue of text messages, and giving up what waits in it."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from datasources.sql.sms_message import SmsMessage
from datasources.sql.sms_received import SmsOptOut

# Of a code, the text goes with its last state: it is worth something to whoever finds it, and nothing to the platform.
_GIVE_UP = """
    UPDATE sms_message
       SET state = 'CANCELLED', reason = :reason, finished_at = :now, lease_until = NULL,
           sealed_text = CASE WHEN kind = 'CODE' THEN NULL ELSE sealed_text END,
           sealed_variables = CASE WHEN kind = 'CODE' THEN NULL ELSE sealed_variables END
     WHERE supersede_key = :key AND (state = 'QUEUED' OR state = 'LEASED') AND id <> :besides
"""


class SmsQueue:
    """Works inside the session it is given."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, message: SmsMessage) -> SmsMessage | None:
        """Store a message; if one with its dedupe key is there already, that one, and nothing is stored."""
        added = await self._session.exec(
            insert(SmsMessage)
            .values(**message.model_dump())
            .on_conflict_do_nothing(constraint="sms_message_dedupe_key")
            .returning(col(SmsMessage.id))
        )
        if added.one_or_none() is not None:
            return None
        found = await self._session.exec(select(SmsMessage).where(col(SmsMessage.dedupe_key) == message.dedupe_key))
        return found.one()

    async def add_many(self, messages: Sequence[SmsMessage]) -> None:
        """Store these, but for those whose dedupe key is there already."""
        if messages:
            statement = insert(SmsMessage).on_conflict_do_nothing(constraint="sms_message_dedupe_key")
            rows = [message.model_dump() for message in messages]
            await (await self._session.connection()).execute(statement, rows)

    async def give_up_older(self, supersede_key: str, besides: UUID, reason: str, now: datetime) -> None:
        """Cancel what has this key and nobody has begun to send, besides the newest."""
        values = {"key": supersede_key, "besides": besides, "reason": reason, "now": now}
        await (await self._session.connection()).execute(text(_GIVE_UP), values)

    async def has_opted_out(self, phone_index: bytes, kind: str) -> bool:
        """Whether the number wants none of this kind."""
        return await self._session.get(SmsOptOut, (phone_index, kind)) is not None

    async def opted_out_among(self, phone_indexes: Sequence[bytes]) -> set[tuple[bytes, str]]:
        """What these numbers want none of."""
        found = await self._session.exec(select(SmsOptOut).where(col(SmsOptOut.phone_index).in_(phone_indexes)))
        return {(each.phone_index, each.kind) for each in found.all()}

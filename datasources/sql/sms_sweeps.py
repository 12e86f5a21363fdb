"""Text messages that the clock has caught up with. Each statement moves at most a batch; run again until none moves."""

from datetime import datetime, timedelta

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

BATCH = 500

_WITHOUT_CODES = """
    sealed_text = CASE WHEN kind = 'CODE' THEN NULL ELSE sealed_text END,
    sealed_variables = CASE WHEN kind = 'CODE' THEN NULL ELSE sealed_variables END
"""
_EXPIRE = f"""
    UPDATE sms_message SET state = 'EXPIRED', finished_at = :now, lease_until = NULL, {_WITHOUT_CODES}
     WHERE id IN (SELECT id FROM sms_message
                   WHERE (state = 'QUEUED' OR state = 'LEASED') AND expires_at <= :now
                   ORDER BY expires_at LIMIT {BATCH} FOR UPDATE SKIP LOCKED)
 RETURNING kind
"""  # noqa: S608 - constants of this module
_TAKE_BACK = f"""
    UPDATE sms_message SET state = 'QUEUED', lease_until = NULL, phone_id = NULL, reason = 'LEASE_EXPIRED'
     WHERE id IN (SELECT id FROM sms_message WHERE state = 'LEASED' AND lease_until <= :now
                   ORDER BY lease_until LIMIT {BATCH} FOR UPDATE SKIP LOCKED)
 RETURNING kind
"""  # noqa: S608
_GIVE_UP = f"""
    UPDATE sms_message
       SET state = 'UNKNOWN', finished_at = :now, lease_until = NULL, reason = 'NO_REPORT', {_WITHOUT_CODES}
     WHERE id IN (SELECT id FROM sms_message WHERE state = 'HANDED' AND lease_until <= :now
                   ORDER BY lease_until LIMIT {BATCH} FOR UPDATE SKIP LOCKED)
 RETURNING id, attempt
"""  # noqa: S608
_NOTE_UNKNOWN = """
    UPDATE sms_attempt SET outcome = 'UNKNOWN', reason = 'NO_REPORT'
     WHERE message_id = :id AND attempt = :attempt AND outcome = ''
"""
_FORGET = f"""
    DELETE FROM sms_message
     WHERE id IN (SELECT id FROM sms_message WHERE finished_at <= :before ORDER BY finished_at LIMIT {BATCH})
"""  # noqa: S608
_FORGET_RECEIVED = f"""
    DELETE FROM sms_received
     WHERE id IN (SELECT id FROM sms_received WHERE received_at <= :before ORDER BY received_at LIMIT {BATCH})
"""  # noqa: S608


class SmsSweeps:
    """Works inside the session it is given."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def expire(self, now: datetime) -> list[str]:
        """Give up what nobody began to send in time; the kinds, one of each message."""
        return [kind for (kind,) in await self._run(_EXPIRE, now=now)]

    async def take_back(self, now: datetime) -> list[str]:
        """Queue again what was leased for a time that is over; the kinds, one of each message."""
        return [kind for (kind,) in await self._run(_TAKE_BACK, now=now)]

    async def give_up_unreported(self, now: datetime) -> int:
        """What was handed over and nothing is heard of since is UNKNOWN; how many."""
        given_up = await self._run(_GIVE_UP, now=now)
        for id, attempt in given_up:
            await (await self._session.connection()).execute(text(_NOTE_UNKNOWN), {"id": id, "attempt": attempt})
        return len(given_up)

    async def forget(self, now: datetime, kept: timedelta) -> int:
        """Delete what has been over for so long; how many."""
        connection = await self._session.connection()
        return sum(
            [
                (await connection.execute(text(statement), {"before": now - kept})).rowcount
                for statement in (_FORGET, _FORGET_RECEIVED)
            ]
        )

    async def _run(self, statement: str, **values: datetime) -> list[tuple[str, ...]]:
        rows = await (await self._session.connection()).execute(text(statement), values)
        return [tuple(row) for row in rows]

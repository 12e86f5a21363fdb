"""Taking back from a telephone what it was given and has not begun."""

from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

_TAKE_BACK = """
    UPDATE sms_message SET state = 'QUEUED', lease_until = NULL, phone_id = NULL, reason = 'MOVED'
     WHERE phone_id = :phone AND state = 'LEASED' AND lease_until IS NOT NULL
 RETURNING kind
"""


async def take_back_from(session: AsyncSession, phone_id: UUID) -> list[str]:
    """LEASED → QUEUED; the kinds, one of each message. What it has begun stays its own."""
    rows = await (await session.connection()).execute(text(_TAKE_BACK), {"phone": phone_id})
    return [kind for (kind,) in rows]

"""Forgetting the text messages of an account that is erased."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

_ERASE = (
    "DELETE FROM sms_message WHERE phone_index = (SELECT phone_index FROM user_account WHERE id = :user)",
    "DELETE FROM sms_received WHERE phone_index = (SELECT phone_index FROM user_account WHERE id = :user)",
)


async def erase_texts(session: AsyncSession, user_id: UUID, _now: datetime) -> None:
    """Delete what was sent to the account's phone and what came from it. That it wants no reminders is still obeyed:
    it is kept under a keyed hash alone. Comes before the account's own row."""
    connection = await session.connection()
    for statement in _ERASE:
        await connection.execute(text(statement), {"user": user_id})

"""Erasing what an account was told, when the account itself is erased."""

from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from datasources.sql.broadcast import Broadcasts
from datasources.sql.message_choice import MessageChoices
from datasources.sql.notification import Notifications
from datasources.sql.outgoing_message import OutgoingMessages


async def erase_messages(session: AsyncSession, user_id: UUID, _now: datetime) -> None:
    """Delete the account's messages, told or not, and how it wanted to be told. Repeating it changes nothing."""
    await Broadcasts(session).forget_texts_to(user_id)
    await OutgoingMessages(session).delete_of(user_id)
    await Notifications(session).delete_of(user_id)
    await MessageChoices(session).delete_of(user_id)

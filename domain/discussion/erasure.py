"""Erasing what an account wrote, when the account itself is erased."""

from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from datasources.sql.contributions import Contributions


async def erase_contributions(session: AsyncSession, user_id: UUID, _now: datetime) -> None:
    """Take the words of its posts and replies away, and its reports. Repeating it changes nothing."""
    await Contributions(session).erase_of(user_id)

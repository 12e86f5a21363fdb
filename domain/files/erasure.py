"""Erasing an account's files when the account itself is erased."""

from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from datasources.sql.stored_file import FileOwner, OwnerKind, StoredFiles


async def erase_files(session: AsyncSession, user_id: UUID, now: datetime) -> None:
    """Delete every file of the account, whatever needs it; the settling job then drops the objects.

    Repeating it changes nothing.
    """
    await StoredFiles(session).delete_all_of(FileOwner(OwnerKind.USER, user_id), now)

"""How exports end: some days after they were made, or with the account."""

from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from datasources.sql.data_export import DataExports
from datasources.sql.stored_file import StoredFiles
from datasources.stores import Stores
from domain.exports.notice import tell_owner

MOST_PER_RUN = 200


async def expire_due(stores: Stores, now: datetime) -> int:
    """Expire exports whose time is over and delete their files, whose objects the settling job then drops; how many
    there were."""
    expired = 0
    while expired < MOST_PER_RUN and await _expire_next(stores, now):
        expired += 1
    return expired


async def erase_exports(session: AsyncSession, user_id: UUID, _now: datetime) -> None:
    """Forget the account's exports; their files go with all others of the account. Repeating it changes nothing.

    Comes after the files in `ERASERS`, for everybody locks an export's file before the export.
    """
    await DataExports(session).delete_of(user_id)


async def _expire_next(stores: Stores, now: datetime) -> bool:
    async with stores.sql.unit_of_work() as session:
        exports = DataExports(session)
        over = await exports.next_over(now)
        if over is None:
            return False
        if over.file_id is not None:
            await StoredFiles(session).delete(over.file_id, now)
        expired = await exports.expire(over.id)
        if expired is not None:
            await tell_owner(session, expired, now)
        return True

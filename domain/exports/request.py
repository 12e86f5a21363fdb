"""Asking for an export: by the account's owner who proves themselves anew, one at a time, once a day."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession
from uuid_utils.compat import uuid7

from datasources.queue import JobQueue
from datasources.sql.audit_entry import AuditLog
from datasources.sql.data_export import DataExport, DataExports
from datasources.stores import Stores
from domain.audit.actor import Actor
from domain.exports.limits import BETWEEN
from domain.patients.reveal import Reproof, Unproved

MAKE_REQUESTED = "make_requested_exports"
"""The queued job that makes it at once."""


@dataclass(frozen=True, slots=True)
class TooManyExports:
    """The last export was made less than a day ago."""

    next_at: datetime


async def request_export(
    stores: Stores, actor: Actor, user_id: UUID, prove: Reproof[Unproved]
) -> DataExport | TooManyExports | Unproved:
    """The export that is now to be made. While one is under way, that is it, and no proof is used up."""
    async with stores.sql.read() as session:
        standing = await _standing(session, user_id, actor.now)
    if standing is not None:
        return standing
    unproved = await prove()
    if unproved is not None:
        return unproved
    async with stores.sql.unit_of_work() as session:
        exports = DataExports(session)
        await exports.lock_user(user_id)
        standing = await _standing(session, user_id, actor.now)
        if standing is not None:
            return standing
        export = DataExport(id=uuid7(), user_id=user_id, requested_at=actor.now, due_at=actor.now)
        await exports.add(export)
        detail = {"export": str(export.id)}
        await AuditLog(session).append(actor.act("DATA_EXPORT_REQUESTED", "user", user_id, detail=detail))
    await JobQueue(stores.redis).hand_over(MAKE_REQUESTED)
    return export


async def _standing(session: AsyncSession, user_id: UUID, now: datetime) -> DataExport | TooManyExports | None:
    exports = DataExports(session)
    under_way = await exports.under_way(user_id)
    if under_way is not None:
        return under_way
    made_at = await exports.last_made_at(user_id)
    if made_at is not None and now < made_at + BETWEEN:
        return TooManyExports(made_at + BETWEEN)
    return None

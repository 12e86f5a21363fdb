"""Telling an owner what became of their export: in the app, and at once to whoever watches."""

from datetime import datetime

import orjson
from sqlmodel.ext.asyncio.session import AsyncSession

from datasources.hints import Hint, note_hint
from datasources.sql.audit_entry import AuditLog
from datasources.sql.data_export import DataExport
from domain.audit.actor import Actor
from domain.messages.of_account import tell_of_export

CHANNEL = "data_exports"


async def tell_owner(session: AsyncSession, export: DataExport, now: datetime) -> None:
    """Record that the export is READY, FAILED or EXPIRED, and hint at it once the transaction has committed. Call it
    last in the transaction."""
    message = orjson.dumps({"user": str(export.user_id), "export": str(export.id), "state": export.state})
    note_hint(session, Hint(CHANNEL, message))
    detail = {"export": str(export.id)} | ({} if export.failure is None else {"failure": export.failure})
    await tell_of_export(session, export, now)
    act = Actor.system("data_exports", now).act(f"DATA_EXPORT_{export.state}", "user", export.user_id, detail=detail)
    await AuditLog(session).append(act)

"""What an export of one's own data says of the audit log: what was done, and by whom in kind."""

from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from datasources.sealing import KeyRing
from datasources.sql.audit_entry import AuditEntry
from datasources.sql.audit_of_user import entries_about_user

MOST_ENTRIES = 10_000


async def export_activity(session: AsyncSession, _ring: KeyRing, user_id: UUID) -> list[dict[str, Any]]:
    """The latest entries about the user, the latest first. Who among the staff, and from where, is theirs to keep."""
    return [_told(entry, str(user_id)) for entry in await entries_about_user(session, user_id, most=MOST_ENTRIES)]


def _told(entry: AuditEntry, user_id: str) -> dict[str, Any]:
    own = (entry.actor_kind, entry.actor_id) == ("user", user_id)
    return {
        "at": entry.at,
        "by": "you" if own else entry.actor_kind,
        "action": entry.action,
        "subject": entry.subject_kind,
        "result": entry.result,
        "address": entry.address if own else None,
    }

"""What an export of one's own data says about messages."""

from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from datasources.sealing import KeyRing
from datasources.sql.notification import Notifications

MOST_NOTIFICATIONS = 5_000


async def export_notifications(session: AsyncSession, _ring: KeyRing, user_id: UUID) -> list[dict[str, Any]]:
    """What the account was told in the app, the latest first."""
    return [
        {"kind": each.kind, "texts": each.texts, "toldAt": each.created_at, "readAt": each.read_at}
        for each in await Notifications(session).page(user_id, MOST_NOTIFICATIONS)
    ]

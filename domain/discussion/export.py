"""What an account wrote in the discussion area, for its own export."""

from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from datasources.sealing import KeyRing
from datasources.sql.contributions import Contributions


async def export_contributions(session: AsyncSession, _ring: KeyRing, user_id: UUID) -> Any:
    """Its posts and replies, the earliest first."""
    return [
        {
            "id": each.id,
            "replyTo": each.post_id,
            "title": each.title,
            "body": each.body,
            "state": each.state,
            "hiddenReason": each.hidden_reason,
            "createdAt": each.created_at,
        }
        for each in await Contributions(session).all_of(user_id)
    ]

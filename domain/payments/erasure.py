"""What becomes of an account's payments when the account is erased: the money's records stay, and name nobody."""

from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from datasources.sql.payments import Payments


async def erase_payers(session: AsyncSession, user_id: UUID, _now: datetime) -> None:
    """Forget by what the providers know who paid. Repeating it changes nothing."""
    await Payments(session).forget_payers_of(user_id)

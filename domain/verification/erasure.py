"""Erasing an account's requests for verification when the account itself is erased."""

from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from datasources.sql.verification_request import VerificationRequests


async def erase_verifications(session: AsyncSession, user_id: UUID, _now: datetime) -> None:
    """Delete the account's requests, so that the certificate can verify another account. Who decided them, and when,
    stays in the audit log, which holds no name and no number. Repeating it changes nothing."""
    await VerificationRequests(session).delete_of_user(user_id)

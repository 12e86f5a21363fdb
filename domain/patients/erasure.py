"""Erasing an account's patients when the account itself is erased."""

from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from datasources.sql.consent import ConsentKind, Consents
from datasources.sql.patient import Patients


async def erase_patients(session: AsyncSession, user_id: UUID, now: datetime) -> None:
    """Erase what identifies each of the account's patients and end its consents. Repeating it changes nothing."""
    patients = Patients(session)
    for row in await patients.of_user(user_id):
        await patients.erase(user_id, row.id, now)
    for kind in ConsentKind:
        await Consents(session).withdraw(user_id, kind, now)

"""Erasing what an account handed in for hospitals when the account itself is erased."""

from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from datasources.sql.hospital_application import HospitalApplications
from datasources.sql.stored_file import StoredFiles
from domain.onboarding.applying import used_by


async def erase_applications(session: AsyncSession, user_id: UUID, _now: datetime) -> None:
    """Withdraw what was not approved, and forget every contact person. What a hospital of the platform's rests on, its
    application and licences, stays with the hospital. Repeating it changes nothing."""
    applications = HospitalApplications(session)
    for id in await applications.undecided_of(user_id):
        await applications.withdraw(id, user_id)
        await StoredFiles(session).release_from_use(used_by(id))
    await applications.forget_contacts_of(user_id)

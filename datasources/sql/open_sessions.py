"""Which of many sessions still run, asked for all of a process's open connections at once."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from datasources.sql.sign_in_session import SignInSession, StaffStanding
from datasources.sql.staff_account import StaffAccount, StaffStatus
from datasources.sql.user_account import SIGNED_IN_STATUSES, UserAccount


class OpenSessions:
    """Reads the sessions with these ids that run now and whose accounts may be signed in."""

    def __init__(self, session: AsyncSession, ids: Collection[UUID], now: datetime) -> None:
        self._session = session
        self._running = (
            col(SignInSession.id).in_(ids),
            col(SignInSession.ended_at).is_(None),
            col(SignInSession.expires_at) > now,
        )

    async def of_users(self) -> dict[UUID, UUID]:
        """The user of each."""
        found = await self._session.exec(
            select(SignInSession.id, UserAccount.id)
            .join(UserAccount, col(UserAccount.id) == col(SignInSession.user_id))
            .where(*self._running, col(UserAccount.status).in_(SIGNED_IN_STATUSES))
        )
        return dict(found.all())

    async def of_staff(self) -> dict[UUID, tuple[UUID, StaffStanding]]:
        """The staff member of each, and what their account says now."""
        found = await self._session.exec(
            select(SignInSession.id, StaffAccount)
            .join(StaffAccount, col(StaffAccount.id) == col(SignInSession.staff_id))
            .where(*self._running, col(StaffAccount.status) == StaffStatus.ACTIVE)
        )
        return {
            id: (account.id, StaffStanding(account.hospital_code, account.roles, account.must_change_password))
            for id, account in found.all()
        }

"""Who the holders of open connections are now."""

from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from datasources.sql.open_sessions import OpenSessions
from domain.callers import SignedInUser, StaffMember
from domain.identity.sessions import staff_member


async def callers_now(
    session: AsyncSession, ids: Collection[UUID], now: datetime
) -> Mapping[UUID, SignedInUser | StaffMember]:
    """The caller of each of these sessions that still runs, with today's rights; two queries for all of them."""
    sessions = OpenSessions(session, ids, now)
    callers: dict[UUID, SignedInUser | StaffMember] = {
        id: SignedInUser(user_id, id) for id, user_id in (await sessions.of_users()).items()
    }
    for id, (staff_id, standing) in (await sessions.of_staff()).items():
        callers[id] = staff_member(staff_id, id, standing)
    return callers

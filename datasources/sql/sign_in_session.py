"""Sessions of users and staff: one per sign-in on one device, ended for good or until its refresh token expires."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, ColumnElement, DateTime, LargeBinary, func, true
from sqlmodel import Field, SQLModel, col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from datasources.sql.database import Database
from datasources.sql.staff_account import StaffAccount, StaffStatus
from datasources.sql.user_account import SIGNED_IN_STATUSES, UserAccount

MOST_LISTED = 100


class EndReason(StrEnum):
    """Why a session ended."""

    SIGNED_OUT = "SIGNED_OUT"
    SIGNED_OUT_EVERYWHERE = "SIGNED_OUT_EVERYWHERE"
    REFRESH_REUSED = "REFRESH_REUSED"
    ACCOUNT_LOCKED = "ACCOUNT_LOCKED"
    PASSWORD_CHANGED = "PASSWORD_CHANGED"  # noqa: S105 - a reason, not a password
    PHONE_CHANGED = "PHONE_CHANGED"
    ACCOUNT_DELETED = "ACCOUNT_DELETED"


class SignInSession(SQLModel, table=True):
    """One row per session. Only hashes of its refresh tokens are kept: the live one and the one before it."""

    __tablename__ = "sign_in_session"
    __table_args__ = (CheckConstraint("num_nonnulls(user_id, staff_id) = 1", name="sign_in_session_of_one_account"),)

    id: UUID = Field(primary_key=True)
    user_id: UUID | None = Field(default=None, foreign_key="user_account.id", index=True)
    staff_id: UUID | None = Field(default=None, foreign_key="staff_account.id", index=True)
    device: str = Field(default="", max_length=200)
    address: str = Field(default="", max_length=64)
    refresh_hash: bytes = Field(sa_column=Column(LargeBinary(32), nullable=False, unique=True))
    previous_refresh_hash: bytes | None = Field(default=None, sa_column=Column(LargeBinary(32), unique=True))
    refreshed_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    created_at: datetime | None = Field(
        default=None, sa_column=Column(DateTime(timezone=True), nullable=False, server_default=func.now())
    )
    expires_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    ended_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    end_reason: str | None = Field(default=None)


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose sessions are meant: `user` or `staff`, and the account's id."""

    kind: str
    id: UUID


@dataclass(frozen=True, slots=True)
class StaffStanding:
    """What a staff member's account says at this moment."""

    hospital_code: str | None
    roles: Sequence[str]
    must_change_password: bool


class SignInSessions:
    """Reads and changes sessions inside the database session it is given. The owner stands in every WHERE."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def get(self, id: UUID) -> SignInSession | None:
        """The session as it now is, ended or not."""
        return await self._session.get(SignInSession, id, populate_existing=True)

    async def add(self, owner: Owner, row: SignInSession) -> None:
        """Store a new session of this owner."""
        if owner.kind == "staff":
            row.staff_id = owner.id
        else:
            row.user_id = owner.id
        self._session.add(row)
        await self._session.flush()

    async def is_new_device(self, owner: Owner, device: str) -> bool:
        """Whether this account has signed in before, but never with this device."""
        same = func.coalesce(func.bool_or(col(SignInSession.device) == device), true())
        return not (await self._session.exec(select(same).where(_of(owner)))).one()

    async def live(self, owner: Owner, now: datetime) -> list[SignInSession]:
        """The owner's sessions that run, the one used last first, at most MOST_LISTED."""
        used = func.coalesce(col(SignInSession.refreshed_at), col(SignInSession.created_at))
        found = await self._session.exec(
            select(SignInSession)
            .where(_of(owner), *_running(now))
            .order_by(used.desc(), col(SignInSession.id))
            .limit(MOST_LISTED)
        )
        return list(found.all())

    async def every(self, owner: Owner, *, limit: int) -> list[SignInSession]:
        """The owner's latest sessions, ended ones too, the one begun last first."""
        found = await self._session.exec(
            select(SignInSession)
            .where(_of(owner))
            .order_by(col(SignInSession.created_at).desc(), col(SignInSession.id))
            .limit(limit)
        )
        return list(found.all())

    async def rotate(
        self,
        id: UUID,
        kind: str,
        refresh_hash: bytes,
        next_hash: bytes,
        *,
        now: datetime,
        expires_at: datetime,
        address: str,
    ) -> SignInSession | None:
        """Replace the live refresh token by the next, if it is the live one, the session runs and its account may be
        signed in. None if not, and nothing was changed: of several at once, one call replaces it."""
        live_accounts = (
            col(SignInSession.staff_id).in_(
                select(StaffAccount.id).where(col(StaffAccount.status) == StaffStatus.ACTIVE)
            )
            if kind == "staff"
            else col(SignInSession.user_id).in_(
                select(UserAccount.id).where(col(UserAccount.status).in_(SIGNED_IN_STATUSES))
            )
        )
        replaced = await self._session.exec(
            update(SignInSession)
            .where(
                col(SignInSession.id) == id,
                col(SignInSession.refresh_hash) == refresh_hash,
                *_running(now),
                live_accounts,
            )
            .values(
                refresh_hash=next_hash,
                previous_refresh_hash=refresh_hash,
                refreshed_at=now,
                expires_at=expires_at,
                address=address,
            )
            .returning(SignInSession)
        )
        return replaced.scalar_one_or_none()

    async def end(self, owner: Owner, id: UUID, reason: EndReason, now: datetime) -> bool:
        """End one running session of this owner. True if this call ended it."""
        return bool(await self._end(col(SignInSession.id) == id, owner, reason, now))

    async def end_all(
        self, owner: Owner, reason: EndReason, now: datetime, *, except_id: UUID | None = None
    ) -> list[UUID]:
        """End every running session of this owner, but for one if it is named; the ids of those ended."""
        others = true() if except_id is None else col(SignInSession.id) != except_id
        return await self._end(others, owner, reason, now)

    async def forget_devices(self, owner: Owner) -> None:
        """Keep no device and no address of the owner's sessions, ended ones included."""
        await self._session.exec(update(SignInSession).where(_of(owner)).values(device="", address=""))

    async def live_staff(self, id: UUID, staff_id: UUID, now: datetime) -> StaffStanding | None:
        """The staff member's hospital and roles now, if the session runs and the account is active: one query."""
        found = await self._session.exec(
            select(StaffAccount.hospital_code, StaffAccount.roles, StaffAccount.must_change_password)
            .join(SignInSession, col(SignInSession.staff_id) == col(StaffAccount.id))
            .where(
                col(SignInSession.id) == id,
                col(SignInSession.staff_id) == staff_id,
                *_running(now),
                col(StaffAccount.status) == StaffStatus.ACTIVE,
            )
        )
        row = found.one_or_none()
        return None if row is None else StaffStanding(row[0], row[1], row[2])

    async def _end(self, which: ColumnElement[bool], owner: Owner, reason: EndReason, now: datetime) -> list[UUID]:
        ended = await self._session.exec(
            update(SignInSession)
            .where(which, _of(owner), col(SignInSession.ended_at).is_(None))
            .values(ended_at=now, end_reason=reason.value)
            .returning(col(SignInSession.id))
        )
        return list(ended.scalars().all())


_IS_LIVE_FOR_USER = """
    SELECT FROM sign_in_session s JOIN user_account u ON u.id = s.user_id
     WHERE s.id = $1 AND s.user_id = $2 AND s.ended_at IS NULL AND s.expires_at > $3 AND u.status = ANY ($4::text[])
"""


async def is_live_for_user(database: Database, id: UUID, user_id: UUID, now: datetime) -> bool:
    """Whether this user's session runs and the account may be signed in: one query, which every request asks."""
    return bool(await database.fetch(_IS_LIVE_FOR_USER, id, user_id, now, list(SIGNED_IN_STATUSES)))


def _of(owner: Owner) -> ColumnElement[bool]:
    column = col(SignInSession.staff_id) if owner.kind == "staff" else col(SignInSession.user_id)
    return column == owner.id


def _running(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return col(SignInSession.ended_at).is_(None), col(SignInSession.expires_at) > now

"""Invitations to a hospital's staff: a link that makes one account, once."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, ColumnElement, DateTime, Index, LargeBinary, String, func
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field, SQLModel, col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession


class InviterKind(StrEnum):
    """Who invites: staff, or the account that applied for the hospital."""

    STAFF = "staff"
    USER = "user"


class StaffInvitation(SQLModel, table=True):
    """One row per invitation. Its link's token is kept only as a hash."""

    __tablename__ = "staff_invitation"
    __table_args__ = (
        CheckConstraint("inviter_kind IN ('staff', 'user')", name="staff_invitation_inviter_kind"),
        CheckConstraint("num_nonnulls(accepted_at, revoked_at) <= 1", name="staff_invitation_one_end"),
        CheckConstraint("num_nonnulls(accepted_at, staff_id) <> 1", name="staff_invitation_accepted"),
        Index("staff_invitation_token", "token_hash", unique=True),
        Index("staff_invitation_hospital", "hospital_code", "created_at", "id"),
    )

    id: UUID = Field(primary_key=True)
    hospital_code: str = Field(foreign_key="hospital_account.code")
    roles: list[str] = Field(sa_column=Column(ARRAY(String), nullable=False))
    note: str = Field(default="")
    """Whom it is for, in the inviter's words."""
    token_hash: bytes = Field(sa_column=Column(LargeBinary(32), nullable=False))
    inviter_kind: str
    inviter_id: UUID
    created_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    expires_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    accepted_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    staff_id: UUID | None = Field(default=None, foreign_key="staff_account.id")
    """The account that it became."""
    revoked_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))


class StaffInvitations:
    """Reads and changes invitations inside the session it is given."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, invitation: StaffInvitation) -> None:
        """Store a new invitation."""
        self._session.add(invitation)
        await self._session.flush()

    async def by_token(self, token_hash: bytes, *, for_change: bool = False) -> StaffInvitation | None:
        """The invitation whose link has this token, ended or not."""
        query = select(StaffInvitation).where(col(StaffInvitation.token_hash) == token_hash)
        if for_change:
            query = query.with_for_update()
        return (await self._session.exec(query.execution_options(populate_existing=True))).one_or_none()

    async def open_count(self, hospital_code: str, now: datetime) -> int:
        """How many of the hospital's invitations can still be accepted."""
        found = await self._session.exec(
            select(func.count()).select_from(StaffInvitation).where(*_open(now), _of(hospital_code))
        )
        return found.one()

    async def page(
        self, hospital_code: str, before: tuple[datetime, UUID] | None, most: int
    ) -> Sequence[StaffInvitation]:
        """The hospital's invitations, the latest first, from before this place on."""
        query = select(StaffInvitation).where(_of(hospital_code))
        if before is not None:
            at, id = before
            created = col(StaffInvitation.created_at)
            query = query.where((created < at) | ((created == at) & (col(StaffInvitation.id) < id)))
        order = col(StaffInvitation.created_at).desc(), col(StaffInvitation.id).desc()
        return (await self._session.exec(query.order_by(*order).limit(most))).all()

    async def count(self, hospital_code: str) -> int:
        """How many invitations the hospital has had."""
        found = await self._session.exec(select(func.count()).select_from(StaffInvitation).where(_of(hospital_code)))
        return found.one()

    async def accept(self, id: UUID, staff_id: UUID, now: datetime) -> bool:
        """Use an open invitation up for this account. False if it had ended."""
        done = await self._session.exec(
            update(StaffInvitation)
            .where(col(StaffInvitation.id) == id, *_open(now))
            .values(accepted_at=now, staff_id=staff_id)
            .returning(col(StaffInvitation.id))
        )
        return done.one_or_none() is not None

    async def revoke(self, id: UUID, now: datetime, *, within: str | None) -> StaffInvitation | None:
        """End an open invitation, of this hospital where one is given. None if there is none."""
        change = update(StaffInvitation).where(col(StaffInvitation.id) == id, *_open(now))
        if within is not None:
            change = change.where(_of(within))
        done = await self._session.exec(change.values(revoked_at=now).returning(StaffInvitation))
        return done.scalar_one_or_none()

    async def revoke_all_by(self, kind: InviterKind, inviter_id: UUID, hospital_code: str, now: datetime) -> None:
        """End whatever this inviter still has open at the hospital."""
        await (await self._session.connection()).execute(
            update(StaffInvitation)
            .where(
                *_open(now),
                _of(hospital_code),
                col(StaffInvitation.inviter_kind) == kind,
                col(StaffInvitation.inviter_id) == inviter_id,
            )
            .values(revoked_at=now)
        )


def _of(hospital_code: str) -> ColumnElement[bool]:
    return col(StaffInvitation.hospital_code) == hospital_code


def _open(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        col(StaffInvitation.accepted_at).is_(None),
        col(StaffInvitation.revoked_at).is_(None),
        col(StaffInvitation.expires_at) > now,
    )

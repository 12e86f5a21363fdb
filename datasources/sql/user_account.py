"""Patients' accounts."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, DateTime, LargeBinary, func
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Field, SQLModel, col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession


class UserStatus(StrEnum):
    """Where an account stands. A DELETED one keeps its row for lawful records, without personal data."""

    ACTIVE = "ACTIVE"
    LOCKED = "LOCKED"
    DELETING = "DELETING"
    DELETED = "DELETED"


SIGNED_IN_STATUSES = (UserStatus.ACTIVE, UserStatus.DELETING)
"""Accounts that may be signed in. One that waits for its deletion may be, else nobody could take that back."""


class Verification(StrEnum):
    """Whether the person behind an account is known by real name."""

    NONE = "NONE"
    PENDING = "PENDING"
    VERIFIED = "VERIFIED"
    REJECTED = "REJECTED"


class UserAccount(SQLModel, table=True):
    """One row per account. What identifies a person is sealed; `phone_index` finds a phone without showing it."""

    __tablename__ = "user_account"
    __table_args__ = (
        CheckConstraint("status IN ('ACTIVE', 'LOCKED', 'DELETING', 'DELETED')", name="user_account_status"),
        CheckConstraint(
            "verification IN ('NONE', 'PENDING', 'VERIFIED', 'REJECTED')", name="user_account_verification"
        ),
    )

    id: UUID = Field(primary_key=True)
    sealed_phone: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    phone_index: bytes | None = Field(default=None, sa_column=Column(LargeBinary(16), unique=True))
    masked_phone: str = Field(default="")
    nickname: str = Field(default="")
    status: str = Field(default=UserStatus.ACTIVE, index=True)
    verification: str = Field(default=Verification.NONE)
    sealed_name: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    masked_name: str = Field(default="")
    wechat_open_id: str | None = Field(default=None, unique=True)
    wechat_union_id: str | None = Field(default=None, unique=True)
    created_at: datetime | None = Field(
        default=None, sa_column=Column(DateTime(timezone=True), nullable=False, server_default=func.now())
    )
    last_signed_in_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    delete_after: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))


class UserAccounts:
    """Reads and changes accounts inside the session given. Each state change is one UPDATE that names the old one."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def get(self, id: UUID) -> UserAccount | None:
        """The account as it now is, whatever its status."""
        return await self._session.get(UserAccount, id, populate_existing=True)

    async def by_ids(self, ids: Sequence[UUID]) -> Mapping[UUID, UserAccount]:
        """The accounts of these ids."""
        found = await self._session.exec(select(UserAccount).where(col(UserAccount.id).in_(ids)))
        return {row.id: row for row in found.all()}

    async def by_phone_index(self, index: bytes) -> UserAccount | None:
        """The account with this phone."""
        found = await self._session.exec(select(UserAccount).where(col(UserAccount.phone_index) == index))
        return found.one_or_none()

    async def sign_in(self, new: UserAccount, now: datetime) -> UserAccount | None:
        """The account with the new one's phone, marked as signed in now; the new one itself if the phone had none.

        One statement, so of many first sign-ins at once one makes the account, and a lock is never overtaken.
        None: the account may not be signed in.
        """
        statement = (
            insert(UserAccount)
            .values(
                id=new.id,
                sealed_phone=new.sealed_phone,
                phone_index=new.phone_index,
                masked_phone=new.masked_phone,
                nickname="",
                status=UserStatus.ACTIVE.value,
                verification=Verification.NONE.value,
                masked_name="",
                created_at=now,
                last_signed_in_at=now,
            )
            .on_conflict_do_update(
                index_elements=["phone_index"],
                set_={"last_signed_in_at": now},
                where=col(UserAccount.status).in_(SIGNED_IN_STATUSES),
            )
            .returning(UserAccount)
        )
        found = await self._session.exec(statement.execution_options(populate_existing=True))
        return found.scalar_one_or_none()

    async def rename(self, id: UUID, nickname: str) -> UserAccount | None:
        """Change what the account is called."""
        return await self._change(id, SIGNED_IN_STATUSES, {"nickname": nickname})

    async def change_phone(self, id: UUID, old_index: bytes, changed: UserAccount) -> UserAccount | None:
        """Give the account another phone, if it still has the old one. Raises IntegrityError if that is taken."""
        values = {
            "sealed_phone": changed.sealed_phone,
            "phone_index": changed.phone_index,
            "masked_phone": changed.masked_phone,
        }
        return await self._change(id, SIGNED_IN_STATUSES, values, col(UserAccount.phone_index) == old_index)

    async def request_deletion(self, id: UUID, delete_after: datetime) -> UserAccount | None:
        """Begin an active account's time of grace. None if it is not active."""
        values = {"status": UserStatus.DELETING.value, "delete_after": delete_after}
        return await self._change(id, (UserStatus.ACTIVE,), values)

    async def cancel_deletion(self, id: UUID) -> UserAccount | None:
        """Take the request back. None if there is none."""
        return await self._change(id, (UserStatus.DELETING,), {"status": UserStatus.ACTIVE.value, "delete_after": None})

    async def lock(self, id: UUID) -> UserAccount | None:
        """The account, whatever its status; others who would change it wait until the transaction ends. Rows that
        merely refer to it can be written meanwhile."""
        found = await self._session.exec(
            select(UserAccount)
            .where(col(UserAccount.id) == id)
            .with_for_update(key_share=True)
            .execution_options(populate_existing=True)
        )
        return found.one_or_none()

    async def change_verification(
        self,
        id: UUID,
        to: Verification,
        *,
        from_states: Sequence[Verification],
        sealed_name: bytes | None = None,
        masked_name: str = "",
    ) -> UserAccount | None:
        """Move the verification on; the name goes with a verified one alone. None if it stood elsewhere."""
        values = {"verification": to.value, "sealed_name": sealed_name, "masked_name": masked_name}
        statuses = [each for each in UserStatus if each is not UserStatus.DELETED]
        return await self._change(id, statuses, values, col(UserAccount.verification).in_(from_states))

    async def next_due(self, now: datetime) -> UserAccount | None:
        """An account whose time of grace is over, locked against others until the transaction ends; None if none is."""
        found = await self._session.exec(
            select(UserAccount)
            .where(col(UserAccount.status) == UserStatus.DELETING, col(UserAccount.delete_after) <= now)
            .order_by(col(UserAccount.delete_after), col(UserAccount.id))
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        return found.one_or_none()

    async def erase(self, id: UUID) -> UserAccount | None:
        """Empty everything personal and leave the row as DELETED. None if the account is not being deleted."""
        values = {
            "sealed_phone": None,
            "phone_index": None,
            "masked_phone": "",
            "nickname": "",
            "status": UserStatus.DELETED.value,
            "verification": Verification.NONE.value,
            "sealed_name": None,
            "masked_name": "",
            "wechat_open_id": None,
            "wechat_union_id": None,
            "delete_after": None,
        }
        return await self._change(id, (UserStatus.DELETING,), values)

    async def _change(
        self, id: UUID, from_statuses: Sequence[UserStatus], values: Mapping[str, Any], *also: Any
    ) -> UserAccount | None:
        changed = await self._session.exec(
            update(UserAccount)
            .where(col(UserAccount.id) == id, col(UserAccount.status).in_(from_statuses), *also)
            .values(**values)
            .returning(UserAccount)
            .execution_options(populate_existing=True)
        )
        return changed.scalar_one_or_none()

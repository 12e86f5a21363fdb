"""A hospital's account on the platform: whether it may push and be booked. Its texts live in MongoDB."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, Column, ColumnElement, DateTime, func
from sqlmodel import Field, SQLModel, col, or_, select, update
from sqlmodel.ext.asyncio.session import AsyncSession


class HospitalStatus(StrEnum):
    """Where a hospital stands with the platform."""

    ONLINE = "ONLINE"
    OFFLINE = "OFFLINE"
    LOCKED = "LOCKED"


class BookingMode(StrEnum):
    """Who makes an order final: the platform, which owns the numbers, or the hospital, which answers each one."""

    INSTANT = "INSTANT"
    CONFIRM = "CONFIRM"


class HospitalAccount(SQLModel, table=True):
    """One row per hospital that may use the platform, keyed by the hospital's code."""

    __tablename__ = "hospital_account"
    __table_args__ = (
        CheckConstraint("status IN ('ONLINE', 'OFFLINE', 'LOCKED')", name="hospital_account_status"),
        CheckConstraint("booking_mode IN ('INSTANT', 'CONFIRM')", name="hospital_account_booking_mode"),
        CheckConstraint("status = 'LOCKED' OR lock_reason IS NULL", name="hospital_account_lock_reason"),
        CheckConstraint("confirm_seconds >= 10 AND confirm_seconds <= 86400", name="hospital_account_confirm_seconds"),
    )

    code: str = Field(primary_key=True, max_length=64)
    name: str
    status: str = Field(default=HospitalStatus.ONLINE)
    booking_mode: str = Field(default=BookingMode.INSTANT, sa_column_kwargs={"server_default": "INSTANT"})
    confirm_seconds: int = Field(default=120, sa_column_kwargs={"server_default": "120"})
    """How long the hospital may take to answer an order, where it answers them."""
    push_revision: int = Field(default=0, sa_column=Column(BigInteger, nullable=False, server_default="0"))
    lock_reason: str | None = Field(default=None)
    """Why the platform locked it, in words for its staff."""
    status_changed_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    created_at: datetime | None = Field(
        default=None, sa_column=Column(DateTime(timezone=True), nullable=False, server_default=func.now())
    )


@dataclass(frozen=True, slots=True)
class AccountCriteria:
    """Which accounts to list; None leaves a question open."""

    text: str | None = None
    """Part of the name or of the code."""
    status: HospitalStatus | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        """The WHERE of the list and of its count."""
        found: list[ColumnElement[bool]] = []
        if self.text is not None:
            found.append(
                or_(
                    col(HospitalAccount.name).icontains(self.text, autoescape=True),
                    col(HospitalAccount.code).icontains(self.text, autoescape=True),
                )
            )
        if self.status is not None:
            found.append(col(HospitalAccount.status) == self.status)
        return found


class HospitalAccounts:
    """Reads and changes hospital accounts inside the session it is given."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def get(self, code: str) -> HospitalAccount | None:
        """The account with this code, as it now is."""
        return await self._session.get(HospitalAccount, code, populate_existing=True)

    async def add(self, account: HospitalAccount) -> None:
        """Store a new account; an existing code violates the primary key."""
        self._session.add(account)
        await self._session.flush()

    async def next_push_revision(self, code: str) -> tuple[int, HospitalStatus] | None:
        """Number the push that this transaction makes, and the hospital's status; None if there is no such hospital.

        The row stays locked until the transaction ends, so one hospital's pushes get their numbers
        in the order in which they commit.
        """
        row = (
            await self._session.exec(
                update(HospitalAccount)
                .where(HospitalAccount.code == code)  # type: ignore[arg-type]
                .values(push_revision=HospitalAccount.push_revision + 1)
                .returning(HospitalAccount.push_revision, HospitalAccount.status)  # type: ignore[call-overload]
            )
        ).one_or_none()
        return None if row is None else (row[0], HospitalStatus(row[1]))

    async def rename(self, code: str, name: str) -> HospitalStatus:
        """Give the hospital the name that it pushed; its status."""
        row = (
            await self._session.exec(
                update(HospitalAccount)
                .where(col(HospitalAccount.code) == code)
                .values(name=name)
                .returning(col(HospitalAccount.status))
            )
        ).one()
        return HospitalStatus(row[0])

    async def change_status(
        self,
        code: str,
        to: HospitalStatus,
        from_states: Sequence[HospitalStatus],
        lock_reason: str | None,
        now: datetime,
    ) -> bool:
        """Move the hospital to this status; False if it stood elsewhere than where it may come from."""
        changed = await self._session.exec(
            update(HospitalAccount)
            .where(col(HospitalAccount.code) == code, col(HospitalAccount.status).in_(from_states))
            .values(status=to, lock_reason=lock_reason, status_changed_at=now)
            .returning(col(HospitalAccount.code))
        )
        return changed.one_or_none() is not None

    async def page(self, criteria: AccountCriteria, behind: str | None, most: int) -> Sequence[HospitalAccount]:
        """Accounts in the order of their codes, from behind this one on."""
        query = select(HospitalAccount).where(*criteria.conditions())
        if behind is not None:
            query = query.where(col(HospitalAccount.code) > behind)
        return (await self._session.exec(query.order_by(col(HospitalAccount.code)).limit(most))).all()

    async def count(self, criteria: AccountCriteria) -> int:
        """How many accounts meet the criteria."""
        found = await self._session.exec(
            select(func.count()).select_from(HospitalAccount).where(*criteria.conditions())
        )
        return found.one()

    async def all_codes(self) -> list[str]:
        """Every hospital's code, in order."""
        return list((await self._session.exec(select(HospitalAccount.code).order_by(HospitalAccount.code))).all())

"""Accounts of administrators and hospitals' staff."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, ColumnElement, DateTime, Index, LargeBinary, String, func, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field, SQLModel, col, or_, select, update
from sqlmodel.ext.asyncio.session import AsyncSession


class StaffStatus(StrEnum):
    """Whether a staff member may sign in."""

    ACTIVE = "ACTIVE"
    LOCKED = "LOCKED"


class StaffAccount(SQLModel, table=True):
    """One row per person who works for the platform (no hospital) or for one hospital."""

    __tablename__ = "staff_account"
    __table_args__ = (
        CheckConstraint("status IN ('ACTIVE', 'LOCKED')", name="staff_account_status"),
        Index("staff_account_sign_in_name", func.lower(Column("sign_in_name")), unique=True),
    )

    id: UUID = Field(primary_key=True)
    sign_in_name: str = Field(max_length=64)
    name: str = Field(default="", max_length=50)
    hospital_code: str | None = Field(default=None, foreign_key="hospital_account.code", index=True)
    roles: list[str] = Field(sa_column=Column(ARRAY(String), nullable=False, server_default=text("'{}'")))
    password_hash: str
    must_change_password: bool = Field(default=False)
    status: str = Field(default=StaffStatus.ACTIVE)
    failed_tries: int = Field(default=0)
    locked_until: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    sealed_totp_secret: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    totp_confirmed_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    last_totp_step: int | None = Field(default=None)
    recovery_code_hashes: list[str] = Field(
        default_factory=list, sa_column=Column(ARRAY(String), nullable=False, server_default=text("'{}'"))
    )
    created_at: datetime | None = Field(
        default=None, sa_column=Column(DateTime(timezone=True), nullable=False, server_default=func.now())
    )
    last_signed_in_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))


@dataclass(frozen=True, slots=True)
class StaffCriteria:
    """Which staff to list. `within` is the hospital beyond which the reader sees nobody; None sees everybody."""

    within: str | None
    text: str | None = None
    role: str | None = None
    hospital_code: str | None = None
    status: StaffStatus | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        """The WHERE of the list and of its count."""
        found: list[ColumnElement[bool]] = []
        if self.within is not None:
            found.append(col(StaffAccount.hospital_code) == self.within)
        if self.text is not None:
            found.append(
                or_(
                    col(StaffAccount.sign_in_name).icontains(self.text, autoescape=True),
                    col(StaffAccount.name).icontains(self.text, autoescape=True),
                )
            )
        if self.role is not None:
            found.append(col(StaffAccount.roles).contains([self.role]))
        if self.hospital_code is not None:
            found.append(col(StaffAccount.hospital_code) == self.hospital_code)
        if self.status is not None:
            found.append(col(StaffAccount.status) == self.status)
        return found


class StaffAccounts:
    """Reads and changes staff accounts inside the session it is given."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def get(self, id: UUID) -> StaffAccount | None:
        """The account with this id."""
        return (await self._session.exec(select(StaffAccount).where(StaffAccount.id == id))).one_or_none()

    async def by_ids(self, ids: Sequence[UUID]) -> dict[UUID, StaffAccount]:
        """The accounts of these ids."""
        found = await self._session.exec(select(StaffAccount).where(col(StaffAccount.id).in_(ids)))
        return {row.id: row for row in found.all()}

    async def active_among(self, ids: Sequence[UUID]) -> set[UUID]:
        """Those of these that may sign in."""
        found = await self._session.exec(
            select(StaffAccount.id).where(col(StaffAccount.id).in_(ids), col(StaffAccount.status) == StaffStatus.ACTIVE)
        )
        return set(found.all())

    async def active_of_hospitals(self, codes: Sequence[str]) -> dict[str, list[UUID]]:
        """Who of these hospitals' staff may sign in, by hospital."""
        found = await self._session.exec(
            select(StaffAccount.hospital_code, StaffAccount.id).where(
                col(StaffAccount.hospital_code).in_(codes), col(StaffAccount.status) == StaffStatus.ACTIVE
            )
        )
        by_hospital: dict[str, list[UUID]] = {}
        for code, id in found.all():
            by_hospital.setdefault(code or "", []).append(id)
        return by_hospital

    async def id_of(self, sign_in_name: str) -> UUID | None:
        """Whose sign-in name this is, in any letter case."""
        found = await self._session.exec(
            select(StaffAccount.id).where(func.lower(StaffAccount.sign_in_name) == sign_in_name.lower())
        )
        return found.one_or_none()

    async def add(self, account: StaffAccount) -> None:
        """Store a new account; a taken sign-in name violates its unique index. `created_at` is read back."""
        self._session.add(account)
        await self._session.flush()
        await self._session.refresh(account)

    async def locked(self, id: UUID, *, within: str | None = None) -> StaffAccount | None:
        """The account, its row locked until the transaction ends; with `within`, only of that hospital."""
        query = select(StaffAccount).where(StaffAccount.id == id)
        if within is not None:
            query = query.where(StaffAccount.hospital_code == within)
        found = await self._session.exec(query.with_for_update().execution_options(populate_existing=True))
        return found.one_or_none()

    async def queue_administration(self) -> None:
        """Let changes of staff follow one another until the transaction ends, so that each sees what is left."""
        connection = await self._session.connection()
        await connection.execute(text("SELECT pg_advisory_xact_lock(hashtextextended('staff_account', 0))"))

    async def others_active_with(self, role: str, id: UUID) -> int:
        """How many others have this role and may sign in."""
        found = await self._session.exec(
            select(func.count())
            .select_from(StaffAccount)
            .where(
                col(StaffAccount.roles).contains([role]),
                col(StaffAccount.status) == StaffStatus.ACTIVE,
                col(StaffAccount.id) != id,
            )
        )
        return found.one()

    async def give_back_try(self, id: UUID, locked_until: datetime | None) -> None:
        """Uncount a try that was not wrong after all, and lift the lock that counting it had set."""
        lifted = {} if locked_until is None else {"locked_until": None}
        change = update(StaffAccount).where(col(StaffAccount.id) == id)
        if locked_until is not None:
            change = change.where(col(StaffAccount.locked_until) == locked_until)
        await self._session.exec(
            change.values(failed_tries=func.greatest(col(StaffAccount.failed_tries) - 1, 0), **lifted)
        )

    async def signed_in(self, id: UUID, password_hash: str, now: datetime) -> bool:
        """Forget wrong tries; whether the account is still active with the password that was proved."""
        done = await self._session.exec(
            update(StaffAccount)
            .where(
                col(StaffAccount.id) == id,
                col(StaffAccount.status) == StaffStatus.ACTIVE,
                col(StaffAccount.password_hash) == password_hash,
            )
            .values(failed_tries=0, locked_until=None, last_signed_in_at=now)
            .returning(col(StaffAccount.id))
        )
        return done.one_or_none() is not None

    async def spend_totp_step(self, id: UUID, step: int) -> bool:
        """Use this time step up. False if it, or a later one, was used before."""
        last = col(StaffAccount.last_totp_step)
        spent = await self._session.exec(
            update(StaffAccount)
            .where(col(StaffAccount.id) == id, or_(last.is_(None), last < step))
            .values(last_totp_step=step)
            .returning(col(StaffAccount.id))
        )
        return spent.one_or_none() is not None

    async def spend_recovery_code(self, id: UUID, code_hash: str) -> bool:
        """Use this recovery code up. False if the account has no such code any more."""
        codes = col(StaffAccount.recovery_code_hashes)
        spent = await self._session.exec(
            update(StaffAccount)
            .where(col(StaffAccount.id) == id, codes.contains([code_hash]))
            .values(recovery_code_hashes=func.array_remove(codes, code_hash))
            .returning(col(StaffAccount.id))
        )
        return spent.one_or_none() is not None

    async def page(self, criteria: StaffCriteria, behind: str | None, most: int) -> Sequence[StaffAccount]:
        """Accounts in the order of their sign-in names, from behind this one on."""
        key = func.lower(col(StaffAccount.sign_in_name))
        query = select(StaffAccount).where(*criteria.conditions())
        if behind is not None:
            query = query.where(key > behind)
        return (await self._session.exec(query.order_by(key).limit(most))).all()

    async def count(self, criteria: StaffCriteria) -> int:
        """How many accounts meet the criteria."""
        found = await self._session.exec(select(func.count()).select_from(StaffAccount).where(*criteria.conditions()))
        return found.one()

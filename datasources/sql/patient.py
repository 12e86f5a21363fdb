"""Patients: the people whom an account's owner books for."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, DateTime, Index, LargeBinary, func, text
from sqlmodel import Field, SQLModel, col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from datasources.sql.user_account import UserAccount, UserStatus


class Sex(StrEnum):
    """Sex as certificates state it (GB/T 2261.1: 1, 2, and 9 for not stated)."""

    MALE = "MALE"
    FEMALE = "FEMALE"
    UNSTATED = "UNSTATED"


class Patient(SQLModel, table=True):
    """One row per patient. What identifies a person is sealed for this very row; a removed row holds none of it."""

    __tablename__ = "patient"
    __table_args__ = (
        CheckConstraint("sex IN ('MALE', 'FEMALE', 'UNSTATED')", name="patient_sex"),
        CheckConstraint(
            "(removed_at IS NULL AND num_nulls(sealed_name, sealed_certificate, certificate_index, sealed_phone) = 0)"
            " OR (removed_at IS NOT NULL AND num_nonnulls(sealed_name, sealed_certificate, certificate_index,"
            " sealed_birth_date, sealed_phone, sealed_card_number, sealed_address, sealed_emergency_contact,"
            " sealed_guardian, sex, marital_status, insurance_kind, region_code) = 0)",
            name="patient_removed_is_erased",
        ),
        Index(
            "patient_certificate_once_per_account",
            "user_id",
            "certificate_kind",
            "certificate_index",
            unique=True,
            postgresql_where=text("removed_at IS NULL"),
        ),
    )

    id: UUID = Field(primary_key=True)
    user_id: UUID = Field(foreign_key="user_account.id")
    sealed_name: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    certificate_kind: str
    """A value of the dictionary's CertificatesType."""
    sealed_certificate: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    certificate_index: bytes | None = Field(default=None, sa_column=Column(LargeBinary(16)))
    check_at_desk: bool = Field(default=False)
    """Whether no rule could judge the certificate's number, so that the hospital's desk has to look at it."""
    sealed_birth_date: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    sex: str | None = Field(default=None)
    sealed_phone: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    marital_status: str | None = Field(default=None)
    insurance_kind: str | None = Field(default=None)
    sealed_card_number: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    region_code: str | None = Field(default=None)
    sealed_address: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    sealed_emergency_contact: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    sealed_guardian: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    created_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    updated_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    removed_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))


ERASED = (
    "sealed_name",
    "sealed_certificate",
    "certificate_index",
    "sealed_birth_date",
    "sex",
    "sealed_phone",
    "marital_status",
    "insurance_kind",
    "sealed_card_number",
    "region_code",
    "sealed_address",
    "sealed_emergency_contact",
    "sealed_guardian",
)
"""Columns that a removed patient's row no longer has a value in."""


class Patients:
    """Reads and changes patients inside the session it is given. The owner stands in every where."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def owner_of(self, id: UUID) -> UUID | None:
        """Whose patient it is or was, for the platform's own doings alone."""
        return (await self._session.exec(select(Patient.user_id).where(col(Patient.id) == id))).one_or_none()

    async def of_user(self, user_id: UUID) -> list[Patient]:
        """The account's patients, in the order they were added."""
        found = await self._session.exec(
            select(Patient)
            .where(col(Patient.user_id) == user_id, col(Patient.removed_at).is_(None))
            .order_by(col(Patient.created_at), col(Patient.id))
        )
        return list(found)

    async def own(self, user_id: UUID, id: UUID, *, for_change: bool = False) -> Patient | None:
        """The account's patient with this id; None if there is none or it is somebody else's.

        With `for_change`, others who would change it wait until the transaction ends.
        """
        query = select(Patient).where(
            col(Patient.id) == id, col(Patient.user_id) == user_id, col(Patient.removed_at).is_(None)
        )
        if for_change:
            query = query.with_for_update(key_share=True)
        return (await self._session.exec(query)).one_or_none()

    async def lock_account(self, user_id: UUID) -> bool:
        """Make others that count or add this account's patients wait until the transaction ends.

        False if the account is not active. The lock is the weaker NO KEY one, so rows that merely refer to the account
        can be written meanwhile.
        """
        found = await self._session.exec(
            select(UserAccount.id)
            .where(col(UserAccount.id) == user_id, col(UserAccount.status) == UserStatus.ACTIVE)
            .with_for_update(key_share=True)
        )
        return found.one_or_none() is not None

    async def count(self, user_id: UUID) -> int:
        """How many patients the account has."""
        found = await self._session.exec(
            select(func.count())
            .select_from(Patient)
            .where(col(Patient.user_id) == user_id, col(Patient.removed_at).is_(None))
        )
        return found.one()

    async def has_certificate(self, user_id: UUID, kind: str, index: bytes, *, besides: UUID | None = None) -> bool:
        """Whether the account has a patient with this certificate, other than `besides`."""
        query = select(Patient.id).where(
            col(Patient.user_id) == user_id,
            col(Patient.certificate_kind) == kind,
            col(Patient.certificate_index) == index,
            col(Patient.removed_at).is_(None),
        )
        if besides is not None:
            query = query.where(col(Patient.id) != besides)
        return (await self._session.exec(query)).first() is not None

    async def store(self, patient: Patient) -> None:
        """Store a new or changed row."""
        self._session.add(patient)
        await self._session.flush()

    async def erase(self, user_id: UUID, id: UUID, now: datetime) -> bool:
        """Remove the patient and everything personal in its row. True if this call removed it."""
        removed = await self._session.exec(
            update(Patient)
            .where(col(Patient.id) == id, col(Patient.user_id) == user_id, col(Patient.removed_at).is_(None))
            .values(removed_at=now, updated_at=now, **dict.fromkeys(ERASED))
            .returning(col(Patient.id))
        )
        return removed.one_or_none() is not None

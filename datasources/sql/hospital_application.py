"""Applications of hospitals to join the platform: what was handed in, and what was decided."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, DateTime, Index, LargeBinary, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field, SQLModel, col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession


class ApplicationState(StrEnum):
    """Where an application stands. A SUBMITTED one is decided, once; a REJECTED one may be corrected."""

    SUBMITTED = "SUBMITTED"
    APPROVED = "APPROVED"
    REJECTED = "REJECTED"
    WITHDRAWN = "WITHDRAWN"


REGISTRATION_ONCE = "hospital_application_registration_once"
"""The index that a second live application with the same registration number violates."""


class HospitalApplication(SQLModel, table=True):
    """One row per application, however often it was corrected. The contact person is sealed for this very row, and
    is erased when the application is withdrawn."""

    __tablename__ = "hospital_application"
    __table_args__ = (
        CheckConstraint(
            "state IN ('SUBMITTED', 'APPROVED', 'REJECTED', 'WITHDRAWN')", name="hospital_application_state"
        ),
        CheckConstraint(
            "(state IN ('SUBMITTED', 'WITHDRAWN') AND num_nonnulls(decided_at, decided_by, reason, hospital_code) = 0)"
            " OR (state = 'REJECTED' AND num_nulls(decided_at, decided_by, reason) = 0 AND hospital_code IS NULL)"
            " OR (state = 'APPROVED' AND num_nulls(decided_at, decided_by, hospital_code) = 0 AND reason IS NULL)",
            name="hospital_application_decided",
        ),
        Index("hospital_application_number", "number", unique=True),
        Index("hospital_application_user", "user_id", "applied_at", "id"),
        Index(
            REGISTRATION_ONCE,
            "registration_number",
            unique=True,
            postgresql_where=text("state IN ('SUBMITTED', 'APPROVED')"),
        ),
        Index("hospital_application_queue", "state", "submitted_at", "id"),
        Index("hospital_application_latest", "submitted_at", "id"),
    )

    id: UUID = Field(primary_key=True)
    number: str
    """What the applicant calls it by."""
    receipt_hash: bytes = Field(sa_column=Column(LargeBinary(32), nullable=False))
    user_id: UUID = Field(foreign_key="user_account.id")
    state: str = Field(default=ApplicationState.SUBMITTED)
    name: str
    level: str
    region_code: str
    address: str
    registration_number: str
    """Of the licence to practise (医疗机构执业许可证), in capitals."""
    phone: str
    api_base: str = Field(default="")
    """Where the hospital's own system answers, as far as the applicant says so; nothing is called there."""
    sealed_contact_name: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    sealed_contact_phone: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    licence_file_ids: list[UUID] = Field(sa_column=Column(ARRAY(Uuid), nullable=False))
    submissions: int = Field(default=1)
    applied_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    submitted_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    """The last time that it was handed in."""
    decided_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    decided_by: UUID | None = Field(default=None, foreign_key="staff_account.id")
    reason: str | None = Field(default=None)
    """The reviewer's words to the applicant of a rejected application."""
    hospital_code: str | None = Field(default=None, foreign_key="hospital_account.code")
    """The hospital that an approved application became."""


class HospitalApplications:
    """Changes inside the session it is given; each change of state is one UPDATE that names the old state."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, application: HospitalApplication) -> None:
        """Store a new application. Raises IntegrityError (`REGISTRATION_ONCE`) where a live one has its number."""
        self._session.add(application)
        await self._session.flush()

    async def submit_again(self, id: UUID, user_id: UUID, values: Mapping[str, Any], now: datetime) -> bool:
        """REJECTED → SUBMITTED, with what was corrected. Raises IntegrityError as `add` does."""
        return await self._moved(
            id,
            (ApplicationState.REJECTED,),
            col(HospitalApplication.user_id) == user_id,
            **values,
            state=ApplicationState.SUBMITTED,
            submissions=col(HospitalApplication.submissions) + 1,
            submitted_at=now,
            decided_at=None,
            decided_by=None,
            reason=None,
        )

    async def approve(self, id: UUID, *, by: UUID, now: datetime, hospital_code: str) -> bool:
        """SUBMITTED → APPROVED. False if it stood elsewhere."""
        values = {"decided_at": now, "decided_by": by, "hospital_code": hospital_code}
        return await self._moved(id, (ApplicationState.SUBMITTED,), state=ApplicationState.APPROVED, **values)

    async def reject(self, id: UUID, *, by: UUID, now: datetime, reason: str) -> bool:
        """SUBMITTED → REJECTED. False if it stood elsewhere."""
        values = {"decided_at": now, "decided_by": by, "reason": reason}
        return await self._moved(id, (ApplicationState.SUBMITTED,), state=ApplicationState.REJECTED, **values)

    async def withdraw(self, id: UUID, user_id: UUID) -> bool:
        """SUBMITTED or REJECTED → WITHDRAWN, with nobody's name and phone left. False if it stood elsewhere."""
        gone = dict.fromkeys(("sealed_contact_name", "sealed_contact_phone", "decided_at", "decided_by", "reason"))
        return await self._moved(
            id,
            (ApplicationState.SUBMITTED, ApplicationState.REJECTED),
            col(HospitalApplication.user_id) == user_id,
            state=ApplicationState.WITHDRAWN,
            licence_file_ids=[],
            **gone,
        )

    async def undecided_of(self, user_id: UUID) -> Sequence[UUID]:
        """The account's applications that could be withdrawn."""
        found = await self._session.exec(
            select(HospitalApplication.id).where(
                col(HospitalApplication.user_id) == user_id,
                col(HospitalApplication.state).in_((ApplicationState.SUBMITTED, ApplicationState.REJECTED)),
            )
        )
        return found.all()

    async def forget_contacts_of(self, user_id: UUID) -> None:
        """Erase the contact persons of whatever the account handed in."""
        connection = await self._session.connection()
        await connection.execute(
            update(HospitalApplication)
            .where(col(HospitalApplication.user_id) == user_id)
            .values(sealed_contact_name=None, sealed_contact_phone=None)
        )

    async def _moved(self, id: UUID, from_states: Sequence[ApplicationState], *where: Any, **values: Any) -> bool:
        moved = await self._session.exec(
            update(HospitalApplication)
            .where(col(HospitalApplication.id) == id, col(HospitalApplication.state).in_(from_states), *where)
            .values(**values)
            .returning(col(HospitalApplication.id))
        )
        return moved.one_or_none() is not None

"""Requests to be known by real name: what people handed in, and what reviewers decided."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, DateTime, Index, LargeBinary, delete, text
from sqlmodel import Field, SQLModel, col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession


class VerificationRequestState(StrEnum):
    """Where a request stands. Only a PENDING one is decided, once, or taken back by its owner."""

    PENDING = "PENDING"
    VERIFIED = "VERIFIED"
    REJECTED = "REJECTED"
    WITHDRAWN = "WITHDRAWN"


class VerificationRejection(StrEnum):
    """Why a request was not granted. OTHER is explained by the reviewer's own words."""

    UNREADABLE_PICTURE = "UNREADABLE_PICTURE"
    NOT_AS_STATED = "NOT_AS_STATED"
    EXPIRED_CERTIFICATE = "EXPIRED_CERTIFICATE"
    WRONG_CERTIFICATE = "WRONG_CERTIFICATE"
    SUSPECTED_FORGERY = "SUSPECTED_FORGERY"
    USED_ELSEWHERE = "USED_ELSEWHERE"
    OTHER = "OTHER"


_ERASED = dict.fromkeys(("sealed_name", "sealed_certificate", "certificate_index"))

CERTIFICATE_ONCE = "verification_request_certificate_once"
"""The index that a second verified account with the same certificate violates."""


class VerificationRequest(SQLModel, table=True):
    """One row per submission. Name and certificate are sealed for this very row.

    A rejected row loses both when its pictures are deleted, a withdrawn one at once. An erased account's rows are
    deleted: the audit log keeps who decided, and when.
    """

    __tablename__ = "verification_request"
    __table_args__ = (
        CheckConstraint("state IN ('PENDING', 'VERIFIED', 'REJECTED', 'WITHDRAWN')", name="verification_request_state"),
        CheckConstraint(
            "rejection IN ('UNREADABLE_PICTURE', 'NOT_AS_STATED', 'EXPIRED_CERTIFICATE', 'WRONG_CERTIFICATE',"
            " 'SUSPECTED_FORGERY', 'USED_ELSEWHERE', 'OTHER')",
            name="verification_request_rejection",
        ),
        CheckConstraint(
            "(state = 'PENDING' AND num_nonnulls(decided_at, decided_by, rejection, note, originals_deleted_at) = 0)"
            " OR (state = 'VERIFIED' AND num_nulls(decided_at, decided_by) = 0 AND num_nonnulls(rejection, note) = 0)"
            " OR (state = 'REJECTED' AND num_nulls(decided_at, decided_by, rejection) = 0)"
            " OR (state = 'WITHDRAWN' AND num_nonnulls(decided_at, decided_by, rejection, note) = 0"
            " AND originals_deleted_at IS NOT NULL)",
            name="verification_request_decided",
        ),
        CheckConstraint(
            "num_nulls(sealed_name, sealed_certificate, certificate_index) = 0"
            " OR (num_nonnulls(sealed_name, sealed_certificate, certificate_index) = 0"
            " AND state IN ('REJECTED', 'WITHDRAWN') AND originals_deleted_at IS NOT NULL)",
            name="verification_request_details",
        ),
        Index("verification_request_user", "user_id", "submitted_at", "id"),
        Index(
            "verification_request_live_once",
            "user_id",
            unique=True,
            postgresql_where=text("state IN ('PENDING', 'VERIFIED')"),
        ),
        Index(
            CERTIFICATE_ONCE,
            "certificate_kind",
            "certificate_index",
            unique=True,
            postgresql_where=text("state = 'VERIFIED'"),
        ),
        Index("verification_request_queue", "state", "submitted_at", "id"),
        Index(
            "verification_request_originals",
            "decided_at",
            postgresql_where=text("decided_at IS NOT NULL AND originals_deleted_at IS NULL"),
        ),
    )

    id: UUID = Field(primary_key=True)
    user_id: UUID = Field(foreign_key="user_account.id")
    state: str = Field(default=VerificationRequestState.PENDING)
    sealed_name: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    certificate_kind: str
    """A value of the dictionary's CertificatesType."""
    sealed_certificate: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    certificate_index: bytes | None = Field(default=None, sa_column=Column(LargeBinary(16)))
    front_file_id: UUID = Field(foreign_key="stored_file.id")
    back_file_id: UUID | None = Field(default=None, foreign_key="stored_file.id")
    consent_version: str
    """Version of the text on identity pictures that the owner had agreed to."""
    submitted_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    decided_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    decided_by: UUID | None = Field(default=None, foreign_key="staff_account.id")
    rejection: str | None = Field(default=None)
    note: str | None = Field(default=None)
    """The reviewer's words to the person, where the request was rejected."""
    originals_deleted_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    """When the pictures were given up for deletion."""


class VerificationRequests:
    """Changes inside the session it is given. Whoever changes a request locks its account first, so nobody waits in a
    circle; each change of state is one UPDATE that names the old state."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, request: VerificationRequest) -> None:
        """Store a new request."""
        self._session.add(request)
        await self._session.flush()

    async def decide(
        self,
        id: UUID,
        state: VerificationRequestState,
        *,
        by: UUID,
        now: datetime,
        rejection: VerificationRejection | None,
        note: str | None,
    ) -> VerificationRequest | None:
        """PENDING → VERIFIED or REJECTED. None if it was decided before. Raises IntegrityError (`CERTIFICATE_ONCE`)
        where another account is verified by the same certificate."""
        values = {"state": state, "decided_at": now, "decided_by": by, "rejection": rejection, "note": note}
        return await self._change(id, col(VerificationRequest.state) == VerificationRequestState.PENDING, **values)

    async def next_with_originals(self, decided_before: datetime) -> VerificationRequest | None:
        """The request decided longest ago, before this time, whose pictures are still kept."""
        found = await self._session.exec(
            select(VerificationRequest)
            .where(
                col(VerificationRequest.decided_at) < decided_before,
                col(VerificationRequest.originals_deleted_at).is_(None),
            )
            .order_by(col(VerificationRequest.decided_at), col(VerificationRequest.id))
            .limit(1)
        )
        return found.first()

    async def give_up_originals(self, id: UUID, now: datetime) -> VerificationRequest | None:
        """Note that the pictures of a decided request go. A rejected one loses its name and certificate with them:
        nothing needs these any more. None if that was done before."""
        done = await self._change(
            id,
            col(VerificationRequest.decided_at).is_not(None),
            col(VerificationRequest.originals_deleted_at).is_(None),
            originals_deleted_at=now,
        )
        if done is None or done.state != VerificationRequestState.REJECTED:
            return done
        return await self._change(id, **_ERASED)

    async def give_up_originals_of(self, user_id: UUID, now: datetime) -> None:
        """Do so for every decided request of the account."""
        found = await self._session.exec(
            select(VerificationRequest.id).where(
                col(VerificationRequest.user_id) == user_id,
                col(VerificationRequest.decided_at).is_not(None),
                col(VerificationRequest.originals_deleted_at).is_(None),
            )
        )
        for id in found.all():
            await self.give_up_originals(id, now)

    async def withdraw(self, user_id: UUID, now: datetime) -> VerificationRequest | None:
        """PENDING → WITHDRAWN, with nothing left of what was handed in. None if the owner waits for nothing."""
        found = await self._session.exec(
            select(VerificationRequest.id).where(
                col(VerificationRequest.user_id) == user_id,
                col(VerificationRequest.state) == VerificationRequestState.PENDING,
            )
        )
        id = found.one_or_none()
        if id is None:
            return None
        pending = col(VerificationRequest.state) == VerificationRequestState.PENDING
        values = {"state": VerificationRequestState.WITHDRAWN, "originals_deleted_at": now, **_ERASED}
        return await self._change(id, pending, **values)

    async def delete_of_user(self, user_id: UUID) -> None:
        """Delete everything that the account's owner ever handed in."""
        connection = await self._session.connection()
        await connection.execute(delete(VerificationRequest).where(col(VerificationRequest.user_id) == user_id))

    async def _change(self, id: UUID, *where: Any, **values: Any) -> VerificationRequest | None:
        changed = await self._session.exec(
            update(VerificationRequest)
            .where(col(VerificationRequest.id) == id, *where)
            .values(**values)
            .returning(VerificationRequest)
            .execution_options(populate_existing=True)
        )
        return changed.scalar_one_or_none()

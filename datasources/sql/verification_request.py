"""Requests to be known by real name: what people handed in, and what reviewers decided."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, DateTime, Index, LargeBinary, text
from sqlmodel import Field, SQLModel


class RequestState(StrEnum):
    """Where a request stands. Only a PENDING one is decided, once."""

    PENDING = "PENDING"
    VERIFIED = "VERIFIED"
    REJECTED = "REJECTED"


class Rejection(StrEnum):
    """Why a request was not granted. OTHER is explained by the reviewer's own words."""

    UNREADABLE_PICTURE = "UNREADABLE_PICTURE"
    NOT_AS_STATED = "NOT_AS_STATED"
    EXPIRED_CERTIFICATE = "EXPIRED_CERTIFICATE"
    WRONG_CERTIFICATE = "WRONG_CERTIFICATE"
    SUSPECTED_FORGERY = "SUSPECTED_FORGERY"
    USED_ELSEWHERE = "USED_ELSEWHERE"
    OTHER = "OTHER"


class VerificationRequest(SQLModel, table=True):
    """One row per submission. Name and certificate are sealed for this very row.

    A rejected row loses both when its pictures are deleted. An erased account's rows are deleted: the audit log keeps
    who decided, and when.
    """

    __tablename__ = "verification_request"
    __table_args__ = (
        CheckConstraint("state IN ('PENDING', 'VERIFIED', 'REJECTED')", name="verification_request_state"),
        CheckConstraint(
            "rejection IN ('UNREADABLE_PICTURE', 'NOT_AS_STATED', 'EXPIRED_CERTIFICATE', 'WRONG_CERTIFICATE',"
            " 'SUSPECTED_FORGERY', 'USED_ELSEWHERE', 'OTHER')",
            name="verification_request_rejection",
        ),
        CheckConstraint(
            "(state = 'PENDING' AND num_nonnulls(decided_at, decided_by, rejection, note, originals_deleted_at) = 0)"
            " OR (state = 'VERIFIED' AND num_nulls(decided_at, decided_by) = 0 AND num_nonnulls(rejection, note) = 0)"
            " OR (state = 'REJECTED' AND num_nulls(decided_at, decided_by, rejection) = 0)",
            name="verification_request_decided",
        ),
        CheckConstraint(
            "num_nulls(sealed_name, sealed_certificate, certificate_index) = 0"
            " OR (num_nonnulls(sealed_name, sealed_certificate, certificate_index) = 0"
            " AND state = 'REJECTED' AND originals_deleted_at IS NOT NULL)",
            name="verification_request_details",
        ),
        Index("verification_request_user", "user_id", "submitted_at", "id"),
        Index("verification_request_live_once", "user_id", unique=True, postgresql_where=text("state <> 'REJECTED'")),
        Index(
            "verification_request_certificate_once",
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
    state: str = Field(default=RequestState.PENDING)
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

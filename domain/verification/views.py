"""A request as somebody sees it: masked here, before it comes near an answer."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from datasources.sealing import KeyRing
from datasources.sql.verification_request import (
    VerificationRejection,
    VerificationRequest,
    VerificationRequestState,
)
from domain.masking import mask_certificate, mask_name
from domain.verification.identity import read_identity


@dataclass(frozen=True, slots=True)
class VerificationView:
    """A request, masked. Who decided, and whether the certificate is in use elsewhere, is for reviewers alone."""

    id: UUID
    user_id: UUID
    state: VerificationRequestState
    name: str | None
    """None, as the number is, once they are erased."""
    certificate_kind: str
    certificate_number: str | None
    front_file_id: UUID | None
    """None, as the back is, once the pictures are given up."""
    back_file_id: UUID | None
    submitted_at: datetime
    decided_at: datetime | None
    rejection: VerificationRejection | None
    note: str | None
    originals_deleted_at: datetime | None
    decided_by: UUID | None = None
    certificate_verified_elsewhere: bool | None = None


def owners_view(ring: KeyRing, row: VerificationRequest) -> VerificationView:
    """What the account's owner sees."""
    return _view(ring, row, None, None)


def reviewers_view(ring: KeyRing, row: VerificationRequest, *, verified_elsewhere: bool) -> VerificationView:
    """What reviewers see in the queue."""
    return _view(ring, row, row.decided_by, verified_elsewhere)


def _view(
    ring: KeyRing, row: VerificationRequest, decided_by: UUID | None, verified_elsewhere: bool | None
) -> VerificationView:
    identity = read_identity(ring, row)
    kept = row.originals_deleted_at is None
    return VerificationView(
        id=row.id,
        user_id=row.user_id,
        state=VerificationRequestState(row.state),
        name=None if identity is None else mask_name(identity.name),
        certificate_kind=row.certificate_kind,
        certificate_number=None if identity is None else mask_certificate(identity.certificate_number),
        front_file_id=row.front_file_id if kept else None,
        back_file_id=row.back_file_id if kept else None,
        submitted_at=row.submitted_at,
        decided_at=row.decided_at,
        rejection=None if row.rejection is None else VerificationRejection(row.rejection),
        note=row.note,
        originals_deleted_at=row.originals_deleted_at,
        decided_by=decided_by,
        certificate_verified_elsewhere=verified_elsewhere,
    )

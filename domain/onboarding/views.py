"""An application as somebody sees it: its contact person masked here, before it comes near an answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from datasources.sealing import KeyRing
from datasources.sql.hospital_application import ApplicationState, HospitalApplication
from domain.masking import mask_name, mask_phone
from domain.onboarding.reviewing import contact_of


@dataclass(frozen=True, slots=True)
class ApplicationView:
    """An application, masked. Who decided, and which hospitals have its name, is for reviewers alone."""

    id: UUID
    number: str
    user_id: UUID
    state: ApplicationState
    name: str
    level: str
    region_code: str
    address: str
    registration_number: str
    phone: str
    api_base: str
    contact_name: str | None
    """None, as the phone is, once they are erased."""
    contact_phone: str | None
    licence_file_ids: Sequence[UUID]
    submissions: int
    applied_at: datetime
    submitted_at: datetime
    decided_at: datetime | None
    reason: str | None
    hospital_code: str | None
    decided_by: UUID | None = None
    same_name_hospital_codes: Sequence[str] | None = None


def applicants_view(ring: KeyRing, row: HospitalApplication) -> ApplicationView:
    """What the applicant sees."""
    return _view(ring, row, None, None)


def reviewers_view(ring: KeyRing, row: HospitalApplication, same_name: Sequence[str]) -> ApplicationView:
    """What reviewers see; `same_name` are the codes of hospitals that have its name, its own left out."""
    others = [code for code in same_name if code != row.hospital_code]
    return _view(ring, row, row.decided_by, others)


def _view(
    ring: KeyRing, row: HospitalApplication, decided_by: UUID | None, same_name: Sequence[str] | None
) -> ApplicationView:
    contact = contact_of(ring, row)
    return ApplicationView(
        id=row.id,
        number=row.number,
        user_id=row.user_id,
        state=ApplicationState(row.state),
        name=row.name,
        level=row.level,
        region_code=row.region_code,
        address=row.address,
        registration_number=row.registration_number,
        phone=row.phone,
        api_base=row.api_base,
        contact_name=None if contact is None else mask_name(contact[0]),
        contact_phone=None if contact is None else mask_phone(contact[1]),
        licence_file_ids=row.licence_file_ids,
        submissions=row.submissions,
        applied_at=row.applied_at,
        submitted_at=row.submitted_at,
        decided_at=row.decided_at,
        reason=row.reason,
        hospital_code=row.hospital_code,
        decided_by=decided_by,
        same_name_hospital_codes=same_name,
    )

"""A patient as somebody sees them: whatever identifies them is masked here, before it comes near an answer."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from datasources.sealing import KeyRing
from datasources.sql.patient import Patient, Sex
from domain.masking import mask_address, mask_card, mask_certificate, mask_name, mask_phone
from domain.patients.details import PatientDetails, age_on
from domain.patients.sealed_details import read_details
from domain.pinyin import initials_of_person, pinyin_of_person


@dataclass(frozen=True, slots=True)
class ContactView:
    """Whom to call, masked."""

    name: str
    phone: str


@dataclass(frozen=True, slots=True)
class GuardianView:
    """A child's guardian, masked."""

    name: str
    certificate_kind: str
    certificate_number: str
    phone: str


@dataclass(frozen=True, slots=True)
class PatientView:
    """A patient's masked details. The name is clear for the owner; the birth date is for nobody else."""

    id: UUID
    user_id: UUID
    name: str
    certificate_kind: str
    certificate_number: str
    check_at_desk: bool
    sex: Sex
    birth_date: date | None
    age: int
    phone: str
    marital_status: str | None
    insurance_kind: str | None
    card_number: str | None
    region_code: str | None
    address: str | None
    emergency_contact: ContactView | None
    guardian: GuardianView | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class ClearPatient:
    """A patient's details in clear, for the owner who proved themselves anew."""

    patient: PatientView
    details: PatientDetails


def view_of(ring: KeyRing, row: Patient, today: date, *, by_owner: bool) -> PatientView:
    """What the owner, or else a member of the staff, sees of the patient. `today` is the platform's date."""
    return _view(row, read_details(ring, row), today, by_owner=by_owner)


def clear_patient(ring: KeyRing, row: Patient, today: date) -> ClearPatient:
    """Everything, for the owner alone."""
    details = read_details(ring, row)
    return ClearPatient(_view(row, details, today, by_owner=True), details)


def named_like(view: PatientView, text: str) -> bool:
    """Whether this is part of the name, of its pinyin or of its initials."""
    wanted = "".join(text.lower().split())
    name = view.name.lower()
    return any(wanted in form for form in (name.replace(" ", ""), pinyin_of_person(name), initials_of_person(name)))


def _view(row: Patient, details: PatientDetails, today: date, *, by_owner: bool) -> PatientView:
    contact, guardian = details.emergency_contact, details.guardian
    return PatientView(
        id=row.id,
        user_id=row.user_id,
        name=details.name if by_owner else mask_name(details.name),
        certificate_kind=details.certificate.kind,
        certificate_number=mask_certificate(details.certificate.number),
        check_at_desk=row.check_at_desk,
        sex=details.sex,
        birth_date=details.birth_date if by_owner else None,
        age=age_on(today, details.birth_date),
        phone=mask_phone(details.phone),
        marital_status=details.marital_status,
        insurance_kind=details.insurance_kind,
        card_number=details.card_number and mask_card(details.card_number),
        region_code=details.region_code,
        address=details.address and mask_address(details.address),
        emergency_contact=None if contact is None else ContactView(mask_name(contact.name), mask_phone(contact.phone)),
        guardian=None
        if guardian is None
        else GuardianView(
            name=mask_name(guardian.name),
            certificate_kind=guardian.certificate_kind,
            certificate_number=mask_certificate(guardian.certificate_number),
            phone=mask_phone(guardian.phone),
        ),
        created_at=row.created_at,
        updated_at=row.updated_at,
    )

"""What is known of a patient: as it was given, and as it was found right. Neither has a repr that a log could show."""

from dataclasses import dataclass
from datetime import date

from datasources.sql.patient import Sex
from domain.certificates.kinds import Certificate

ADULT_AGE = 18
GUARDED_BELOW_AGE = 14
"""Younger patients have a guardian on record (PIPL art. 31: theirs is the consent)."""


@dataclass(frozen=True, slots=True, repr=False)
class GivenContact:
    """Whom to call, as typed."""

    name: str
    phone: str


@dataclass(frozen=True, slots=True, repr=False)
class GivenGuardian:
    """A child's guardian, as typed."""

    name: str
    certificate_kind: str
    certificate_number: str
    phone: str


@dataclass(frozen=True, slots=True, repr=False)
class GivenPatient:
    """A patient as typed. Empty text counts as not given."""

    name: str
    certificate_kind: str
    certificate_number: str
    phone: str
    sex: Sex | None = None
    birth_date: date | None = None
    marital_status: str | None = None
    insurance_kind: str | None = None
    card_number: str | None = None
    region_code: str | None = None
    address: str | None = None
    emergency_contact: GivenContact | None = None
    guardian: GivenGuardian | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Contact:
    """Whom to call when something happens; the phone in E.164."""

    name: str
    phone: str


@dataclass(frozen=True, slots=True, repr=False)
class Guardian:
    """Who answers for a child; the phone in E.164."""

    name: str
    certificate_kind: str
    certificate_number: str
    phone: str


@dataclass(frozen=True, slots=True, repr=False)
class PatientDetails:
    """A patient whose every value keeps its rule."""

    name: str
    certificate: Certificate
    sex: Sex
    birth_date: date
    phone: str
    """In E.164."""
    marital_status: str | None = None
    insurance_kind: str | None = None
    card_number: str | None = None
    region_code: str | None = None
    """Six digits of GB/T 2260."""
    address: str | None = None
    emergency_contact: Contact | None = None
    guardian: Guardian | None = None

    def as_given(self) -> GivenPatient:
        """The same as if it had just been typed, so that a change is judged together with what stays."""
        contact, guardian = self.emergency_contact, self.guardian
        return GivenPatient(
            name=self.name,
            certificate_kind=self.certificate.kind,
            certificate_number=self.certificate.number,
            phone=self.phone,
            sex=self.sex,
            birth_date=self.birth_date,
            marital_status=self.marital_status,
            insurance_kind=self.insurance_kind,
            card_number=self.card_number,
            region_code=self.region_code,
            address=self.address,
            emergency_contact=None if contact is None else GivenContact(contact.name, contact.phone),
            guardian=None
            if guardian is None
            else GivenGuardian(guardian.name, guardian.certificate_kind, guardian.certificate_number, guardian.phone),
        )


def age_on(day: date, born: date) -> int:
    """Whole years on this day. Who was born on 29 February has a birthday on 1 March in other years."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))

"""What is sent of a patient."""

from datetime import date
from typing import Any

import strawberry
from strawberry import UNSET

from datasources.sql.patient import Sex
from domain.patients.details import GivenContact, GivenGuardian, GivenPatient
from schema import patient as patient

_CHANGEABLE = (
    "name",
    "certificate_kind",
    "certificate_number",
    "phone",
    "sex",
    "birth_date",
    "marital_status",
    "insurance_kind",
    "card_number",
    "region_code",
    "address",
    "emergency_contact",
    "guardian",
)
# Null takes these away like an empty text, which is then named as missing.
_REQUIRED = {"name", "certificate_kind", "certificate_number", "phone"}


@strawberry.input(description="Whom to call when something happens.")
class EmergencyContactInput:
    name: str = strawberry.field(description="Name, at most 50 characters.")
    phone: str = strawberry.field(description="Mobile number of mainland China, in any usual form.")

    def given(self) -> GivenContact:
        return GivenContact(self.name, self.phone)


@strawberry.input(description="Who answers for a patient under 14; must be 18 or older.")
class GuardianInput:
    name: str = strawberry.field(description="Name, at most 50 characters.")
    certificate_kind: str = strawberry.field(description="A value of the dictionary's CertificatesType.")
    certificate_number: str = strawberry.field(description="The certificate's number.")
    phone: str = strawberry.field(description="Mobile number of mainland China, in any usual form.")

    def given(self) -> GivenGuardian:
        return GivenGuardian(self.name, self.certificate_kind, self.certificate_number, self.phone)


@strawberry.input(description="A new patient.")
class AddPatientInput:
    name: str = strawberry.field(description="Name as on the certificate, at most 50 characters.")
    certificate_kind: str = strawberry.field(
        description="A value of the dictionary's CertificatesType: `10` is a resident ID."
    )
    certificate_number: str = strawberry.field(
        description="The certificate's number; spaces and full-width characters will do."
    )
    phone: str = strawberry.field(description="Mobile number of mainland China, in any usual form.")
    sex: Sex | None = strawberry.field(
        default=None, description="Needed where the number does not tell; otherwise it must agree with the number."
    )
    birth_date: date | None = strawberry.field(
        default=None, description="Needed where the number does not tell; otherwise it must agree with the number."
    )
    marital_status: str | None = strawberry.field(
        default=None, description="A value of the dictionary's MaritalStatus."
    )
    insurance_kind: str | None = strawberry.field(
        default=None, description="A value of the dictionary's InsuranceType."
    )
    card_number: str | None = strawberry.field(
        default=None, description="Number of the health or insurance card, at most 32 characters."
    )
    region_code: str | None = strawberry.field(
        default=None, description="Region of residence: GB/T 2260, 2, 4 or 6 digits."
    )
    address: str | None = strawberry.field(default=None, description="Address, at most 200 characters.")
    emergency_contact: EmergencyContactInput | None = strawberry.field(default=None, description="Whom to call.")
    guardian: GuardianInput | None = strawberry.field(
        default=None, description="Needed for a patient under 14; of others none is kept."
    )

    def given(self) -> GivenPatient:
        return GivenPatient(**{name: _plain(getattr(self, name)) for name in _CHANGEABLE})


@strawberry.input(
    description="Changes of a patient. What isn't named stays as it is; null takes an optional detail away."
)
class UpdatePatientInput:
    id: strawberry.ID = strawberry.field(description="The patient's id.")
    name: str | None = strawberry.field(default=UNSET, description="Name as on the certificate.")
    certificate_kind: str | None = strawberry.field(
        default=UNSET, description="A value of CertificatesType. Not while an order is under way."
    )
    certificate_number: str | None = strawberry.field(
        default=UNSET, description="The certificate's number. Not while an order is under way."
    )
    phone: str | None = strawberry.field(default=UNSET, description="Mobile number of mainland China.")
    sex: Sex | None = strawberry.field(default=UNSET, description="Must agree with the number where that tells it.")
    birth_date: date | None = strawberry.field(
        default=UNSET, description="Must agree with the number where that tells it."
    )
    marital_status: str | None = strawberry.field(default=UNSET, description="A value of MaritalStatus.")
    insurance_kind: str | None = strawberry.field(default=UNSET, description="A value of InsuranceType.")
    card_number: str | None = strawberry.field(default=UNSET, description="Number of the health or insurance card.")
    region_code: str | None = strawberry.field(default=UNSET, description="GB/T 2260, 2, 4 or 6 digits.")
    address: str | None = strawberry.field(default=UNSET, description="Address, at most 200 characters.")
    emergency_contact: EmergencyContactInput | None = strawberry.field(default=UNSET, description="Whom to call.")
    guardian: GuardianInput | None = strawberry.field(default=UNSET, description="Guardian of a patient under 14.")

    def changes(self) -> dict[str, Any]:
        named = {name: _plain(getattr(self, name)) for name in _CHANGEABLE if getattr(self, name) is not UNSET}
        return {name: "" if value is None and name in _REQUIRED else value for name, value in named.items()}


@strawberry.input(description="Which patient to remove.")
class RemovePatientInput:
    id: strawberry.ID = strawberry.field(description="The patient's id.")


def _plain(value: Any) -> Any:
    return value.given() if isinstance(value, EmergencyContactInput | GuardianInput) else value

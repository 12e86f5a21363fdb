"""Between a patient's details and their row: every value that identifies somebody is sealed for exactly that row."""

from datetime import date
from uuid import UUID

import orjson
from pydantic import SecretBytes

from datasources.sealing import KeyRing
from datasources.sql.patient import Patient, Sex
from domain.certificates.kinds import Certificate
from domain.patients.details import Contact, Guardian, PatientDetails

INDEX_KIND = "patient.certificate"


def certificate_index(ring: KeyRing, certificate: Certificate) -> bytes:
    """By which the same certificate is found again in another row."""
    return ring.blind_index(f"{INDEX_KIND}:{certificate.kind}", certificate.number)


def write_details(ring: KeyRing, row: Patient, details: PatientDetails) -> None:
    """Put the details into the row, whose id must stand."""
    row.sealed_name = _seal(ring, row.id, "sealed_name", details.name)
    row.certificate_kind = details.certificate.kind
    row.sealed_certificate = _seal(ring, row.id, "sealed_certificate", details.certificate.number)
    row.certificate_index = certificate_index(ring, details.certificate)
    row.check_at_desk = details.certificate.check_at_desk
    row.sealed_birth_date = _seal(ring, row.id, "sealed_birth_date", details.birth_date.isoformat())
    row.sex = details.sex
    row.sealed_phone = _seal(ring, row.id, "sealed_phone", details.phone)
    row.marital_status = details.marital_status
    row.insurance_kind = details.insurance_kind
    row.sealed_card_number = _seal(ring, row.id, "sealed_card_number", details.card_number)
    row.region_code = details.region_code
    row.sealed_address = _seal(ring, row.id, "sealed_address", details.address)
    row.sealed_emergency_contact = _seal(ring, row.id, "sealed_emergency_contact", _json(details.emergency_contact))
    row.sealed_guardian = _seal(ring, row.id, "sealed_guardian", _json(details.guardian))


def read_details(ring: KeyRing, row: Patient) -> PatientDetails:
    """The details of a patient who was not removed. Raises SealError if a value is not the row's own."""
    born = date.fromisoformat(_required(ring, row, "sealed_birth_date"))
    contact = _open(ring, row, "sealed_emergency_contact")
    guardian = _open(ring, row, "sealed_guardian")
    sex = Sex(row.sex) if row.sex else Sex.UNSTATED
    return PatientDetails(
        name=_required(ring, row, "sealed_name"),
        certificate=Certificate(
            row.certificate_kind,
            _required(ring, row, "sealed_certificate"),
            birth_date=born,
            sex=sex,
            check_at_desk=row.check_at_desk,
        ),
        sex=sex,
        birth_date=born,
        phone=_required(ring, row, "sealed_phone"),
        marital_status=row.marital_status,
        insurance_kind=row.insurance_kind,
        card_number=_open(ring, row, "sealed_card_number"),
        region_code=row.region_code,
        address=_open(ring, row, "sealed_address"),
        emergency_contact=None if contact is None else Contact(**orjson.loads(contact)),
        guardian=None if guardian is None else Guardian(**orjson.loads(guardian)),
    )


def _json(person: Contact | Guardian | None) -> str | None:
    return None if person is None else orjson.dumps(person).decode()


def _seal(ring: KeyRing, id: UUID, column: str, clear: str | None) -> bytes | None:
    return None if clear is None else ring.seal(f"patient.{column}", str(id), SecretBytes(clear.encode()))


def _open(ring: KeyRing, row: Patient, column: str) -> str | None:
    record: bytes | None = getattr(row, column)
    if record is None:
        return None
    return ring.open(f"patient.{column}", str(row.id), record).get_secret_value().decode()


def _required(ring: KeyRing, row: Patient, column: str) -> str:
    value = _open(ring, row, column)
    if value is None:
        raise ValueError(f"patient {row.id} has no {column}: it was removed")
    return value

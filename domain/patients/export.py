"""What an export of one's own data says about patients, and about what was agreed to."""

from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from datasources.sealing import KeyRing
from datasources.sql.consent import Consents
from datasources.sql.patient import Patient, Patients
from domain.global_id import NodeKind, global_id
from domain.patients.sealed_details import read_details


async def export_patients(session: AsyncSession, ring: KeyRing, user_id: UUID) -> list[dict[str, Any]]:
    """The account's patients in clear. Of removed ones nothing personal is left."""
    return [_clear(ring, row) for row in await Patients(session).of_user(user_id)]


async def export_consents(session: AsyncSession, _ring: KeyRing, user_id: UUID) -> list[dict[str, Any]]:
    """Everything the account's owner ever agreed to."""
    return [
        {"kind": row.kind, "version": row.version, "givenAt": row.given_at, "withdrawnAt": row.withdrawn_at}
        for row in await Consents(session).of_user(user_id)
    ]


def _clear(ring: KeyRing, row: Patient) -> dict[str, Any]:
    details = read_details(ring, row)
    contact, guardian = details.emergency_contact, details.guardian
    return {
        "id": global_id(NodeKind.PATIENT, row.id),
        "name": details.name,
        "certificateKind": details.certificate.kind,
        "certificateNumber": details.certificate.number,
        "checkAtDesk": row.check_at_desk,
        "sex": details.sex,
        "birthDate": details.birth_date,
        "phone": details.phone,
        "maritalStatus": details.marital_status,
        "insuranceKind": details.insurance_kind,
        "cardNumber": details.card_number,
        "regionCode": details.region_code,
        "address": details.address,
        "emergencyContact": None if contact is None else {"name": contact.name, "phone": contact.phone},
        "guardian": None
        if guardian is None
        else {
            "name": guardian.name,
            "certificateKind": guardian.certificate_kind,
            "certificateNumber": guardian.certificate_number,
            "phone": guardian.phone,
        },
        "createdAt": row.created_at,
        "updatedAt": row.updated_at,
    }

"""What an export of one's own data says about hospitals for which one applied."""

from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from datasources.sealing import KeyRing
from datasources.sql.hospital_application import HospitalApplication
from datasources.sql.hospital_application_reads import HospitalApplicationReads
from domain.global_id import NodeKind, global_id
from domain.onboarding.reviewing import contact_of

MOST_APPLICATIONS = 1_000


async def export_applications(session: AsyncSession, ring: KeyRing, user_id: UUID) -> list[dict[str, Any]]:
    """The account's applications in clear, the latest first; who decided them stays with the platform."""
    rows = await HospitalApplicationReads(session).of_user(user_id, most=MOST_APPLICATIONS)
    return [_clear(ring, row) for row in rows]


def _clear(ring: KeyRing, row: HospitalApplication) -> dict[str, Any]:
    contact = contact_of(ring, row)
    return {
        "number": row.number,
        "state": row.state,
        "name": row.name,
        "level": row.level,
        "regionCode": row.region_code,
        "address": row.address,
        "registrationNumber": row.registration_number,
        "phone": row.phone,
        "apiBase": row.api_base,
        "contactName": None if contact is None else contact[0],
        "contactPhone": None if contact is None else contact[1],
        "licenceFileIds": [global_id(NodeKind.FILE, id) for id in row.licence_file_ids],
        "submissions": row.submissions,
        "appliedAt": row.applied_at,
        "submittedAt": row.submitted_at,
        "decidedAt": row.decided_at,
        "reason": row.reason,
        "hospitalCode": row.hospital_code,
    }

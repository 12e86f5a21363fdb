"""What an export of one's own data says about real-name verification."""

from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from datasources.sealing import KeyRing
from datasources.sql.verification_reads import VerificationReads
from datasources.sql.verification_request import VerificationRequest
from domain.global_id import NodeKind, global_id
from domain.verification.identity import read_identity

MOST_REQUESTS = 1_000


async def export_verifications(session: AsyncSession, ring: KeyRing, user_id: UUID) -> list[dict[str, Any]]:
    """The account's requests in clear, the latest first; who decided them stays with the platform."""
    rows = await VerificationReads(session).of_user(user_id, most=MOST_REQUESTS)
    return [_clear(ring, row) for row in rows]


def _clear(ring: KeyRing, row: VerificationRequest) -> dict[str, Any]:
    identity = read_identity(ring, row)
    return {
        "id": global_id(NodeKind.VERIFICATION_REQUEST, row.id),
        "state": row.state,
        "name": None if identity is None else identity.name,
        "certificateKind": row.certificate_kind,
        "certificateNumber": None if identity is None else identity.certificate_number,
        "frontFileId": global_id(NodeKind.FILE, row.front_file_id),
        "backFileId": None if row.back_file_id is None else global_id(NodeKind.FILE, row.back_file_id),
        "consentVersion": row.consent_version,
        "submittedAt": row.submitted_at,
        "decidedAt": row.decided_at,
        "rejection": row.rejection,
        "note": row.note,
        "originalsDeletedAt": row.originals_deleted_at,
    }

"""What the audit log holds about one user: what they did, and what was done to their account, patients and files."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import String, cast, or_, union
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from datasources.sql.audit_entry import AuditEntry
from datasources.sql.patient import Patient
from datasources.sql.stored_file import OwnerKind, StoredFile


async def entries_about_user(session: AsyncSession, user_id: UUID, *, most: int) -> Sequence[AuditEntry]:
    """The latest of these entries, the latest first. What was removed since is told of as well."""
    id = str(user_id)
    patients = select(cast(Patient.id, String)).where(col(Patient.user_id) == user_id)
    files = select(cast(StoredFile.id, String)).where(
        col(StoredFile.owner_kind) == OwnerKind.USER, col(StoredFile.owner_id) == user_id
    )
    # Three selects, for each goes by an index of its own, which one with ORs over subqueries does not.
    numbers = union(
        select(AuditEntry.id).where(
            or_(
                (col(AuditEntry.actor_kind) == "user") & (col(AuditEntry.actor_id) == id),
                (col(AuditEntry.subject_kind) == "user") & (col(AuditEntry.subject_id) == id),
            )
        ),
        select(AuditEntry.id).where(AuditEntry.subject_kind == "patient", col(AuditEntry.subject_id).in_(patients)),
        select(AuditEntry.id).where(AuditEntry.subject_kind == "file", col(AuditEntry.subject_id).in_(files)),
    ).subquery()
    found = await session.exec(
        select(AuditEntry)
        .where(col(AuditEntry.id).in_(select(numbers.c.id)))
        .order_by(col(AuditEntry.id).desc())
        .limit(most)
    )
    return found.all()

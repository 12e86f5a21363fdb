"""Files that people brought or the platform made for them: one row per file, its bytes in object storage."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Column, DateTime, Index, LargeBinary, UniqueConstraint, func, text
from sqlmodel import Field, SQLModel, col, or_, update
from sqlmodel.ext.asyncio.session import AsyncSession


class FilePurpose(StrEnum):
    """What a file is for: decides its limits, where it is kept and who may see it."""

    IDENTITY_PICTURE = "IDENTITY_PICTURE"
    AVATAR = "AVATAR"
    HOSPITAL_LICENCE = "HOSPITAL_LICENCE"
    EXPORT = "EXPORT"


class FileState(StrEnum):
    """Where a file stands. Only a READY one is ever handed out."""

    UPLOADING = "UPLOADING"
    INSPECTING = "INSPECTING"
    READY = "READY"
    REFUSED = "REFUSED"
    DELETED = "DELETED"


class FileRefusal(StrEnum):
    """Why an upload was not taken."""

    NEVER_ARRIVED = "NEVER_ARRIVED"
    WRONG_SIZE = "WRONG_SIZE"
    UNKNOWN_FORMAT = "UNKNOWN_FORMAT"
    OTHER_FORMAT = "OTHER_FORMAT"
    HEIC = "HEIC"
    TOO_MANY_PIXELS = "TOO_MANY_PIXELS"
    UNREADABLE = "UNREADABLE"
    ACTIVE_CONTENT = "ACTIVE_CONTENT"


class OwnerKind(StrEnum):
    """Whose a file is."""

    USER = "USER"
    STAFF = "STAFF"


KEPT_FOR = "hospital_application:"
"""How `used_by` begins for licences, which outlive the account that brought them once they are in use."""


@dataclass(frozen=True, slots=True)
class FileOwner:
    """An account that files belong to."""

    kind: OwnerKind
    id: UUID


class StoredFile(SQLModel, table=True):
    """One row per file.

    `upload_key` names the object as it was uploaded, `object_key` the one that inspection made of it. Both are set
    before their object can exist and cleared only once it is gone for good, so that no object is ever forgotten.
    """

    __tablename__ = "stored_file"
    __table_args__ = (
        CheckConstraint(
            "purpose IN ('IDENTITY_PICTURE', 'AVATAR', 'HOSPITAL_LICENCE', 'EXPORT')", name="stored_file_purpose"
        ),
        CheckConstraint(
            "state IN ('UPLOADING', 'INSPECTING', 'READY', 'REFUSED', 'DELETED')", name="stored_file_state"
        ),
        CheckConstraint("owner_kind IN ('USER', 'STAFF')", name="stored_file_owner_kind"),
        UniqueConstraint("owner_kind", "owner_id", "idempotency_key", name="stored_file_once"),
        Index("stored_file_owner", "owner_kind", "owner_id", "created_at", "id"),
        Index("stored_file_created", "created_at", "id"),
        Index(
            "stored_file_unsettled",
            "created_at",
            postgresql_where=text("upload_key IS NOT NULL OR (object_key IS NOT NULL AND state <> 'READY')"),
        ),
        Index(
            "stored_file_unused_picture",
            "created_at",
            "id",
            postgresql_where=text("purpose = 'IDENTITY_PICTURE' AND state = 'READY' AND used_by IS NULL"),
        ),
    )

    id: UUID = Field(primary_key=True)
    owner_kind: str
    owner_id: UUID
    purpose: str
    state: str = Field(default=FileState.UPLOADING)
    refusal: str | None = Field(default=None)
    content_type: str
    """As announced; once READY, as it is."""
    size: int = Field(sa_column=Column(BigInteger, nullable=False))
    """Bytes as announced; once READY, as it is when it is downloaded."""
    sha256: bytes | None = Field(default=None, sa_column=Column(LargeBinary(32)))
    wrapped_key: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    """The key it is encrypted with, itself encrypted; None for what is kept in the clear."""
    upload_key: str | None = Field(default=None)
    object_key: str | None = Field(default=None)
    used_by: str | None = Field(default=None)
    """What needs it, as `kind:id`; such a file cannot be deleted."""
    idempotency_key: str | None = Field(default=None, max_length=128)
    created_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    upload_expires_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    inspecting_since: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    ready_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    deleted_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))


class StoredFiles:
    """Changes of files inside the session it is given. Each moves a state by one UPDATE that names the old state."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def lock_owner(self, owner: FileOwner) -> None:
        """Let nobody else add a file for this owner until the transaction ends, so that limits hold exactly."""
        await (await self._session.connection()).execute(
            text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": f"stored_file:{owner.id}"}
        )

    async def add(self, file: StoredFile) -> None:
        """Store a new file's row."""
        self._session.add(file)
        await self._session.flush()

    async def extend_upload(self, id: UUID, until: datetime) -> bool:
        """A new link was made for a file that has not come yet. False if it has."""
        return await self._changed(
            update(StoredFile)
            .where(col(StoredFile.id) == id, col(StoredFile.state) == FileState.UPLOADING)
            .values(upload_expires_at=until)
        )

    async def claim_inspection(self, id: UUID, object_key: str, now: datetime, *, abandoned_before: datetime) -> bool:
        """Whether this call may inspect: the upload came, or whoever inspected it before gave no more sign."""
        return await self._changed(
            update(StoredFile)
            .where(
                col(StoredFile.id) == id,
                or_(
                    col(StoredFile.state) == FileState.UPLOADING,
                    (col(StoredFile.state) == FileState.INSPECTING)
                    & (col(StoredFile.inspecting_since) < abandoned_before),
                ),
            )
            .values(
                state=FileState.INSPECTING,
                inspecting_since=now,
                object_key=func.coalesce(col(StoredFile.object_key), object_key),
            )
        )

    async def release_inspection(self, id: UUID, since: datetime) -> None:
        """Give the claim back: a store was down, so another call may try at once."""
        await self._changed(
            update(StoredFile).where(*_inspected(id, since)).values(state=FileState.UPLOADING, inspecting_since=None)
        )

    async def accept(
        self, id: UUID, since: datetime, *, content_type: str, size: int, sha256: bytes, now: datetime
    ) -> bool:
        """INSPECTING → READY, if the claim made at `since` still stands."""
        return await self._changed(
            update(StoredFile)
            .where(*_inspected(id, since))
            .values(state=FileState.READY, content_type=content_type, size=size, sha256=sha256, ready_at=now)
        )

    async def refuse(self, id: UUID, since: datetime, reason: FileRefusal) -> bool:
        """INSPECTING → REFUSED, if the claim made at `since` still stands."""
        return await self._changed(
            update(StoredFile).where(*_inspected(id, since)).values(state=FileState.REFUSED, refusal=reason)
        )

    async def give_up(self, id: UUID) -> bool:
        """UPLOADING → REFUSED: nothing came in time."""
        return await self._changed(
            update(StoredFile)
            .where(col(StoredFile.id) == id, col(StoredFile.state) == FileState.UPLOADING)
            .values(state=FileState.REFUSED, refusal=FileRefusal.NEVER_ARRIVED)
        )

    async def delete(self, id: UUID, now: datetime, *, owner: FileOwner | None = None) -> bool:
        """Whether this call deleted the file: not while something uses it, not while it is inspected."""
        return await self._changed(
            update(StoredFile)
            .where(
                col(StoredFile.id) == id,
                col(StoredFile.used_by).is_(None),
                col(StoredFile.state).not_in((FileState.DELETED, FileState.INSPECTING)),
                *([] if owner is None else _of(owner)),
            )
            .values(state=FileState.DELETED, deleted_at=now)
        )

    async def delete_all_of(self, owner: FileOwner, now: datetime, *, purpose: FilePurpose | None = None) -> None:
        """Delete every file of the owner, or every one of a purpose, also one that is being inspected or that something
        uses; not one that a hospital of the platform's rests on."""
        await (await self._session.connection()).execute(
            update(StoredFile)
            .where(
                *_of(owner),
                col(StoredFile.state) != FileState.DELETED,
                or_(col(StoredFile.used_by).is_(None), ~col(StoredFile.used_by).startswith(KEPT_FOR)),
                *([] if purpose is None else [col(StoredFile.purpose) == purpose]),
            )
            .values(state=FileState.DELETED, deleted_at=now, used_by=None)
        )

    async def take_into_use(self, ids: Sequence[UUID], *, owner: FileOwner, purpose: FilePurpose, used_by: str) -> bool:
        """Hold these READY files of the owner for something that needs them; False if one of them cannot be held.
        Roll back then: the others are held."""
        held = await (await self._session.connection()).execute(
            update(StoredFile)
            .where(
                col(StoredFile.id).in_(ids),
                col(StoredFile.state) == FileState.READY,
                or_(col(StoredFile.used_by).is_(None), col(StoredFile.used_by) == used_by),
                *_of(owner),
                col(StoredFile.purpose) == purpose,
            )
            .values(used_by=used_by)
        )
        return held.rowcount == len(set(ids))

    async def release_from_use(self, used_by: str) -> None:
        """Let go of every file that this held."""
        await (await self._session.connection()).execute(
            update(StoredFile).where(col(StoredFile.used_by) == used_by).values(used_by=None)
        )

    async def forget_upload(self, id: UUID) -> None:
        """The uploaded object is gone, and no link can bring it back."""
        await self._changed(update(StoredFile).where(col(StoredFile.id) == id).values(upload_key=None))

    async def forget_object(self, id: UUID) -> None:
        """The inspected object is gone."""
        await self._changed(
            update(StoredFile)
            .where(col(StoredFile.id) == id, col(StoredFile.state) != FileState.READY)
            .values(object_key=None)
        )

    async def _changed(self, statement: Any) -> bool:
        answer = await (await self._session.connection()).execute(statement)
        return answer.rowcount == 1


def _inspected(id: UUID, since: datetime) -> list[Any]:
    return [
        col(StoredFile.id) == id,
        col(StoredFile.state) == FileState.INSPECTING,
        col(StoredFile.inspecting_since) == since,
    ]


def _of(owner: FileOwner) -> list[Any]:
    return [col(StoredFile.owner_kind) == owner.kind, col(StoredFile.owner_id) == owner.id]

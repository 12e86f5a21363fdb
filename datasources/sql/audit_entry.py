"""The audit log: who did what to whom. Only ever appended to, each entry sealed to the one before it by its hash."""

import hashlib
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import BigInteger, Column, DateTime, Index, LargeBinary, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

FIRST_HASH = bytes(32)
_LOCK = "audit_entry"


class AuditEntry(SQLModel, table=True):
    """One act. Ids run without gaps, so a removed row shows; `hash` covers the row and the hash before it."""

    __tablename__ = "audit_entry"
    __table_args__ = (
        Index("audit_entry_actor", "actor_kind", "actor_id", "id"),
        Index("audit_entry_subject", "subject_kind", "subject_id", "id"),
        Index("audit_entry_action", "action", "id"),
        Index("audit_entry_hospital", "hospital_code", "id"),
    )

    id: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    actor_kind: str
    actor_id: str
    action: str
    subject_kind: str
    subject_id: str
    hospital_code: str | None = Field(default=None)
    result: str
    address: str = Field(default="")
    request_id: str = Field(default="")
    detail: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False, server_default=text("'{}'")))
    hash: bytes = Field(sa_column=Column(LargeBinary(32), nullable=False))


@dataclass(frozen=True, slots=True)
class Act:
    """What is to be recorded. Holds no identity number, phone, code or token; `detail` names fields, not secrets."""

    at: datetime
    actor_kind: str
    actor_id: str
    action: str
    subject_kind: str
    subject_id: str
    result: str = "DONE"
    hospital_code: str | None = None
    address: str = ""
    request_id: str = ""
    detail: dict[str, Any] = dataclass_field(default_factory=dict)


class AuditLog:
    """Appends inside the session it is given: the act and its record are committed together or not at all."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def append(self, act: Act) -> AuditEntry:
        """Record an act. Writers queue on a lock until the transaction ends, so keep it short and append last."""
        connection = await self._session.connection()
        await connection.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": _LOCK})
        last = (await self._session.exec(select(AuditEntry).order_by(col(AuditEntry.id).desc()).limit(1))).first()
        number = 1 if last is None else last.id + 1
        previous = FIRST_HASH if last is None else last.hash
        entry = AuditEntry(
            id=number,
            at=act.at,
            actor_kind=act.actor_kind,
            actor_id=act.actor_id,
            action=act.action,
            subject_kind=act.subject_kind,
            subject_id=act.subject_id,
            hospital_code=act.hospital_code,
            result=act.result,
            address=act.address,
            request_id=act.request_id,
            detail=act.detail,
            hash=b"",
        )
        entry.hash = entry_hash(entry, previous)
        self._session.add(entry)
        await self._session.flush()
        return entry


def entry_hash(entry: AuditEntry, previous: bytes) -> bytes:
    """SHA-256 over the hash before and every field of this entry, so a change or a gap anywhere shows from there on."""
    fields = [
        entry.id,
        entry.at.timestamp(),
        entry.actor_kind,
        entry.actor_id,
        entry.action,
        entry.subject_kind,
        entry.subject_id,
        entry.hospital_code,
        entry.result,
        entry.address,
        entry.request_id,
        entry.detail,
    ]
    return hashlib.sha256(previous + orjson.dumps(fields, option=orjson.OPT_SORT_KEYS)).digest()

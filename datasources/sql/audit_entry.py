"""The audit log: who did what to whom. Only ever appended to, each entry sealed to the one before it by its hash."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import BigInteger, Column, ColumnElement, DateTime, Index, LargeBinary, func, text
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


@dataclass(frozen=True, slots=True)
class AuditCriteria:
    """Which entries to list. `begin` is included, `end` is not."""

    within: str | None = None
    """The hospital beyond whose entries the reader sees none; None for everything."""
    actor_kind: str | None = None
    actor_id: str | None = None
    action: str | None = None
    subject_kind: str | None = None
    subject_id: str | None = None
    hospital_code: str | None = None
    begin: datetime | None = None
    end: datetime | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        """The WHERE of the list and of its count."""
        equal = {
            AuditEntry.actor_kind: self.actor_kind,
            AuditEntry.actor_id: self.actor_id,
            AuditEntry.action: self.action,
            AuditEntry.subject_kind: self.subject_kind,
            AuditEntry.subject_id: self.subject_id,
            AuditEntry.hospital_code: self.hospital_code,
        }
        found = [col(column) == value for column, value in equal.items() if value is not None]
        if self.within is not None:
            found.append(col(AuditEntry.hospital_code) == self.within)
        if self.begin is not None:
            found.append(col(AuditEntry.at) >= self.begin)
        if self.end is not None:
            found.append(col(AuditEntry.at) < self.end)
        return found


class AuditReads:
    """Reads the log inside the session it is given."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def page(self, criteria: AuditCriteria, behind: int | None, most: int) -> Sequence[AuditEntry]:
        """Entries, the latest first, from behind this one on."""
        query = select(AuditEntry).where(*criteria.conditions())
        if behind is not None:
            query = query.where(col(AuditEntry.id) < behind)
        return (await self._session.exec(query.order_by(col(AuditEntry.id).desc()).limit(most))).all()

    async def count(self, criteria: AuditCriteria) -> int:
        """How many entries meet the criteria."""
        found = await self._session.exec(select(func.count()).select_from(AuditEntry).where(*criteria.conditions()))
        return found.one()

    async def get(self, id: int) -> AuditEntry | None:
        """The entry with this number."""
        return (await self._session.exec(select(AuditEntry).where(AuditEntry.id == id))).one_or_none()

    async def last_id(self) -> int:
        """The number of the latest entry; 0 while there is none."""
        return (await self._session.exec(select(func.max(AuditEntry.id)))).one() or 0

    async def run(self, first: int, last: int, most: int) -> Sequence[AuditEntry]:
        """At most so many entries with numbers from `first` to `last`, in order."""
        found = await self._session.exec(
            select(AuditEntry)
            .where(col(AuditEntry.id) >= first, col(AuditEntry.id) <= last)
            .order_by(col(AuditEntry.id))
            .limit(most)
        )
        return found.all()


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

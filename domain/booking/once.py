"""Doing a change of an order once per idempotency key."""

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlmodel.ext.asyncio.session import AsyncSession

from datasources.sql.database import Database
from datasources.sql.idempotency_record import IdempotencyRecord, IdempotencyRecords
from domain.audit.actor import Actor
from domain.language import Words
from domain.problems import FieldProblem, IdempotencyKeyReused, InvalidInput, ProblemCode

T = TypeVar("T")

MAX_KEY_LENGTH = 128

_BAD_KEY = Words("须为 1 至 {most} 个可见字符。", "Use 1 to {most} printable characters.")


@dataclass(frozen=True, slots=True)
class KeyedCall:
    """One call of a mutation: whose, under which key, and what must be equal in a call that repeats it."""

    actor: Actor
    operation: str
    key: str
    subject_id: UUID
    input: tuple[str, ...]

    @property
    def caller(self) -> str:
        """Whose key it is: two accounts may use the same one."""
        return f"{self.actor.kind}:{self.actor.id}"

    @property
    def digest(self) -> bytes:
        """Of everything that the call says."""
        return hashlib.sha256("\0".join((str(self.subject_id), *self.input)).encode()).digest()


def bad_key(key: str) -> InvalidInput | None:
    """What is wrong with an idempotency key; None if nothing is."""
    if 1 <= len(key) <= MAX_KEY_LENGTH and key.isprintable():
        return None
    return InvalidInput([FieldProblem("idempotencyKey", ProblemCode.MALFORMED, _BAD_KEY, {"most": MAX_KEY_LENGTH})])


async def was_done(session: AsyncSession, call: KeyedCall) -> bool | IdempotencyKeyReused:
    """Whether this very call was answered before. Ask with the subject's row locked, so that calls queue there."""
    record = await IdempotencyRecords(session).get(call.caller, call.operation, call.key)
    if record is None:
        return False
    return True if record.request_hash == call.digest else IdempotencyKeyReused(call.key)


async def note_done(session: AsyncSession, call: KeyedCall) -> None:
    """Remember the call, in the transaction that makes the change."""
    await IdempotencyRecords(session).add(
        IdempotencyRecord(
            caller=call.caller,
            operation=call.operation,
            idempotency_key=call.key,
            request_hash=call.digest,
            subject_id=str(call.subject_id),
            created_at=call.actor.now,
        )
    )


async def in_one_go(database: Database, change: Callable[[AsyncSession], Awaitable[T]]) -> T:
    """Run a change that notes its call, in a transaction of its own.

    Another call may take the same key at the same moment for another subject; then the change is undone, and made
    anew it finds that call.
    """
    try:
        async with database.unit_of_work() as session:
            return await change(session)
    except IntegrityError as error:
        if "idempotency_record_pkey" not in str(error.orig):
            raise
    async with database.unit_of_work() as session:
        return await change(session)

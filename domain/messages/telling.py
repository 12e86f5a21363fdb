"""Telling somebody something, as part of the transaction that makes it true.

`tell` writes one row into the outbox. If the transaction is undone, nobody is told; once it has committed, the relay
(`domain/messages/relay.py`) tells them in the app, and by SMS where the kind and they themselves want it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession
from uuid_utils.compat import uuid7

from datasources.sql.outgoing_message import OutgoingMessage, OutgoingMessages
from domain.messages.kinds import VARIABLES, MessageKind

LONGEST_DEDUPE_KEY = 200


@dataclass(frozen=True, slots=True)
class ToUser:
    """A patient's account."""

    id: UUID


@dataclass(frozen=True, slots=True)
class ToStaff:
    """One member of staff, who is told in the console alone."""

    id: UUID


@dataclass(frozen=True, slots=True)
class ToHospital:
    """Every active member of a hospital's staff."""

    code: str


Recipient = ToUser | ToStaff | ToHospital


@dataclass(frozen=True, slots=True)
class Subject:
    """What a message is about: a kind as the audit log names them ("order"), and its id."""

    kind: str
    id: str


@dataclass(frozen=True, slots=True)
class Message:
    """Something to be told once. Its variables hold nobody's full name, phone or certificate."""

    kind: MessageKind
    to: Recipient
    variables: Mapping[str, str]
    """What `kinds.VARIABLES` asks for, as text."""
    dedupe_key: str
    """Names the occasion. A second message with the same key is not told."""
    subject: Subject | None = None
    not_before: datetime | None = None
    useless_after: datetime | None = None
    broadcast_id: UUID | None = None
    in_app_only: bool = False


async def tell(session: AsyncSession, message: Message, now: datetime) -> bool:
    """Have this told once the transaction has committed; whether it was not told, or going to be, before.

    Raises ValueError for variables that are not those of the kind.
    """
    return await tell_many(session, [message], now) == 1


async def tell_many(session: AsyncSession, messages: Sequence[Message], now: datetime) -> int:
    """The same of many, in one statement, so at most some hundreds at once; how many are new."""
    return await OutgoingMessages(session).add([_row(message, now) for message in messages])


def _row(message: Message, now: datetime) -> OutgoingMessage:
    expected = VARIABLES[message.kind].keys()
    if message.variables.keys() != expected:
        raise ValueError(f"{message.kind} is told with {sorted(expected)}, not {sorted(message.variables)}")
    if not 0 < len(message.dedupe_key) <= LONGEST_DEDUPE_KEY:
        raise ValueError("a dedupe key has 1 to 200 characters")
    return OutgoingMessage(
        id=uuid7(),
        kind=message.kind,
        user_id=message.to.id if isinstance(message.to, ToUser) else None,
        staff_id=message.to.id if isinstance(message.to, ToStaff) else None,
        hospital_code=message.to.code if isinstance(message.to, ToHospital) else None,
        variables=dict(message.variables),
        subject_kind="" if message.subject is None else message.subject.kind,
        subject_id="" if message.subject is None else message.subject.id,
        dedupe_key=message.dedupe_key,
        broadcast_id=message.broadcast_id,
        in_app_only=message.in_app_only,
        next_at=message.not_before or now,
        useless_after=message.useless_after,
        created_at=now,
    )

"""Putting a text message into the queue, in the transaction that promises it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from pydantic import SecretBytes, SecretStr
from sqlmodel.ext.asyncio.session import AsyncSession
from uuid_utils.compat import uuid7

from datasources.sealing import KeyRing
from datasources.sql.sms_message import SmsKind, SmsMessage, SmsState
from datasources.sql.sms_queue import SmsQueue
from domain.live.changes import note_sms_change
from domain.sms.parts import parts_of

PHONE_FIELD = "sms_message.sealed_phone"
TEXT_FIELD = "sms_message.sealed_text"
VARIABLES_FIELD = "sms_message.sealed_variables"
PHONE_INDEX = "phone"

PRIORITIES = {
    SmsKind.CODE: 10,
    SmsKind.TEST: 20,
    SmsKind.NOTICE: 30,
    SmsKind.REMINDER: 40,
    SmsKind.ANNOUNCEMENT: 50,
}
"""The lower goes first. Unless a message brings its own."""
OPTIONAL = frozenset({SmsKind.REMINDER, SmsKind.ANNOUNCEMENT})
"""Kinds that people can opt out of."""

SUPERSEDED = "SUPERSEDED"
OPTED_OUT = "OPTED_OUT"


@dataclass(frozen=True, slots=True)
class Sms:
    """A message to send."""

    kind: SmsKind
    phone: SecretStr
    """E.164. It is stored sealed, as are text and variables."""
    text: SecretStr
    """The whole message with its signature, in the language of whoever gets it."""
    expires_at: datetime
    """From then on it is not sent any more. Of a code, its own end."""
    template: str = ""
    """The name by which providers with templates of their own know it (`ALIYUN_SMS_TEMPLATES`)."""
    variables: Mapping[str, SecretStr] = field(default_factory=dict)
    """The template's variables; they say the same as the text."""
    not_before: datetime | None = None
    priority: int | None = None
    dedupe_key: str | None = None
    """At most one message is ever made of it."""
    supersede_key: str | None = None
    """Messages with the same key that nobody has begun to send are given up in favour of this one."""


@dataclass(frozen=True, slots=True)
class QueuedSms:
    """What became of a message that was to be queued."""

    id: UUID
    state: SmsState
    """QUEUED; or CANCELLED because the number has opted out of the kind; or that of the message made before."""
    is_new: bool
    """False: there was one with the same dedupe key, and nothing was done."""


async def queue_sms(session: AsyncSession, ring: KeyRing, sms: Sms, now: datetime) -> QueuedSms:
    """Queue a message inside the unit of work of this session; it goes out after the commit, if there is one."""
    message = _row(ring, sms, now)
    queue = SmsQueue(session)
    if sms.kind in OPTIONAL and await queue.has_opted_out(message.phone_index, sms.kind):
        _decline(message, now)
    standing = await queue.add(message)
    if standing is not None:
        return QueuedSms(standing.id, SmsState(standing.state), is_new=False)
    if sms.supersede_key is not None and message.state == SmsState.QUEUED:
        await queue.give_up_older(sms.supersede_key, message.id, SUPERSEDED, now)
    if message.state == SmsState.QUEUED:
        note_sms_change(session, sms.kind)
    return QueuedSms(message.id, SmsState(message.state), is_new=True)


async def queue_many(session: AsyncSession, ring: KeyRing, many: Sequence[Sms], now: datetime) -> list[SmsState]:
    """The same of some hundreds at once, in two statements, for messages that supersede nothing: how each stands.

    One whose dedupe key is there already is left as it is, and told of as QUEUED.
    """
    messages = [_row(ring, sms, now) for sms in many]
    queue = SmsQueue(session)
    declined = await queue.opted_out_among([each.phone_index for each in messages]) if messages else set()
    for message in messages:
        if SmsKind(message.kind) in OPTIONAL and (message.phone_index, message.kind) in declined:
            _decline(message, now)
    await queue.add_many(messages)
    for kind in {message.kind for message in messages if message.state == SmsState.QUEUED}:
        note_sms_change(session, kind)
    return [SmsState(message.state) for message in messages]


def _decline(message: SmsMessage, now: datetime) -> None:
    message.state, message.reason, message.finished_at = SmsState.CANCELLED, OPTED_OUT, now
    message.sealed_text = message.sealed_variables = None


def _row(ring: KeyRing, sms: Sms, now: datetime) -> SmsMessage:
    id = uuid7()
    text = sms.text.get_secret_value()
    variables = {name: value.get_secret_value() for name, value in sms.variables.items()}
    return SmsMessage(
        id=id,
        kind=sms.kind,
        priority=PRIORITIES[sms.kind] if sms.priority is None else sms.priority,
        phone_index=ring.blind_index(PHONE_INDEX, sms.phone.get_secret_value()),
        sealed_phone=ring.seal(PHONE_FIELD, str(id), SecretBytes(sms.phone.get_secret_value().encode())),
        sealed_text=ring.seal(TEXT_FIELD, str(id), SecretBytes(text.encode())),
        template=sms.template,
        sealed_variables=ring.seal(VARIABLES_FIELD, str(id), SecretBytes(json.dumps(variables).encode())),
        parts=parts_of(text),
        dedupe_key=sms.dedupe_key,
        supersede_key=sms.supersede_key,
        failed_routes=[],
        not_before=max(now, sms.not_before or now),
        expires_at=sms.expires_at - CODE_MARGIN if sms.kind is SmsKind.CODE else sms.expires_at,
        created_at=now,
    )


CODE_MARGIN = timedelta(seconds=30)
"""A code that arrives later than this before its end helps nobody."""

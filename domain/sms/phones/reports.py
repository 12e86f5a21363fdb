"""What telephones report: of messages, of themselves, and what people wrote to them."""

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from pydantic import SecretBytes, SecretStr
from sqlmodel.ext.asyncio.session import AsyncSession
from uuid_utils.compat import uuid7

from datasources.sealing import KeyRing, Purpose
from datasources.sql.sms_inbox import SmsInbox
from datasources.sql.sms_message import SmsKind, SmsMessage, SmsRoute, SmsState
from datasources.sql.sms_phones import SmsPhones
from datasources.sql.sms_received import ReceivedMeaning, SmsReceived
from datasources.sql.sms_steps import SmsSteps, Taken
from domain.identity.phones import normal_phone
from domain.live.changes import note_sms_change
from domain.sms.answers import OPTED_IN_ANSWER, OPTED_OUT_ANSWER, meaning_of
from domain.sms.desk import SmsDesk, routes_that_are_well
from domain.sms.outcomes import FOR_GOOD, not_sent, settle
from domain.sms.policy import MOST_FAILURES, PHONE_RESTS
from domain.sms.queueing import OPTIONAL, PHONE_INDEX, Sms, queue_sms

NOT_THE_RADIO = FOR_GOOD | {"KILLED"}
"""Reasons that say nothing of how well the telephone sends: its program was killed half way, or the message is bad."""
RECEIVED_PHONE_FIELD = "sms_received.sealed_phone"
RECEIVED_TEXT_FIELD = "sms_received.sealed_text"
ANSWER_LIVES = timedelta(days=1)


class PhoneReport(StrEnum):
    """What became of a message at a telephone."""

    SENT = "SENT"
    DELIVERED = "DELIVERED"
    FAILED = "FAILED"
    """It was surely not sent."""
    UNKNOWN = "UNKNOWN"
    RETURNED = "RETURNED"
    """The telephone has not begun and will not."""


@dataclass(frozen=True, slots=True)
class Beat:
    """How a telephone is; None is what it does not know."""

    battery_percent: int | None
    charging: bool | None
    signal_percent: int | None
    sims: Sequence[dict[str, Any]]
    journal_open: int | None
    hung_calls: int | None
    app_version: str
    radio: str


@dataclass(frozen=True, slots=True)
class Received:
    """A message that somebody wrote to a telephone."""

    sender: SecretStr
    text: SecretStr
    sim_slot: int | None
    sent_at: datetime | None
    received_at: datetime | None
    key: str
    """The telephone's own name for it, where its messages have no time of sending."""


async def report(desk: SmsDesk, taken: Taken, what: PhoneReport, reason: str, now: datetime) -> SmsState | None:
    """Take a telephone's report; where the message stands then. None: it is not, or no more, this telephone's. The
    same report again changes nothing."""
    if taken.phone_id is None:
        raise ValueError("a telephone reports for itself")
    async with desk.stores.sql.unit_of_work() as session:
        steps = SmsSteps(session)
        phones = SmsPhones(session)
        if await phones.locked(taken.phone_id) is None:
            return None
        moved = await _move(session, desk, taken, what, reason, now)
        if moved is not None and what in (PhoneReport.SENT, PhoneReport.DELIVERED):
            await phones.note_success(taken.phone_id)
        elif moved is not None and what in (PhoneReport.FAILED, PhoneReport.UNKNOWN) and reason not in NOT_THE_RADIO:
            await phones.note_failure(taken.phone_id, MOST_FAILURES, now + PHONE_RESTS)
        standing = moved or await steps.standing(taken)
    return None if standing is None else SmsState(standing.state)


async def _move(
    session: AsyncSession, desk: SmsDesk, taken: Taken, what: PhoneReport, reason: str, now: datetime
) -> SmsMessage | None:
    match what:
        case PhoneReport.RETURNED:
            steps = SmsSteps(session)
            returned = await steps.put_back(taken, now, reason="RETURNED")
            if returned is not None:
                await steps.note_outcome(taken, what, reason)
                note_sms_change(session, returned.kind)
            return returned
        case PhoneReport.FAILED if reason not in FOR_GOOD:
            more = len(await routes_that_are_well(session, desk, now)) > 1
            return await not_sent(session, taken, SmsRoute.PHONE, reason, now, more_routes=more)
        case _:
            return await settle(session, taken, SmsState(what), now, reason=reason)


async def beat(desk: SmsDesk, phone_id: UUID, how: Beat, now: datetime) -> bool:
    """Note how the telephone is; False if it was revoked meanwhile."""
    values = {
        "last_beat_at": now,
        "battery_percent": how.battery_percent,
        "charging": how.charging,
        "signal_percent": how.signal_percent,
        "sims": list(how.sims),
        "journal_open": how.journal_open,
        "hung_calls": how.hung_calls,
        "app_version": how.app_version,
        "radio": how.radio,
    }
    async with desk.stores.sql.unit_of_work() as session:
        return await SmsPhones(session).change(phone_id, values) is not None


async def receive(desk: SmsDesk, phone_id: UUID, message: Received, now: datetime) -> bool:
    """Keep a received message and do what its words ask for, once; whether it is new."""
    ring, text = desk.ring, message.text.get_secret_value()
    sender = normal_phone(message.sender.get_secret_value()) or message.sender.get_secret_value()
    index = ring.blind_index(PHONE_INDEX, sender)
    meaning = meaning_of(text)
    id = uuid7()
    row = SmsReceived(
        id=id,
        digest=_digest(ring, phone_id, sender, message),
        phone_id=phone_id,
        phone_index=index,
        sealed_phone=ring.seal(RECEIVED_PHONE_FIELD, str(id), SecretBytes(sender.encode())),
        sealed_text=ring.seal(RECEIVED_TEXT_FIELD, str(id), SecretBytes(text.encode())),
        meaning=meaning,
        sent_at=message.sent_at,
        received_at=message.received_at or now,
    )
    async with desk.stores.sql.unit_of_work() as session:
        inbox = SmsInbox(session)
        if await SmsPhones(session).locked(phone_id) is None or not await inbox.keep(row):
            return False
        if meaning is ReceivedMeaning.OTHER:
            return True
        opts_out = meaning is ReceivedMeaning.OPT_OUT
        changed = await (inbox.opt_out(index, sorted(OPTIONAL), now) if opts_out else inbox.opt_in(index))
        # Only a person's number is answered, and only when something changed: no two machines answer each other.
        if changed and normal_phone(sender) is not None:
            words = OPTED_OUT_ANSWER if opts_out else OPTED_IN_ANSWER
            answer = Sms(
                SmsKind.NOTICE,
                SecretStr(sender),
                SecretStr(words),
                expires_at=now + ANSWER_LIVES,
                dedupe_key=f"sms-answer:{id}",
            )
            await queue_sms(session, ring, answer, now)
    return True


def _digest(ring: KeyRing, phone_id: UUID, sender: str, message: Received) -> bytes:
    when = message.key if message.sent_at is None else message.sent_at.isoformat()
    parts = [str(phone_id), str(message.sim_slot), sender, when, message.text.get_secret_value()]
    hashed = hashlib.sha256("\0".join(parts).encode()).digest()
    # Keyed: a short answer from a known number could be guessed from a plain hash.
    return hmac.digest(ring.key(Purpose.BLIND_INDEX), b"sms-received\0" + hashed, "sha256")

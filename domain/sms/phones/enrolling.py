"""A telephone's way into the platform and out of it: made by an administrator, enrolled once by a code, revoked.

Each enrolment ends the one before it: a telephone that is enrolled anew leaves its old token behind.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from pydantic import SecretStr
from sqlmodel.ext.asyncio.session import AsyncSession
from uuid_utils.compat import uuid7

from datasources.cache.session_ends import sessions_ended
from datasources.hints import note_hint
from datasources.sql.audit_entry import AuditLog
from datasources.sql.sms_phone import SmsPhone
from datasources.sql.sms_phones import SmsPhones
from datasources.sql.sms_recalls import take_back_from
from datasources.stores import Stores
from domain.audit.actor import Actor
from domain.live.changes import note_sms_change
from domain.problems import NotFound
from domain.sms.desk import SmsDesk
from domain.sms.phones.secrets import code_hash, enrolment_id, new_code, new_token, token_hash

CODE_LIFETIME = timedelta(minutes=10)
SUBJECT = "sms_phone"


@dataclass(frozen=True, slots=True)
class Invitation:
    """A telephone that may be enrolled with this code, shown this once."""

    phone: SmsPhone
    code: SecretStr
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Enrolled:
    """A telephone with its token, said this once."""

    phone: SmsPhone
    token: SecretStr


@dataclass(frozen=True, slots=True)
class EnrolmentEnded:
    """The code is not, or no more, good for anything."""


@dataclass(frozen=True, slots=True)
class PhoneChange:
    """What an administrator changes of a telephone; None leaves it."""

    name: str | None = None
    sim_slot: int | None = None
    any_sim: bool = False
    """Leave the choice of the SIM to the telephone."""
    parts_per_half_hour: int | None = None
    parts_per_day: int | None = None
    paused: bool | None = None


async def add_phone(desk: SmsDesk, name: str, actor: Actor) -> Invitation:
    """Make a telephone and the code that enrols it."""
    code, expires_at = new_code(), actor.now + CODE_LIFETIME
    phone = SmsPhone(
        id=uuid7(),
        name=name,
        created_at=actor.now,
        code_hash=code_hash(code.get_secret_value()),
        code_expires_at=expires_at,
        parts_per_half_hour=desk.policy.parts_per_half_hour,
        parts_per_day=desk.policy.parts_per_day,
        sims=[],
    )
    async with desk.stores.sql.unit_of_work() as session:
        await SmsPhones(session).add(phone)
        await AuditLog(session).append(actor.act("SMS_PHONE_ADDED", SUBJECT, phone.id))
    return Invitation(phone, code, expires_at)


async def invite_again(stores: Stores, id: UUID, actor: Actor) -> Invitation | NotFound:
    """A fresh code for a telephone that is to be enrolled (anew). Its token holds until the code is used."""
    code, expires_at = new_code(), actor.now + CODE_LIFETIME
    async with stores.sql.unit_of_work() as session:
        values = {"code_hash": code_hash(code.get_secret_value()), "code_expires_at": expires_at}
        phone = await SmsPhones(session).change(id, values)
        if phone is None:
            return NotFound()
        await AuditLog(session).append(actor.act("SMS_PHONE_INVITED", SUBJECT, id))
    return Invitation(phone, code, expires_at)


async def enrol(stores: Stores, code: str, actor: Actor) -> Enrolled | EnrolmentEnded:
    """Exchange a code for the telephone's token, once."""
    token = new_token()
    async with stores.sql.unit_of_work() as session:
        phones = SmsPhones(session)
        before = await phones.by_code_hash(code_hash(code))
        if before is None:
            return EnrolmentEnded()
        old = before.token_hash
        phone = await phones.exchange(code_hash(code), token_hash(token.get_secret_value()), actor.now)
        if phone is None:
            return EnrolmentEnded()
        _end_connections(session, old)
        await AuditLog(session).append(actor.act("SMS_PHONE_ENROLLED", SUBJECT, phone.id))
    return Enrolled(phone, token)


async def revoke(stores: Stores, id: UUID, actor: Actor) -> SmsPhone | NotFound:
    """End a telephone for good: its connections at once, and what it has not begun goes to others."""
    ended = {"revoked_at": actor.now, "token_hash": None, "code_hash": None, "code_expires_at": None}
    async with stores.sql.unit_of_work() as session:
        phones = SmsPhones(session)
        before = await phones.locked(id)
        old = None if before is None else before.token_hash
        phone = await phones.change(id, ended)
        if phone is None:
            return NotFound()
        for kind in await take_back_from(session, id):
            note_sms_change(session, kind)
        _end_connections(session, old)
        await AuditLog(session).append(actor.act("SMS_PHONE_REVOKED", SUBJECT, id))
    return phone


async def change_phone(stores: Stores, id: UUID, change: PhoneChange, actor: Actor) -> SmsPhone | NotFound:
    """Change its name, SIM or quotas, pause it or let it go on."""
    values: dict[str, Any] = {
        name: value
        for name in ("name", "sim_slot", "parts_per_half_hour", "parts_per_day")
        if (value := getattr(change, name)) is not None
    }
    if change.any_sim:
        values["sim_slot"] = None
    if change.paused is not None:
        values["paused_at"] = actor.now if change.paused else None
    async with stores.sql.unit_of_work() as session:
        phones = SmsPhones(session)
        phone = await (phones.change(id, values) if values else phones.get(id))
        if phone is None:
            return NotFound()
        if change.paused:
            for kind in await take_back_from(session, id):
                note_sms_change(session, kind)
        elif change.paused is False:
            note_sms_change(session, "")
        detail = {name: value for name, value in values.items() if name != "paused_at"}
        if change.paused is not None:
            detail["paused"] = change.paused
        await AuditLog(session).append(actor.act("SMS_PHONE_CHANGED", SUBJECT, id, detail=detail))
    return phone


async def move_queue(stores: Stores, id: UUID, actor: Actor) -> int | NotFound:
    """Take back what a telephone has and has not begun, for others to send; how many."""
    async with stores.sql.unit_of_work() as session:
        if await SmsPhones(session).get(id) is None:
            return NotFound()
        kinds = await take_back_from(session, id)
        for kind in kinds:
            note_sms_change(session, kind)
        detail = {"messages": len(kinds)}
        await AuditLog(session).append(actor.act("SMS_QUEUE_MOVED", SUBJECT, id, detail=detail))
    return len(kinds)


def _end_connections(session: AsyncSession, old_token_hash: bytes | None) -> None:
    if old_token_hash is not None:
        note_hint(session, sessions_ended([enrolment_id(old_token_hash)]))

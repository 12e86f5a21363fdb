"""The platform's own telephones: what they are given, and what they report."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from pydantic import SecretStr

from datasources.sql.sms_message import SmsKind, SmsMessage, SmsState
from datasources.sql.sms_phones import SmsPhones
from datasources.sql.sms_steps import Taken
from domain.callers import SmsPhoneCaller
from domain.language import Words
from domain.live.outgoing_sms import watch_outgoing_sms
from domain.problems import FieldProblem, InvalidInput, NotAllowed, ProblemCode
from domain.refusals import Refusal, RefusalCode
from domain.sms.desk import SmsDesk
from domain.sms.opened import opened
from domain.sms.phones import enrolling, leasing, reports
from resolvers.audit import actor
from resolvers.context import RequestContext

MOST_REASON = 60
MOST_TEXT = 2_000
BEAT_SECONDS = 60

_PHONE_ONLY = Words("此操作只供平台的短信手机使用。", "Only the platform's own telephones may do this.")
_NO_TEXTS = Words("平台不发送短信。", "The platform sends no text messages.")
_REVOKED = Words("短信手机已吊销。", "The telephone was revoked.")
_ID = Words("请原样使用 outgoingSms 给出的 id。", "Use the id exactly as outgoingSms gave it.")
_LONG = Words("太长，最多 {most} 个字符。", "Too long: at most {most} characters.")
_PERCENT = Words("应为 0 到 100。", "From 0 to 100.")


@dataclass(frozen=True, slots=True)
class LeasedSms:
    """A message as the telephone that sends it sees it."""

    id: str
    attempt: int
    kind: SmsKind
    phone: str
    text: str
    sim_slot: int | None
    seconds_left: float


@dataclass(frozen=True, slots=True)
class Claimed:
    """The telephone may begin."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Reported:
    """Where the message stands."""

    state: SmsState


@dataclass(frozen=True, slots=True)
class Kept:
    """The received message is there."""

    is_new: bool


@dataclass(frozen=True, slots=True)
class Beaten:
    """The telephone was heard of."""

    next_in_seconds: int


async def watch_outgoing(context: RequestContext) -> AsyncGenerator[LeasedSms, None]:
    """What the caller is to send, as it is leased to it."""
    phone_id, desk = _caller(context).phone_id, texts_of(context)
    async with context.stores.sql.read() as session:
        phone = await SmsPhones(session).get(phone_id)
    if phone is None or phone.token_hash is None:
        raise Refusal(RefusalCode.TOKEN_INVALID, _REVOKED)
    messages = watch_outgoing_sms(desk, phone_id, context.clock)
    async with aclosing(messages):
        async for message in messages:
            yield await _leased(context, desk, message)


async def enrol(context: RequestContext, code: str) -> enrolling.Enrolled | NotAllowed | InvalidInput:
    """Exchange a code for a token."""
    enrolled = await enrolling.enrol(context.stores, code, actor(context))
    if isinstance(enrolled, enrolling.EnrolmentEnded):
        return NotAllowed(ProblemCode.SMS_ENROLMENT_ENDED)
    return enrolled


async def claim(context: RequestContext, id: str, attempt: int) -> Claimed | NotAllowed | InvalidInput:
    """The word to begin with, or that the message is not the caller's any more."""
    taken = _taken(context, id, attempt)
    if isinstance(taken, InvalidInput):
        return taken
    may = await leasing.claim(texts_of(context), taken, context.clock())
    return NotAllowed(ProblemCode.SMS_NOT_YOURS) if may is None else Claimed(may.seconds)


async def report(
    context: RequestContext, id: str, attempt: int, outcome: reports.PhoneReport, reason: str
) -> Reported | NotAllowed | InvalidInput:
    """What became of a message."""
    taken = _taken(context, id, attempt)
    if isinstance(taken, InvalidInput):
        return taken
    state = await reports.report(texts_of(context), taken, outcome, reason[:MOST_REASON], context.clock())
    return NotAllowed(ProblemCode.SMS_NOT_YOURS) if state is None else Reported(state)


async def receive(context: RequestContext, message: reports.Received) -> Kept | InvalidInput:
    """Keep what somebody wrote to the caller."""
    phone_id = _caller(context).phone_id
    for field, value in (("from", message.sender), ("text", message.text)):
        if len(value.get_secret_value()) > MOST_TEXT:
            return InvalidInput([FieldProblem(field, ProblemCode.TOO_LONG, _LONG, {"most": MOST_TEXT})])
    return Kept(await reports.receive(texts_of(context), phone_id, message, context.clock()))


async def beat(context: RequestContext, how: reports.Beat) -> Beaten | InvalidInput:
    """Note how the caller is."""
    phone_id = _caller(context).phone_id
    for field, value in (("batteryPercent", how.battery_percent), ("signalPercent", how.signal_percent)):
        if value is not None and not 0 <= value <= 100:
            return InvalidInput([FieldProblem(field, ProblemCode.OUT_OF_RANGE, _PERCENT)])
    await reports.beat(texts_of(context), phone_id, how, context.clock())
    return Beaten(BEAT_SECONDS)


def received(
    sender: str, text: str, sim_slot: int | None, sent_at: datetime | None, received_at: datetime | None, key: str
) -> reports.Received:
    """A received message as the domain knows it."""
    return reports.Received(SecretStr(sender), SecretStr(text), sim_slot, sent_at, received_at, key[:MOST_REASON])


def texts_of(context: RequestContext) -> SmsDesk:
    """What sends text messages. Refused (SMS_UNAVAILABLE) where nothing does."""
    if context.texts is None:
        raise Refusal(RefusalCode.SMS_UNAVAILABLE, _NO_TEXTS)
    return context.texts


def _caller(context: RequestContext) -> SmsPhoneCaller:
    if not isinstance(context.caller, SmsPhoneCaller):
        raise Refusal(RefusalCode.UNAUTHENTICATED, _PHONE_ONLY)
    return context.caller


def _taken(context: RequestContext, id: str, attempt: int) -> Taken | InvalidInput:
    phone_id = _caller(context).phone_id
    try:
        return Taken(UUID(id), attempt, phone_id)
    except ValueError:
        return InvalidInput([FieldProblem("id", ProblemCode.MALFORMED, _ID)])


async def _leased(context: RequestContext, desk: SmsDesk, message: SmsMessage) -> LeasedSms:
    content = opened(desk.ring, message)
    async with context.stores.sql.read() as session:
        phone = None if message.phone_id is None else await SmsPhones(session).get(message.phone_id)
    return LeasedSms(
        id=str(message.id),
        attempt=message.attempt,
        kind=SmsKind(message.kind),
        phone=content.phone.get_secret_value(),
        text=content.text.get_secret_value(),
        sim_slot=None if phone is None else phone.sim_slot,
        seconds_left=(message.expires_at - context.clock()).total_seconds(),
    )

"""One-time codes: asked for by phone, sent by text message, and proved once.

The code itself is in the message and nowhere else: stored is only its HMAC, bound to phone, purpose and challenge. So
a code is worth nothing to whoever lacks the challenge, which only the browser that asked for it has.

Nothing here looks at accounts: for a known and an unknown number the same is done, said, and takes the same time.
"""

import hmac
import math
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from pydantic import SecretStr

from datasources.cache.login_codes import (
    CODE_LIFETIME_MS,
    GAP_MS,
    CodePlace,
    LoginCodes,
    NoWork,
    Wait,
    WorkMark,
    Wrong,
)
from datasources.sealing import KeyRing, Purpose
from datasources.sms.sender import CodeMessage, Sender
from datasources.stores import Stores
from domain.identity.networks import network_of
from domain.identity.proof_of_work import Work, WorkDone, WorkNeeded, WrongWork, judge_work, new_challenge
from domain.language import Language, Words
from domain.refusals import Refusal, RefusalCode

DIGITS = 6
CODE_LIFETIME = timedelta(milliseconds=CODE_LIFETIME_MS)
PHONE_INDEX = "phone"

_TEXTS_UNAVAILABLE = Words(
    "平台尚未接通短信服务，暂时无法发送验证码。",
    "The platform has no way to send text messages yet, so no code can be sent.",
)


class CodePurpose(StrEnum):
    """What a code proves. A code for one purpose is worth nothing for another."""

    SIGN_IN = "SIGN_IN"
    OLD_PHONE = "OLD_PHONE"
    NEW_PHONE = "NEW_PHONE"
    BIND_WECHAT = "BIND_WECHAT"
    REVEAL = "REVEAL"
    BOOKING = "BOOKING"
    EXPORT = "EXPORT"


_MESSAGES = {
    CodePurpose.BIND_WECHAT: Words(
        "【HTBooking】您正在将微信与此手机号绑定，验证码 {code}，{minutes} 分钟内有效。若非本人操作，请勿告诉任何人。",
        "[HTBooking] {code} links a WeChat account to this phone number, valid for {minutes} minutes. "
        "Tell nobody, least of all if this wasn't you.",
    ),
    CodePurpose.SIGN_IN: Words(
        "【HTBooking】登录验证码 {code}，{minutes} 分钟内有效。请勿告诉任何人，工作人员不会索要。",
        "[HTBooking] {code} is your sign-in code, valid for {minutes} minutes. Tell nobody; our staff never ask.",
    ),
    CodePurpose.OLD_PHONE: Words(
        "【HTBooking】您正在更换手机号，原手机验证码 {code}，{minutes} 分钟内有效。若非本人操作，请勿告诉任何人。",
        "[HTBooking] {code} confirms leaving this phone number, valid for {minutes} minutes. "
        "Tell nobody, least of all if this wasn't you.",
    ),
    CodePurpose.NEW_PHONE: Words(
        "【HTBooking】您正在绑定此手机号，验证码 {code}，{minutes} 分钟内有效。请勿告诉任何人。",
        "[HTBooking] {code} confirms this as your new phone number, valid for {minutes} minutes. Tell nobody.",
    ),
    CodePurpose.REVEAL: Words(
        "【HTBooking】查看就诊人完整信息的验证码 {code}，{minutes} 分钟内有效。若非本人操作，请勿告诉任何人。",
        "[HTBooking] {code} shows a patient's full details, valid for {minutes} minutes. "
        "Tell nobody, least of all if this wasn't you.",
    ),
    CodePurpose.BOOKING: Words(
        "【HTBooking】预约挂号验证码 {code}，{minutes} 分钟内有效。若非本人操作，请勿告诉任何人。",
        "[HTBooking] {code} confirms your next booking, valid for {minutes} minutes. "
        "Tell nobody, least of all if this wasn't you.",
    ),
    CodePurpose.EXPORT: Words(
        "【HTBooking】导出您全部个人数据的验证码 {code}，{minutes} 分钟内有效。若非本人操作，请勿告诉任何人。",
        "[HTBooking] {code} exports all your personal data, valid for {minutes} minutes. "
        "Tell nobody, least of all if this wasn't you.",
    ),
}


@dataclass(frozen=True, slots=True)
class CodeSent:
    """A code is on its way. The challenge goes back with the code."""

    challenge_id: str
    retry_after_seconds: int
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class TooManyCodes:
    """Too many codes were asked for: by this phone, from this network, or by everybody."""

    retry_after_seconds: int


@dataclass(frozen=True, slots=True)
class WrongCode:
    """Not the code that was sent. Without tries left a new one is needed."""

    tries_left: int


@dataclass(frozen=True, slots=True)
class TooManyTries:
    """Too many wrong codes for this phone or from this network; the code was not looked at."""

    retry_after_seconds: int


@dataclass(frozen=True, slots=True)
class Proof:
    """A code as it came back, with the challenge that its sending was answered by."""

    challenge_id: str
    code: SecretStr


@dataclass(frozen=True, slots=True)
class Desk:
    """What giving out and checking codes works with."""

    stores: Stores
    ring: KeyRing
    sender: Sender | None
    """None: the installation cannot send text messages."""
    work_difficulty: int
    """How hard the work is that visitors do before further codes; 0: none is asked for."""


@dataclass(frozen=True, slots=True)
class _Draft:
    """A code that is not live yet."""

    place: CodePlace
    challenge: str
    code: str
    code_hash: str


async def send_code(
    desk: Desk, phone: str, purpose: CodePurpose, *, address: str, language: Language, now: datetime
) -> CodeSent | TooManyCodes:
    """Send a fresh code to the phone (in E.164) of somebody who is signed in; it replaces the one before it.

    Raises Refusal (SMS_UNAVAILABLE) when no text messages can be sent, and the store's error when Redis is down.
    """
    sender = await _sender_of(desk, now)
    draft = _draft(desk, phone, purpose, address)
    wait = await LoginCodes(desk.stores.redis).issue(draft.place, draft.challenge, draft.code_hash, now)
    if wait is not None:
        return TooManyCodes(_seconds(wait))
    return await _deliver(sender, phone, purpose, draft, language, now)


async def send_code_to_visitor(
    desk: Desk, phone: str, purpose: CodePurpose, work: Work | None, *, address: str, language: Language, now: datetime
) -> CodeSent | TooManyCodes | WorkNeeded | WrongWork:
    """Send a fresh code to a phone (in E.164) that somebody unknown names, as `send_code` does.

    From the third code of a day on, of that phone or that network, it costs work; each work counts for one code.
    """
    if desk.work_difficulty == 0:
        return await send_code(desk, phone, purpose, address=address, language=language, now=now)
    sender = await _sender_of(desk, now)
    draft = _draft(desk, phone, purpose, address)
    key, subject = desk.ring.key(Purpose.PROOF_OF_WORK), f"{draft.place.phone}|{purpose}"
    done = None if work is None else judge_work(key, subject, work, now)
    if isinstance(done, WrongWork):
        return done
    refused = await LoginCodes(desk.stores.redis).issue_for_work(
        draft.place, draft.challenge, draft.code_hash, now, None if done is None else _mark(done, now)
    )
    if isinstance(refused, NoWork):
        return new_challenge(key, subject, desk.work_difficulty, secrets.token_bytes(8), now)
    if refused is not None:
        return TooManyCodes(_seconds(refused))
    return await _deliver(sender, phone, purpose, draft, language, now)


async def prove_code(
    desk: Desk,
    phone: str,
    purpose: CodePurpose,
    proof: Proof,
    *,
    address: str,
    now: datetime,
    spend: bool = True,
) -> WrongCode | TooManyTries | None:
    """Try a code. None: it was right, and is used up, unless it is only looked at first (`spend=False`)."""
    answer = await LoginCodes(desk.stores.redis).attempt(
        _place(desk.ring, phone, purpose, address),
        proof.challenge_id,
        _hash(desk.ring, phone, purpose, proof.challenge_id, proof.code.get_secret_value()),
        secrets.token_hex(8),
        now,
        spend=spend,
    )
    if isinstance(answer, Wrong):
        return WrongCode(answer.tries_left)
    if isinstance(answer, Wait):
        return TooManyTries(_seconds(answer))
    return None


def phone_index(ring: KeyRing, phone: str) -> bytes:
    """The blind index by which a phone (in E.164) is found."""
    return ring.blind_index(PHONE_INDEX, phone)


async def _sender_of(desk: Desk, now: datetime) -> Sender:
    if desk.sender is None or not await desk.sender.is_available(now):
        raise Refusal(RefusalCode.SMS_UNAVAILABLE, _TEXTS_UNAVAILABLE)
    return desk.sender


def _draft(desk: Desk, phone: str, purpose: CodePurpose, address: str) -> _Draft:
    challenge = secrets.token_urlsafe(24)
    code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"
    place = _place(desk.ring, phone, purpose, address)
    return _Draft(place, challenge, code, _hash(desk.ring, phone, purpose, challenge, code))


async def _deliver(
    sender: Sender, phone: str, purpose: CodePurpose, draft: _Draft, language: Language, now: datetime
) -> CodeSent:
    minutes = CODE_LIFETIME // timedelta(minutes=1)
    text = _MESSAGES[purpose].say(language, code=draft.code, minutes=minutes)
    await sender.send_code(
        CodeMessage(
            phone=SecretStr(phone),
            code=SecretStr(draft.code),
            text=SecretStr(text),
            purpose=f"code.{purpose.lower()}",
            template=f"code.{purpose.lower()}.{language}",
            minutes=minutes,
            asked_at=now,
            expires_at=now + CODE_LIFETIME,
        )
    )
    return CodeSent(draft.challenge, GAP_MS // 1000, now + CODE_LIFETIME)


def _mark(done: WorkDone, now: datetime) -> WorkMark:
    return WorkMark(done.name, max(1, (done.expires_at - now) // timedelta(milliseconds=1)))


def _place(ring: KeyRing, phone: str, purpose: CodePurpose, address: str) -> CodePlace:
    return CodePlace(phone_index(ring, phone).hex(), purpose.value, network_of(address))


def _hash(ring: KeyRing, phone: str, purpose: CodePurpose, challenge: str, code: str) -> str:
    # No part holds a bar: the phone and the code are digits by now, and a challenge with one is nobody's.
    message = f"{phone}|{purpose}|{challenge}|{code}".encode()
    return hmac.digest(ring.key(Purpose.ONE_TIME_CODE), message, "sha256").hex()


def _seconds(wait: Wait) -> int:
    return math.ceil(wait.milliseconds / 1000)

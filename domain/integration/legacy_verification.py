"""Proves that a form of the older protocol comes from the hospital that it names, is fresh and comes once.

To the protocol's own signature this adds what it lacks: the timestamp must be near, each signature counts once, and
values that hold the separator are refused, since they could be cut elsewhere and still sign the same.
"""

import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import Enum

from pydantic import SecretBytes

from datasources.cache.nonces import Nonces
from datasources.sealing import KeyRing
from datasources.sql.legacy_key import LegacyKeys
from datasources.stores import Stores
from domain.callers import HospitalSystem
from domain.clock import Clock
from domain.integration.legacy_keys import SEALED_FIELD
from domain.integration.legacy_signature import SEPARATOR, SIGNATURE, legacy_signature
from domain.language import Language, Words

HOSPITAL = "hoscode"
TIMESTAMP = "timestamp"
WINDOW = timedelta(minutes=5)
KEY_ID = "legacy"
_NOTED_EVERY = timedelta(minutes=1)
_MILLISECONDS_FROM = 10**12
_MOST_DIGITS = 13
_NOBODYS_KEY = SecretBytes(b"0" * 32)


class Fault(Enum):
    """Why a form isn't taken."""

    MALFORMED = "malformed"
    EXPIRED = "expired"
    WRONG = "wrong"
    REPLAYED = "replayed"


class LegacyRefused(Exception):  # noqa: N818 - an answer, not a fault
    """The form isn't taken; nothing was done."""

    def __init__(self, fault: Fault, words: Words, **values: object) -> None:
        self.fault = fault
        self._words = words
        self._values = values
        super().__init__(words.say(Language.ENGLISH, **values))

    def say(self, language: Language) -> str:
        """Why, in this language."""
        return self._words.say(language, **self._values)


_MISSING = Words("缺少参数 {name}。", "The parameter {name} is missing.")
_SEPARATOR = Words(
    "参数 {name} 含有“|”：签名分不清它属于哪个值，请去掉。",
    "The parameter {name} holds a |, by which the signature could mean other values; leave it out.",
)
_BAD_TIME = Words("timestamp 应为 Unix 时间，秒或毫秒。", "timestamp must be Unix time, in seconds or milliseconds.")
_EXPIRED = Words(
    "timestamp 与服务器时间 {server} 相差超过 5 分钟，请校准时钟。",
    "timestamp is more than 5 minutes from the server's {server}; set the clock.",
)
_WRONG = Words(
    "签名不正确，或该医院未启用旧接口。", "The signature is wrong, or the hospital has no key for this protocol."
)
_REPLAYED = Words(
    "这个签名已经用过；再次提交请用新的 timestamp 重新签名。",
    "This signature was used before; to send it again, sign it anew with a new timestamp.",
)


class LegacyVerifier:
    """One per process."""

    def __init__(self, stores: Stores, ring: KeyRing, clock: Clock) -> None:
        self._stores = stores
        self._ring = ring
        self._nonces = Nonces(stores.redis)
        self._clock = clock

    async def prove(self, values: Mapping[str, str]) -> HospitalSystem:
        """The hospital whose system signed these values. Raises LegacyRefused."""
        for name in (HOSPITAL, TIMESTAMP, SIGNATURE):
            if not values.get(name):
                raise LegacyRefused(Fault.MALFORMED, _MISSING, name=name)
        held = next((name for name, value in values.items() if SEPARATOR in value), None)
        if held is not None:
            raise LegacyRefused(Fault.MALFORMED, _SEPARATOR, name=held[:40])
        now = self._clock()
        _check_time(values[TIMESTAMP], now)
        code = values[HOSPITAL]
        async with self._stores.sql.read() as session:
            row = await LegacyKeys(session).get(code)
        # Whoever has no key costs the same work.
        key = _NOBODYS_KEY if row is None else self._ring.open(SEALED_FIELD, code, row.sealed_key)
        right = legacy_signature(values, key.get_secret_value().decode())
        holds = hmac.compare_digest(right.encode(), values[SIGNATURE].lower().encode())
        if row is None or not holds:
            raise LegacyRefused(Fault.WRONG, _WRONG)
        # Last, so that nobody uses up signatures that they can't make.
        if not await self._nonces.spend(f"{KEY_ID}.{code}", right):
            raise LegacyRefused(Fault.REPLAYED, _REPLAYED)
        if row.last_used_at is None or row.last_used_at <= now - _NOTED_EVERY:
            async with self._stores.sql.unit_of_work() as session:
                await LegacyKeys(session).mark_used(code, now, unless_since=now - _NOTED_EVERY)
        return HospitalSystem(code, KEY_ID)


def _check_time(text: str, now: datetime) -> None:
    if not (text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS):
        raise LegacyRefused(Fault.MALFORMED, _BAD_TIME)
    stated = int(text) / 1000 if int(text) >= _MILLISECONDS_FROM else int(text)
    if abs(stated - now.timestamp()) > WINDOW.total_seconds():
        raise LegacyRefused(Fault.EXPIRED, _EXPIRED, server=int(now.timestamp()))

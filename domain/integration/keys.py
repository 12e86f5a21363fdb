"""A hospital's integration keys: issued once and shown once, listed without their secrets, revoked for good."""

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from pydantic import SecretBytes, SecretStr
from sqlmodel.ext.asyncio.session import AsyncSession

from datasources.cache.session_ends import key_revoked
from datasources.hints import note_hint
from datasources.sealing import KeyRing
from datasources.sql.integration_key import IntegrationKey, IntegrationKeys
from domain.language import Language, Words

MOST_LIVE_KEYS = 2
"""One in use and one to change over to."""
LONGEST_LABEL = 64
SECRET_BYTES = 32
SEALED_FIELD = "integration_key.sealed_secret"

_NO_HOSPITAL = Words(
    "没有编码为 {hospital_code} 的医院，请核对编码。",
    "There is no hospital with the code {hospital_code}. Check the code.",
)
_TOO_MANY = Words(
    "医院 {hospital_code} 已有 {count} 个有效密钥（{key_ids}），最多 {most} 个。请先吊销其中一个。",
    "The hospital {hospital_code} has {count} live keys ({key_ids}); the most is {most}. Revoke one first.",
)
_LONG_LABEL = Words(
    "密钥备注有 {length} 个字符，最多 {most} 个。",
    "The label has {length} characters; the most is {most}.",
)
_NO_KEY = Words(
    "没有编号为 {key_id} 的密钥，请核对编号。",
    "There is no key with the id {key_id}. Check the id.",
)


class KeyProblem(Exception):  # noqa: N818 - told to the person who asked, not a fault
    """Why a key can't be issued or revoked, with what to do about it."""

    def __init__(self, words: Words, **values: object) -> None:
        self._words = words
        self._values = values
        super().__init__(words.say(Language.ENGLISH, **values))

    def say(self, language: Language) -> str:
        """The message in this language."""
        return self._words.say(language, **self._values)


class HospitalNotFound(KeyProblem):
    """No hospital account has this code."""

    def __init__(self, hospital_code: str) -> None:
        self.hospital_code = hospital_code
        super().__init__(_NO_HOSPITAL, hospital_code=hospital_code)


class TooManyLiveKeys(KeyProblem):
    """The hospital holds as many live keys as it may."""

    def __init__(self, hospital_code: str, key_ids: list[str]) -> None:
        self.hospital_code = hospital_code
        self.key_ids = key_ids
        super().__init__(
            _TOO_MANY,
            hospital_code=hospital_code,
            key_ids=", ".join(key_ids),
            count=len(key_ids),
            most=MOST_LIVE_KEYS,
        )


class LabelTooLong(KeyProblem):
    """The label has more characters than a list can show."""

    def __init__(self, length: int) -> None:
        self.length = length
        super().__init__(_LONG_LABEL, length=length, most=LONGEST_LABEL)


class KeyNotFound(KeyProblem):
    """No key has this id."""

    def __init__(self, key_id: str) -> None:
        self.key_id = key_id
        super().__init__(_NO_KEY, key_id=key_id)


@dataclass(frozen=True, slots=True)
class IssuedKey:
    """A key just made: the only moment at which anyone sees its secret."""

    key_id: str
    hospital_code: str
    secret: SecretStr
    """The HMAC key is this text's own bytes. It isn't decoded from base64."""


@dataclass(frozen=True, slots=True)
class KeySummary:
    """What may be shown of a key afterwards."""

    key_id: str
    hospital_code: str
    label: str
    created_at: datetime
    last_used_at: datetime | None
    """Exact to a minute."""
    revoked_at: datetime | None
    ends_at: datetime | None
    """From when it is refused, where another has taken its place."""

    def is_live(self, now: datetime) -> bool:
        """Whether it still proves who calls."""
        return self.revoked_at is None and (self.ends_at is None or now < self.ends_at)


@dataclass(frozen=True, slots=True)
class Revocation:
    """A key's end."""

    key_id: str
    revoked_at: datetime
    by_this_call: bool
    """False when it had been revoked before; the first time stays."""


async def issue_key(session: AsyncSession, ring: KeyRing, hospital_code: str, label: str = "") -> IssuedKey:
    """Make a key for the hospital, within the caller's unit of work. The platform keeps the secret only sealed.

    Raises HospitalNotFound, TooManyLiveKeys or LabelTooLong.
    """
    label = label.strip()
    if len(label) > LONGEST_LABEL:
        raise LabelTooLong(len(label))
    keys = IntegrationKeys(session)
    # Locked before counting: two issues at once must not both see one live key.
    if not await keys.lock_hospital(hospital_code):
        raise HospitalNotFound(hospital_code)
    live = await keys.live_ids(hospital_code)
    if len(live) >= MOST_LIVE_KEYS:
        raise TooManyLiveKeys(hospital_code, live)
    key_id = f"hk_{secrets.token_hex(10)}"
    secret = secrets.token_urlsafe(SECRET_BYTES)
    sealed = ring.seal(SEALED_FIELD, key_id, SecretBytes(secret.encode()))
    await keys.add(IntegrationKey(key_id=key_id, hospital_code=hospital_code, label=label, sealed_secret=sealed))
    return IssuedKey(key_id, hospital_code, SecretStr(secret))


async def revoke_key(session: AsyncSession, key_id: str, now: datetime) -> Revocation:
    """End a key for good, within the caller's unit of work. Revoking again changes nothing. Raises KeyNotFound.

    Every process refuses the key at most `known_keys.REMEMBERED_SECONDS` after the commit, and ends the connections
    that it opened.
    """
    keys = IntegrationKeys(session)
    by_this_call = await keys.revoke(key_id, now)
    note_hint(session, key_revoked(key_id))
    key = await keys.get(key_id)
    if key is None or key.revoked_at is None:
        raise KeyNotFound(key_id)
    return Revocation(key_id, key.revoked_at, by_this_call)


async def live_keys(session: AsyncSession, key_ids: Collection[str], now: datetime) -> frozenset[str]:
    """Those of these keys that have not ended."""
    return frozenset(await IntegrationKeys(session).live_among(key_ids, now))


async def list_keys(session: AsyncSession, hospital_code: str | None = None) -> list[KeySummary]:
    """One hospital's keys, or everybody's, revoked ones included, by hospital and then oldest first."""
    return [summary(key) for key in await IntegrationKeys(session).in_order(hospital_code)]


def summary(key: IntegrationKey) -> KeySummary:
    """What may be shown of the key."""
    assert key.created_at is not None, "the database sets it"
    return KeySummary(
        key_id=key.key_id,
        hospital_code=key.hospital_code,
        label=key.label,
        created_at=key.created_at,
        last_used_at=key.last_used_at,
        revoked_at=key.revoked_at,
        ends_at=key.ends_at,
    )

"""A hospital's key for the older form protocol: given or made, kept sealed, replaced, forgotten."""

import secrets
from collections.abc import Sequence
from datetime import datetime

from pydantic import SecretBytes, SecretStr
from sqlmodel.ext.asyncio.session import AsyncSession

from datasources.sealing import KeyRing
from datasources.sql.hospital_account import HospitalAccounts
from datasources.sql.legacy_key import LegacyKey, LegacyKeys
from domain.integration.keys import HospitalNotFound, KeyProblem
from domain.language import Words

SEALED_FIELD = "legacy_key.sealed_key"
SHORTEST, LONGEST = 16, 128
_MADE_BYTES = 16

_BAD_KEY = Words(
    "旧接口密钥须为 {shortest} 至 {longest} 个可见的 ASCII 字符。",
    "A key of the older protocol has {shortest} to {longest} visible ASCII characters.",
)


class BadLegacyKey(KeyProblem):
    """The key that was given can't be one."""

    def __init__(self) -> None:
        super().__init__(_BAD_KEY, shortest=SHORTEST, longest=LONGEST)


async def set_legacy_key(
    session: AsyncSession, ring: KeyRing, hospital_code: str, given: SecretStr | None, now: datetime
) -> SecretStr:
    """Let the hospital sign with this key, or with a new one, and no other; the key, to be shown once.

    Raises HospitalNotFound, or BadLegacyKey for one that is too short to be a secret.
    """
    key = secrets.token_hex(_MADE_BYTES) if given is None else given.get_secret_value()
    if not SHORTEST <= len(key) <= LONGEST or not all("!" <= character <= "~" for character in key):
        raise BadLegacyKey
    if await HospitalAccounts(session).get(hospital_code) is None:
        raise HospitalNotFound(hospital_code)
    sealed = ring.seal(SEALED_FIELD, hospital_code, SecretBytes(key.encode()))
    await LegacyKeys(session).put(LegacyKey(hospital_code=hospital_code, sealed_key=sealed, created_at=now))
    return SecretStr(key)


async def remove_legacy_key(session: AsyncSession, hospital_code: str) -> bool:
    """Whether the hospital had one; it signs by the older protocol no more."""
    return await LegacyKeys(session).remove(hospital_code)


async def list_legacy_keys(session: AsyncSession) -> Sequence[LegacyKey]:
    """Which hospitals have one."""
    return await LegacyKeys(session).in_order()

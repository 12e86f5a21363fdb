"""An application's number and the receipt that shows how it stands without signing in."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime

from datasources.sql.hospital_application import ApplicationState
from datasources.sql.hospital_application_reads import HospitalApplicationReads
from datasources.stores import Stores
from domain.identity.guesses import count_guess, uncount_guess

# Without 0, O, 1, I, L and U: nothing to misread, and no words.
_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
_PREFIX = "HA"
_NUMBER_LENGTH = 10
_CODE_LENGTH = 24
"""117 bits."""
_GUESS = "receipt"


@dataclass(frozen=True, slots=True)
class ReceiptView:
    """How an application stands. Nobody's name, phone or file is in it."""

    number: str
    hospital_name: str
    state: ApplicationState
    submitted_at: datetime
    decided_at: datetime | None
    reason: str | None


def new_number() -> str:
    """`HA` and ten characters (49 bits): not to be counted through."""
    return _PREFIX + _random(_NUMBER_LENGTH)


def new_code() -> str:
    """What proves that somebody was given the receipt, in groups of four."""
    code = _random(_CODE_LENGTH)
    return "-".join(code[at : at + 4] for at in range(0, _CODE_LENGTH, 4))


def code_hash(code: str) -> bytes:
    """What is kept of the code. A random one of this length can't be guessed from a plain hash."""
    normal = code.replace("-", "").replace(" ", "").upper()
    return hashlib.sha256(normal.encode()).digest()


async def look_up(stores: Stores, number: str, code: str, address: str) -> ReceiptView | None:
    """How the application stands; None for a number that is none and for a wrong code alike. Refused (RATE_LIMITED)
    after too many of those."""
    await count_guess(stores, _GUESS, address)
    async with stores.sql.read() as session:
        found = await HospitalApplicationReads(session).by_number(number.strip().upper())
    if found is None or not hmac.compare_digest(found.receipt_hash, code_hash(code)):
        return None
    await uncount_guess(stores, _GUESS, address)
    return ReceiptView(
        found.number,
        found.name,
        ApplicationState(found.state),
        found.submitted_at,
        found.decided_at,
        found.reason,
    )


def _random(length: int) -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))

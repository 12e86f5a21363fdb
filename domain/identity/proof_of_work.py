"""Work that a computer does before one more code is sent: little for a person, much for whoever wants thousands. Pure.

A challenge is, in base64url, 1 byte of difficulty, 5 of the expiry (seconds since 1970, big-endian), 8 random ones and
the first 16 of HMAC-SHA256 over those 14 and the subject that it was made for. Nothing is kept of it, nobody else can
make one, and it is worth nothing for another phone or purpose. It is solved by a nonce, at most 20 decimal digits, such
that SHA-256 of `challenge.nonce` begins with as many zero bits as the difficulty says. All of that, with a common
nonce, fits one block of SHA-256, so a try costs everybody the same single step. docs/proof-of-work.md has test vectors.
"""

import base64
import hashlib
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count

LIFETIME = timedelta(minutes=5)
DEFAULT_DIFFICULTY = 19
"""2^19 tries on average: about a quarter of a second in a browser on a computer, a second on a phone."""
HARDEST = 32
MOST_NONCE_DIGITS = 20

_DIFFICULTY_BYTES = 1
_EXPIRY_BYTES = 5
_RANDOM_BYTES = 8
_SAID_BYTES = _DIFFICULTY_BYTES + _EXPIRY_BYTES + _RANDOM_BYTES
_MARK_BYTES = 16
_TEXT_LENGTH = (_SAID_BYTES + _MARK_BYTES) * 4 // 3


@dataclass(frozen=True, slots=True)
class WorkNeeded:
    """What has to be solved first, and until when."""

    challenge: str
    difficulty: int
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Work:
    """A solution as it came."""

    challenge: str
    nonce: str


@dataclass(frozen=True, slots=True)
class WorkDone:
    """A right solution of a live challenge. Whether it was used before is the store's to say, by `name`."""

    name: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class WrongWork:
    """The nonce does not solve its challenge."""

    difficulty: int


def new_challenge(key: bytes, subject: str, difficulty: int, randomness: bytes, now: datetime) -> WorkNeeded:
    """A challenge for this subject. `randomness` is 8 fresh bytes, which tell it from every other."""
    expiry = int((now + LIFETIME).timestamp())
    said = difficulty.to_bytes(_DIFFICULTY_BYTES, "big") + expiry.to_bytes(_EXPIRY_BYTES, "big") + randomness
    return WorkNeeded(_text(key, subject, said), difficulty, datetime.fromtimestamp(expiry, UTC))


def judge_work(key: bytes, subject: str, work: Work, now: datetime) -> WorkDone | WrongWork | None:
    """What a solution is worth. None: the challenge is not one that was made for this subject, or it has expired."""
    if len(work.challenge) != _TEXT_LENGTH or not work.challenge.isascii():
        return None
    try:
        said = base64.b64decode(work.challenge, altchars=b"-_", validate=True)[:_SAID_BYTES]
    except ValueError:
        return None
    if not hmac.compare_digest(work.challenge.encode(), _text(key, subject, said).encode()):
        return None
    difficulty = said[0]
    expires_at = datetime.fromtimestamp(int.from_bytes(said[1 : 1 + _EXPIRY_BYTES], "big"), UTC)
    if expires_at <= now:
        return None
    if not solves(work.challenge, work.nonce, difficulty):
        return WrongWork(difficulty)
    return WorkDone(said[-_RANDOM_BYTES:].hex(), expires_at)


def solves(challenge: str, nonce: str, difficulty: int) -> bool:
    """Whether this nonce is a solution."""
    if not (nonce.isascii() and nonce.isdecimal() and len(nonce) <= MOST_NONCE_DIGITS):
        return False
    digest = hashlib.sha256(f"{challenge}.{nonce}".encode()).digest()
    return int.from_bytes(digest, "big") >> (256 - difficulty) == 0


def solve(challenge: str, difficulty: int) -> str:
    """The smallest nonce that is a solution, by trying; 2^difficulty tries on average."""
    return next(nonce for nonce in map(str, count()) if solves(challenge, nonce, difficulty))


def _text(key: bytes, subject: str, said: bytes) -> str:
    mark = hmac.digest(key, said + subject.encode(), "sha256")[:_MARK_BYTES]
    return base64.urlsafe_b64encode(said + mark).decode()

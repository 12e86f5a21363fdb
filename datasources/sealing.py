"""Seals single values for storage: unreadable without the root key, and worthless in any other row or column.

A sealed record is `0x01 | key id (2 bytes, big-endian) | nonce (12) | ciphertext with its tag`, by AES-256-GCM-SIV
(RFC 8452), which stays safe should a nonce ever repeat. Its place, `table.column:row id`, is bound in as associated
data.
"""

import hmac
import re
import secrets
from collections.abc import Mapping
from enum import StrEnum

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from pydantic import SecretBytes

ROOT_BYTES = 32
FORMAT = 1
NONCE_BYTES = 12
HEAD_BYTES = 1 + 2 + NONCE_BYTES
TAG_BYTES = 16
LARGEST_KEY_ID = 0xFFFF

_FIELD = re.compile(r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*")


class Purpose(StrEnum):
    """What a derived key is for. One purpose's key says nothing about another's."""

    FIELD = "field"
    BLIND_INDEX = "blind-index"
    ACCESS_TOKEN = "access-token"  # noqa: S105 - the purpose's name
    ONE_TIME_CODE = "one-time-code"
    FILE = "file"
    LINK = "link"
    CHECK_IN = "check-in"
    PROOF_OF_WORK = "proof-of-work"


class SealError(Exception):
    """A sealed record doesn't open. The message names its place and the likely cause, never its content."""


def derived_key(root: bytes, purpose: Purpose) -> bytes:
    """The 32-byte key for this purpose, by HKDF-SHA256 (RFC 5869) from a root key of 32 bytes."""
    if len(root) != ROOT_BYTES:
        raise ValueError(f"a root key has {ROOT_BYTES} bytes, this one has {len(root)}")
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=f"htbooking/1/{purpose}".encode()).derive(root)


class KeyRing:
    """Root keys by their id: seals with the active one, opens with any, so that the root can be rotated."""

    def __init__(self, roots: Mapping[int, bytes], *, active: int) -> None:
        if active not in roots:
            raise ValueError(f"the active key {active} is not in the ring")
        if not all(0 <= key_id <= LARGEST_KEY_ID for key_id in roots):
            raise ValueError(f"a key id is a number from 0 to {LARGEST_KEY_ID}")
        self._active = active
        self._lasting = min(roots)
        self._roots = dict(roots)
        self._ciphers = {key_id: AESGCMSIV(derived_key(root, Purpose.FIELD)) for key_id, root in roots.items()}
        self._derived: dict[Purpose, dict[int, bytes]] = {}

    @classmethod
    def of(cls, root: bytes) -> "KeyRing":
        """A ring of one root key, with id 1."""
        return cls({1: root}, active=1)

    def key(self, purpose: Purpose) -> bytes:
        """The 32-byte key for a purpose other than sealing. It stays the oldest root (lowest id) when
        roots are rotated: an index made with it must still find what was stored before. So that root never leaves."""
        return self.keys(purpose)[self._lasting]

    @property
    def active(self) -> int:
        """The id of the root key that new records and tokens are made with."""
        return self._active

    def keys(self, purpose: Purpose) -> Mapping[int, bytes]:
        """This purpose's 32-byte key of each root by the root's id, for what names the key it was made with."""
        derived = self._derived.get(purpose)
        if derived is None:
            derived = {key_id: derived_key(root, purpose) for key_id, root in self._roots.items()}
            self._derived[purpose] = derived
        return derived

    def blind_index(self, kind: str, normal_value: str) -> bytes:
        """16 bytes by which an equal value is found again without showing it: HMAC-SHA256, keyed, per kind."""
        message = kind.encode() + b"\0" + normal_value.encode()
        return hmac.digest(self.key(Purpose.BLIND_INDEX), message, "sha256")[:16]

    def seal(self, field: str, row_id: str, clear: SecretBytes) -> bytes:
        """The record to store in this row's field (`table.column`). Sealing twice gives two different records."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        head = bytes([FORMAT]) + self._active.to_bytes(2, "big") + nonce
        return head + self._ciphers[self._active].encrypt(nonce, clear.get_secret_value(), _place(field, row_id))

    def open(self, field: str, row_id: str, record: bytes) -> SecretBytes:
        """The clear value, wrapped so that no log shows it. Raises SealError."""
        place = _place(field, row_id)
        if len(record) < HEAD_BYTES + TAG_BYTES or record[0] != FORMAT:
            raise SealError(f"{place.decode()}: not a sealed record of format {FORMAT}")
        key_id = int.from_bytes(record[1:3], "big")
        cipher = self._ciphers.get(key_id)
        if cipher is None:
            raise SealError(
                f"{place.decode()}: sealed with key {key_id}, but the ring holds {sorted(self._ciphers)}; "
                "is the root key file the one that belongs to this database?"
            )
        try:
            return SecretBytes(cipher.decrypt(record[3:HEAD_BYTES], record[HEAD_BYTES:], place))
        except InvalidTag:
            raise SealError(
                f"{place.decode()}: key {key_id} doesn't open it; the record was altered or moved from another row, "
                "or the root key is not the one that belongs to this database"
            ) from None

    def __repr__(self) -> str:
        return f"KeyRing(ids={sorted(self._ciphers)}, active={self._active})"


def _place(field: str, row_id: str) -> bytes:
    if not _FIELD.fullmatch(field):
        raise ValueError(f"a field is written table.column, not {field!r}")
    return f"{field}:{row_id}".encode()

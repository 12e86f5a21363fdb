"""The text that an order's QR code holds: proof, to be shown at the hospital, of which order it is. Pure.

`HTC1.` and, in base64url without padding, 16 bytes of the order's id, 5 of the expiry (seconds since 1970, big-endian)
and the first 16 of HMAC-SHA256 over `HTC1.` and those 21. It names nobody, and cannot be made without the key.
"""

import base64
import binascii
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from datasources.sealing import KeyRing, Purpose

PREFIX = "HTC1."
_ID_BYTES = 16
_EXPIRY_BYTES = 5
_MARK_BYTES = 16
_BYTES = _ID_BYTES + _EXPIRY_BYTES + _MARK_BYTES
_TEXT_LENGTH = len(PREFIX) + -(-_BYTES * 4 // 3)


@dataclass(frozen=True, slots=True)
class CheckInCode:
    """What a genuine code says."""

    order_id: UUID
    expires_at: datetime
    """The code holds up to this second."""


def check_in_code(ring: KeyRing, order_id: UUID, expires_at: datetime) -> str:
    """The code of an order, good up to `expires_at`."""
    return _code(ring, order_id.bytes + int(expires_at.timestamp()).to_bytes(_EXPIRY_BYTES, "big"))


def read_check_in_code(ring: KeyRing, text: str) -> CheckInCode | None:
    """What the code says, expired or not; None if this platform did not make it."""
    if len(text) != _TEXT_LENGTH or not text.startswith(PREFIX):
        return None
    body = text.removeprefix(PREFIX)
    try:
        said = base64.b64decode(body + "=" * (-len(body) % 4), altchars=b"-_", validate=True)[:-_MARK_BYTES]
    except (binascii.Error, ValueError):
        return None
    # The whole text is compared: base64 has several texts for the same bytes.
    if not hmac.compare_digest(text.encode(), _code(ring, said).encode()):
        return None
    seconds = int.from_bytes(said[_ID_BYTES:], "big")
    return CheckInCode(UUID(bytes=said[:_ID_BYTES]), datetime.fromtimestamp(seconds, UTC))


def _code(ring: KeyRing, said: bytes) -> str:
    mark = hmac.digest(ring.key(Purpose.CHECK_IN), PREFIX.encode() + said, "sha256")[:_MARK_BYTES]
    return PREFIX + base64.urlsafe_b64encode(said + mark).decode().rstrip("=")

"""Refresh tokens: what a browser keeps in a cookie to go on being signed in.

`session id (16) | random (32) | tag (16)`, in base64url. The tag (HMAC-SHA256, shortened) proves that the platform gave
the token to that session, at whatever time. So a token that was real but is no longer the live one shows, however
often it has been rotated since, that somebody holds a copy; and an invented one can end nobody's session.
Only SHA-256 hashes of tokens are stored.
"""

import base64
import binascii
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from uuid import UUID

from pydantic import SecretStr

from datasources.sealing import KeyRing, Purpose

_ID_BYTES = 16
_RANDOM_BYTES = 32
_TAG_BYTES = 16
_CONTEXT = b"refresh\0"


@dataclass(frozen=True, slots=True)
class RefreshProof:
    """A refresh token that the platform did give out: to which session, and its hash."""

    session_id: UUID
    hash: bytes


def new_refresh_token(ring: KeyRing, session_id: UUID) -> tuple[SecretStr, bytes]:
    """A fresh token of this session, and the hash to store."""
    body = session_id.bytes + secrets.token_bytes(_RANDOM_BYTES)
    token = body + _tag(ring, body)
    return SecretStr(base64.urlsafe_b64encode(token).decode().rstrip("=")), hashlib.sha256(token).digest()


def read_refresh_token(ring: KeyRing, text: str) -> RefreshProof | None:
    """What the token proves; None when the platform never gave it out."""
    try:
        token = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    body = token[:-_TAG_BYTES]
    if len(body) != _ID_BYTES + _RANDOM_BYTES or not hmac.compare_digest(token[-_TAG_BYTES:], _tag(ring, body)):
        return None
    return RefreshProof(UUID(bytes=body[:_ID_BYTES]), hashlib.sha256(token).digest())


def _tag(ring: KeyRing, body: bytes) -> bytes:
    return hmac.digest(ring.key(Purpose.ACCESS_TOKEN), _CONTEXT + body, "sha256")[:_TAG_BYTES]

"""How the platform signs what it sends to a hospital's webhook. Published in docs/hospital-events.md, with a vector."""

import hashlib
import hmac
from collections.abc import Sequence
from datetime import datetime

ID_HEADER = "HTBooking-Webhook-Id"
TIME_HEADER = "HTBooking-Webhook-Timestamp"
SIGNATURE_HEADER = "HTBooking-Webhook-Signature"
VERSION = "v1"


def signed_headers(id: str, at: datetime, body: bytes, secrets: Sequence[bytes]) -> dict[str, str]:
    """The headers of one call: a signature by each secret that is in force, the newest first."""
    timestamp = str(int(at.timestamp()))
    signatures = [f"{VERSION}={signature(secret, timestamp, id, body)}" for secret in secrets]
    return {ID_HEADER: id, TIME_HEADER: timestamp, SIGNATURE_HEADER: " ".join(signatures)}


def signature(secret: bytes, timestamp: str, id: str, body: bytes) -> str:
    """HMAC-SHA256 over `timestamp.id.body`, 64 lower-case hexadecimal digits. The secret is its text's own bytes."""
    return hmac.new(secret, f"{timestamp}.{id}.".encode() + body, hashlib.sha256).hexdigest()

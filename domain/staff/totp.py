"""Time-based one-time codes (RFC 6238 over RFC 4226): six digits that change every 30 seconds."""

import base64
import hmac
import secrets
from datetime import datetime
from urllib.parse import quote

STEP_SECONDS = 30
DIGITS = 6
DRIFT_STEPS = 1
"""Steps before and after the current one whose codes are taken, for clocks that differ (RFC 6238 §5.2)."""
SECRET_BYTES = 20
"""As long as SHA-1's output (RFC 4226 §4, R6)."""


def new_secret() -> bytes:
    """A secret to share with an authenticator app."""
    return secrets.token_bytes(SECRET_BYTES)


def code_at(secret: bytes, step: int) -> str:
    """The code of this step (RFC 4226 §5.3)."""
    digest = hmac.digest(secret, step.to_bytes(8, "big"), "sha1")
    offset = digest[-1] & 0x0F
    number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFF_FFFF
    return f"{number % 10**DIGITS:0{DIGITS}}"


def step_of(now: datetime) -> int:
    """The number of the 30-second step that this moment lies in."""
    return int(now.timestamp()) // STEP_SECONDS


def matching_step(secret: bytes, code: str, now: datetime) -> int | None:
    """The latest step near now whose code this is; None if there is none."""
    code = code.replace(" ", "")
    if not (code.isascii() and code.isdecimal()):
        return None
    current = step_of(now)
    for step in range(current + DRIFT_STEPS, current - DRIFT_STEPS - 1, -1):
        if hmac.compare_digest(code_at(secret, step), code):
            return step
    return None


def secret_text(secret: bytes) -> str:
    """The secret as authenticator apps take it by hand."""
    return base64.b32encode(secret).decode().rstrip("=")


def provisioning_uri(secret: bytes, sign_in_name: str, issuer: str = "HTBooking") -> str:
    """The `otpauth:` address that an app reads from a QR picture
    (https://github.com/google/google-authenticator/wiki/Key-Uri-Format)."""
    label = quote(f"{issuer}:{sign_in_name}")
    return f"otpauth://totp/{label}?secret={secret_text(secret)}&issuer={quote(issuer)}&digits={DIGITS}"

"""Signs requests as the platform asks (HTB1-HMAC-SHA256, docs/integration-signature.md)."""

import hashlib
import hmac
import re
import secrets

SCHEME = "HTB1-HMAC-SHA256"


def fresh_nonce() -> str:
    """A nonce never used before: 32 characters, 192 random bits."""
    return secrets.token_urlsafe(24)


def sign(key_id: str, secret: str, method: str, target: str, body: bytes, now: int, nonce: str) -> str:
    """The Authorization header's value for one request.

    `target` is the path with its query string exactly as it goes over the wire, `body` the exact bytes (empty for
    GET), `now` Unix time in whole seconds, `nonce` 16 to 64 of A-Z a-z 0-9 _ -, different in every request.
    """
    if not re.fullmatch(r"[A-Za-z0-9_-]{16,64}", nonce):
        raise ValueError("a nonce is 16 to 64 letters, digits, underscores or hyphens")
    text = "\n".join((SCHEME, key_id, str(now), nonce, method, target, hashlib.sha256(body).hexdigest()))
    signature = hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()
    return f"{SCHEME} Credential={key_id}, Timestamp={now}, Nonce={nonce}, Signature={signature}"

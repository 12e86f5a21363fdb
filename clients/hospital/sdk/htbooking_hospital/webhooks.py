"""Takes what the platform posts to a hospital's webhook: proves that it is the platform's, and reads it."""

import hashlib
import hmac
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from htbooking_hospital.answers import HospitalEvent, read_event
from htbooking_hospital.errors import WebhookError

ID_HEADER = "htbooking-webhook-id"
TIME_HEADER = "htbooking-webhook-timestamp"
SIGNATURE_HEADER = "htbooking-webhook-signature"
LONGEST_AGE_SECONDS = 300
PING = "PING"


@dataclass(frozen=True)
class Delivery:
    """One call of the webhook, proved. Answer it with a status from 200 to 299 within ten seconds."""

    id: str
    """The same at each try of the same event: whoever has it already answers 200 and does nothing."""
    kind: str
    event: HospitalEvent | None
    """None for a PING, which tells of nothing."""


def read_webhook(
    headers: Mapping[str, str], body: bytes, secrets: str | Sequence[str], *, now: float | None = None
) -> Delivery:
    """The call's event. `body` is the bytes as they came; `secrets` the webhook's, or old and new while they change.

    Raises WebhookError for what isn't the platform's or is older than five minutes.
    """
    given = {name.lower(): value for name, value in headers.items()}
    id, timestamp = given.get(ID_HEADER, ""), given.get(TIME_HEADER, "")
    if not (timestamp.isascii() and timestamp.isdigit()):
        raise WebhookError("The call has no timestamp.")
    if abs((time.time() if now is None else now) - int(timestamp)) > LONGEST_AGE_SECONDS:
        raise WebhookError("The call's timestamp is more than five minutes off.")
    sent = given.get(SIGNATURE_HEADER, "").split()
    text = f"{timestamp}.{id}.".encode() + body
    right = [
        f"v1={hmac.new(secret.encode(), text, hashlib.sha256).hexdigest()}"
        for secret in ([secrets] if isinstance(secrets, str) else secrets)
    ]
    # Bytes, since comparing text in constant time takes ASCII alone.
    if not any(hmac.compare_digest(one.encode(), other.encode()) for one in sent for other in right):
        raise WebhookError("No signature of the call is right.")
    return _read(id, body)


def _read(id: str, body: bytes) -> Delivery:
    try:
        said = json.loads(body)
        kind = said["kind"]
        return Delivery(id, kind, None if kind == PING else read_event(said))
    except (ValueError, KeyError, TypeError) as error:
        raise WebhookError(f"The call's body can't be read: {error!r}.") from error

"""What is known of a request before its document is read: all that proving who calls needs."""

from dataclasses import dataclass
from typing import Protocol

from domain.callers import Caller


@dataclass(frozen=True, slots=True)
class RequestFacts:
    """The raw request, exactly as it was sent, so that a signature over it can be checked."""

    method: str
    """`GET` or `POST`."""
    target: str
    """The path with its query string, percent-encoding untouched."""
    authorization: str | None
    """The Authorization header, None when there is none."""
    body: bytes
    """The whole body, empty for GET."""
    client_address: str
    """The peer's IP address, empty when the server doesn't know it."""


class Authenticator(Protocol):
    """Says who calls. Raises `domain.refusals.Refusal` when a proof was given and doesn't hold."""

    async def __call__(self, request: RequestFacts) -> Caller: ...

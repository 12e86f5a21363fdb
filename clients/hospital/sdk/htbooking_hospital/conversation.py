"""What is said on a WebSocket while events are followed (graphql-transport-ws), and how its end is to be taken.

Knows no network itself: both clients hand it what came and send what it says.
"""

import json
from collections.abc import Sequence
from typing import Any

from htbooking_hospital.answers import HospitalEvent, read_event
from htbooking_hospital.calls import EVENTS
from htbooking_hospital.errors import (
    EventsMissedError,
    HTBookingError,
    RefusedError,
    UnavailableError,
    UnreachableError,
    UnreadableAnswerError,
    refusal,
)

PROTOCOL = "graphql-transport-ws"
SILENCE_SECONDS = 60.0
"""The platform pings every 25 seconds: whoever hears nothing for so long has lost the connection."""
STEADY_SECONDS = 30.0
"""Whoever was connected for so long connects again without a longer pause than at first."""
LARGEST_MESSAGE = 2**20

_UNAUTHENTICATED, _FORBIDDEN = 4401, 4403
_OVER = "TOKEN_EXPIRED"
_SUBSCRIPTION = "1"


class Progress:
    """Up to where a caller has seen the events, over any number of connections."""

    def __init__(self, after: str | None, sequence: int | None = None) -> None:
        self.cursor = after
        self._sequence = sequence

    def is_new(self, event: HospitalEvent) -> bool:
        """Whether the caller hasn't seen it; noted as seen. Raises EventsMissedError where some are gone."""
        if self._sequence is not None:
            if event.sequence <= self._sequence:
                return False
            if event.sequence > self._sequence + 1:
                raise EventsMissedError(self._sequence, event.sequence, event.cursor)
        self.cursor, self._sequence = event.cursor, event.sequence
        return True


class Conversation:
    """One connection's talk, from the opening on."""

    def __init__(self, authorization: str, language: str, progress: Progress) -> None:
        self._progress = progress
        self.opening = _said("connection_init", payload={"authorization": authorization, "acceptLanguage": language})
        """What to send first."""

    def take(self, text: str | bytes) -> tuple[str | None, HospitalEvent | None]:
        """What to send because of this message, and the event that it brought, if it brought one.

        Raises UnavailableError where connecting anew will help, or another RefusedError where it won't.
        """
        message: dict[str, Any] = json.loads(text)
        kind = message.get("type")
        if kind == "ping":
            return _said("pong"), None
        if kind == "connection_ack":
            payload = {"query": EVENTS, "variables": {"after": self._progress.cursor}}
            return _said("subscribe", id=_SUBSCRIPTION, payload=payload), None
        if kind == "next":
            return None, self._event(message["payload"])
        if kind == "error":
            raise refusal(message["payload"])
        if kind == "complete":
            raise for_now("the platform ended the subscription")
        return None, None

    def _event(self, payload: dict[str, Any]) -> HospitalEvent | None:
        if payload.get("errors"):
            raise refusal(payload["errors"])
        event = read_event(payload["data"]["answer"])
        return event if self._progress.is_new(event) else None


def _said(kind: str, **members: Any) -> str:
    return json.dumps({"type": kind, **members})


def closed(code: int | None, reason: str) -> RefusedError:
    """What a connection's end means."""
    name, _, said = reason.partition(":")
    if code in (_UNAUTHENTICATED, _FORBIDDEN) and name.strip() != _OVER:
        error: dict[str, Any] = {"message": said.strip() or reason, "extensions": {"code": name.strip()}}
        return refusal([error])
    return for_now(f"the connection ended: {code} {reason}".strip())


def for_now(what: str) -> UnavailableError:
    """A failure that connecting anew mends."""
    errors: Sequence[dict[str, Any]] = [{"message": what, "extensions": {"code": "SERVICE_UNAVAILABLE"}}]
    return UnavailableError(errors)


def refused_handshake(status: int, text: str) -> HTBookingError:
    """What an HTTP answer in place of a WebSocket means."""
    return UnreadableAnswerError(status, text)


def is_passing(error: Exception) -> bool:
    """Whether connecting anew may mend it."""
    if isinstance(error, UnreadableAnswerError):
        return error.status >= 500 or error.status == 429
    return isinstance(error, UnavailableError | UnreachableError)

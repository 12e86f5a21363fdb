"""What is known of one request while it is answered: for its log line, its measurements and its error messages."""

from collections.abc import MutableMapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from domain.callers import Caller, HospitalSystem, SignedInUser, SmsPhoneCaller, StaffMember
from domain.language import Language

_KEY = "htbooking.trace"


class Outcome(StrEnum):
    """How a request ended."""

    OK = "ok"
    ERRORS = "errors"
    """Some fields were answered by errors that their sender can mend."""
    REFUSED = "refused"
    UNAVAILABLE = "unavailable"
    TIMED_OUT = "timed_out"
    FAULT = "fault"
    DISCONNECTED = "disconnected"


@dataclass(slots=True)
class Trace:
    """Filled in by whoever learns something. Holds nothing that a log must not show."""

    request_id: str
    started: float
    """`time.perf_counter()` when the request arrived."""
    language: Language = Language.CHINESE
    caller: str = "unknown"
    operation: str | None = None
    kind: str | None = None
    cost: int | None = None
    outcome: Outcome | None = None


def put_trace(scope: MutableMapping[str, Any], trace: Trace) -> None:
    """Let what serves this request find its trace."""
    scope[_KEY] = trace


def trace_of(scope: MutableMapping[str, Any]) -> Trace:
    """The trace of this request. Raises KeyError outside `server.http.observed`."""
    trace: Trace = scope[_KEY]
    return trace


def caller_label(caller: Caller) -> str:
    """The caller by kind and opaque id: no secret, no name."""
    if isinstance(caller, HospitalSystem):
        return f"hospital:{caller.hospital_code}"
    if isinstance(caller, SignedInUser):
        return f"user:{caller.user_id}"
    if isinstance(caller, StaffMember):
        return f"staff:{caller.staff_id}"
    if isinstance(caller, SmsPhoneCaller):
        return f"sms_phone:{caller.phone_id}"
    return type(caller).__name__.lower()

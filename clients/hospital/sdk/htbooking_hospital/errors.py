"""What can go wrong: one class for each thing that a program would do differently, each with what to do.

    HTBookingError
      UnreachableError        nothing answered
      UnreadableAnswerError   something else than the platform answered
      RefusedError            the whole call was refused: by its signature, its key, its rights, its form, or for now
      ProblemError            the call was understood, and something in it can't be done
      EventsMissedError       the platform has forgotten events that the caller never saw
      WebhookError            a message that claims to come from the platform doesn't

Decide by the class, or by `code` where it has one; never by the message, which is for people.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar


class HTBookingError(Exception):
    """Anything that this package raises on purpose."""

    advice: ClassVar[str] = ""
    """What to do about it; part of the message."""

    def __init__(self, message: str) -> None:
        super().__init__(f"{message} {self.advice}".strip())


class UnreachableError(HTBookingError):
    """No answer came, however often it was tried. Whether the call took effect isn't known."""

    advice = "Check the network and the endpoint's address. Repeating the call with its idempotency key is harmless."


class UnreadableAnswerError(HTBookingError):
    """Something else than the graph answered, such as a proxy."""

    advice = "Check the endpoint's address; it ends in /graphql."

    def __init__(self, status: int, text: str) -> None:
        self.status = status
        super().__init__(f"HTTP {status}, and no GraphQL answer: {text[:200]!r}.")


# ---- the whole call was refused ----


class RefusedError(HTBookingError):
    """The platform refused the call or a part of it."""

    def __init__(self, errors: Sequence[Mapping[str, Any]], data: object = None) -> None:
        self.errors = errors
        """GraphQL errors, as they came."""
        self.data = data
        """What was answered all the same, None if nothing was."""
        first = errors[0]
        extensions = first.get("extensions") or {}
        self.code: str | None = extensions.get("code")
        """The first error's code, such as SIGNATURE_EXPIRED."""
        self.retry_after_seconds: float | None = extensions.get("retryAfterSeconds")
        """When the platform asks to be tried again, if it says so."""
        more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
        super().__init__(f"{self.code or 'no code'}: {first.get('message', '')}{more}")


class SignatureError(RefusedError):
    """The signature doesn't hold: another secret, a clock that is off, a nonce used twice, bytes changed on the way."""

    advice = "Check the secret and this machine's clock; a proxy must change neither path nor body."


class KeyRefusedError(RefusedError):
    """There is no such key, or it was revoked."""

    advice = "Use the other live key, or have a new one issued."


class RightsError(RefusedError):
    """The key is good, but the call isn't a hospital system's to make."""

    advice = "Ask only for what is your own hospital's."


class BadRequestError(RefusedError):
    """The call can't be read, or is larger than any may be. Trying it again changes nothing."""

    advice = "Mend what the message names; a cursor must be one that the platform gave."


class UnavailableError(RefusedError):
    """The platform can't answer just now, however often it was tried."""

    advice = "Repeat it later, with the same idempotency key."


_REFUSALS: Mapping[str, type[RefusedError]] = {
    "UNAUTHENTICATED": SignatureError,
    "SIGNATURE_MALFORMED": SignatureError,
    "SIGNATURE_EXPIRED": SignatureError,
    "SIGNATURE_WRONG": SignatureError,
    "NONCE_REPLAYED": SignatureError,
    "KEY_UNKNOWN": KeyRefusedError,
    "KEY_REVOKED": KeyRefusedError,
    "FORBIDDEN": RightsError,
    "SERVICE_UNAVAILABLE": UnavailableError,
    "TIMED_OUT": UnavailableError,
    "TOO_MANY_OPERATIONS": UnavailableError,
    "INTERNAL": UnavailableError,
}


def refusal(errors: Sequence[Mapping[str, Any]], data: object = None) -> RefusedError:
    """The exception for these GraphQL errors, by the first one's code."""
    code = (errors[0].get("extensions") or {}).get("code")
    return _REFUSALS.get(str(code), BadRequestError)(errors, data)


# ---- something in the call can't be done ----


@dataclass(frozen=True)
class Refused:
    """One value that can't be taken."""

    field: str
    """Its path: `bookingRule.cycle`."""
    code: str
    """MISSING, MALFORMED, DUPLICATE, UNKNOWN_REFERENCE, CAPACITY_BELOW_SOLD, …"""
    message: str
    """What is wrong and what to do, in the client's language."""
    index: int | None = None
    """In a batch: the item's place in what was given, from 0."""


class ProblemError(HTBookingError):
    """The platform understood the call and did nothing of it."""

    def __init__(self, answer: Mapping[str, Any]) -> None:
        self.code = str(answer.get("code", ""))
        self.answer = answer
        """The whole problem as it came."""
        super().__init__(f"{self.code}: {answer.get('message', '')}{self._details()}")

    def _details(self) -> str:
        return ""


class InvalidInputError(ProblemError):
    """Values that can't be taken; nothing was changed."""

    advice = "Mend the values named in `refused` and send them again, under another idempotency key."

    def __init__(self, answer: Mapping[str, Any], first: int = 0) -> None:
        items = answer.get("items")
        self.refused: list[Refused] = (
            read_refused(answer.get("fields", ())) if items is None else read_refused(items, first)
        )
        super().__init__(answer)

    def _details(self) -> str:
        shown = [f"\n  {_place(each)}{each.field}: {each.code} {each.message}" for each in self.refused[:20]]
        return "".join(shown) + (f"\n  … {len(self.refused)} in all." if len(self.refused) > len(shown) else "")


class KeyReusedError(ProblemError):
    """The idempotency key was used before, for another call."""

    advice = "Give each call a key of its own, and the same one only when repeating it unchanged."


class HospitalLockedError(ProblemError):
    """The platform has locked the hospital."""

    advice = "Ask the platform's administrators; keep the push and repeat it once the hospital is unlocked."


class NotFoundError(ProblemError):
    """There is no such order at this hospital."""

    advice = "Check the id or number."


class OrderStateError(ProblemError):
    """The order doesn't stand where this could be done; `answer` tells where, or when it could be."""

    advice = "Read the order anew: a patient, the clock or a colleague was faster, or it is too early or too late."


class TooManyTriesError(ProblemError):
    """So many unknown codes or certificates were tried that no more are looked up for a while."""

    advice = "Wait as long as retryAfterSeconds in `answer` says."


_PROBLEMS: Mapping[str, type[ProblemError]] = {
    "InvalidInput": InvalidInputError,
    "InvalidBatch": InvalidInputError,
    "IdempotencyKeyReused": KeyReusedError,
    "HospitalLocked": HospitalLockedError,
    "NotFound": NotFoundError,
    "OrderNotChangeable": OrderStateError,
    "CheckInNotOpen": OrderStateError,
    "CheckInClosed": OrderStateError,
    "NotPaid": OrderStateError,
    "OrderEnded": OrderStateError,
    "NotInQueue": OrderStateError,
    "TooManyMisses": TooManyTriesError,
}


def problem(answer: Mapping[str, Any], first: int = 0) -> ProblemError:
    """The exception for a mutation's answer that is a problem; `first` as for `read_refused`."""
    kind = _PROBLEMS.get(str(answer.get("__typename")), ProblemError)
    return InvalidInputError(answer, first) if kind is InvalidInputError else kind(answer)


def read_refused(found: Iterable[Mapping[str, Any]], first: int = 0) -> list[Refused]:
    """Field and item problems; `first` is the place of the batch's first item in what was given."""
    return [
        Refused(
            str(each["field"]),
            str(each["code"]),
            str(each["message"]),
            index=first + int(each["index"]) if "index" in each else None,
        )
        for each in found
    ]


def _place(each: Refused) -> str:
    return "" if each.index is None else f"[{each.index}] "


# ---- events ----


class EventsMissedError(HTBookingError):
    """Between the last event seen and this one are some that the platform no longer has."""

    advice = "Compare your orders with `client.orders()`, then go on with `after=error.cursor`."

    def __init__(self, last: int, sequence: int, cursor: str) -> None:
        self.cursor = cursor
        """Of the first event that is there again."""
        super().__init__(f"After event {last} came {sequence}: {sequence - last - 1} are missing.")


class WebhookError(HTBookingError):
    """The call isn't the platform's, or is an old one sent again."""

    advice = "Answer it with status 401 and do nothing of what it says."

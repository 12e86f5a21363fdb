"""What is wrong with a mutation's input: answers that a person or a program can act on, part of the graph."""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from domain.language import Language, Words


class ProblemCode(StrEnum):
    """Machine-readable name of a problem."""

    INVALID_INPUT = "INVALID_INPUT"
    MISSING = "MISSING"
    TOO_LONG = "TOO_LONG"
    OUT_OF_RANGE = "OUT_OF_RANGE"
    MALFORMED = "MALFORMED"
    UNKNOWN_REFERENCE = "UNKNOWN_REFERENCE"
    DUPLICATE = "DUPLICATE"
    CYCLE = "CYCLE"
    CAPACITY_BELOW_SOLD = "CAPACITY_BELOW_SOLD"
    HAS_ORDERS = "HAS_ORDERS"
    TOO_MANY_FILES = "TOO_MANY_FILES"
    STILL_IN_USE = "STILL_IN_USE"
    NOT_FOUND = "NOT_FOUND"
    WRONG_PASSWORD = "WRONG_PASSWORD"  # noqa: S105 - a code, not a password
    SECOND_FACTOR_NEEDED = "SECOND_FACTOR_NEEDED"
    SIGN_IN_LOCKED = "SIGN_IN_LOCKED"
    CHANGED_MEANWHILE = "CHANGED_MEANWHILE"
    TOO_MANY_BROADCASTS = "TOO_MANY_BROADCASTS"
    BROADCAST_NOT_SO = "BROADCAST_NOT_SO"
    MESSAGE_NOT_FAILED = "MESSAGE_NOT_FAILED"
    OWN_ACCOUNT = "OWN_ACCOUNT"
    LAST_ADMINISTRATOR = "LAST_ADMINISTRATOR"
    BEYOND_OWN_RIGHTS = "BEYOND_OWN_RIGHTS"
    CERTIFICATE_FORM = "CERTIFICATE_FORM"
    CERTIFICATE_PROVINCE = "CERTIFICATE_PROVINCE"
    CERTIFICATE_DATE = "CERTIFICATE_DATE"
    CERTIFICATE_CHECK_CHARACTER = "CERTIFICATE_CHECK_CHARACTER"
    BIRTH_DATE_CONTRADICTS = "BIRTH_DATE_CONTRADICTS"
    SEX_CONTRADICTS = "SEX_CONTRADICTS"
    TOO_MANY_PATIENTS = "TOO_MANY_PATIENTS"
    TOO_MANY_REVEALS = "TOO_MANY_REVEALS"
    TOO_MANY_EXPORTS = "TOO_MANY_EXPORTS"
    TOO_MANY_CONTRIBUTIONS = "TOO_MANY_CONTRIBUTIONS"
    CONSENT_NEEDED = "CONSENT_NEEDED"
    VERIFICATION_UNDER_WAY = "VERIFICATION_UNDER_WAY"
    ALREADY_VERIFIED = "ALREADY_VERIFIED"
    TOO_MANY_SUBMISSIONS = "TOO_MANY_SUBMISSIONS"
    ALREADY_DECIDED = "ALREADY_DECIDED"
    CERTIFICATE_IN_USE = "CERTIFICATE_IN_USE"
    TOO_MANY_CODES = "TOO_MANY_CODES"
    WORK_NEEDED = "WORK_NEEDED"
    WRONG_CODE = "WRONG_CODE"
    TOO_MANY_TRIES = "TOO_MANY_TRIES"
    ACCOUNT_LOCKED = "ACCOUNT_LOCKED"
    SESSION_BUSY = "SESSION_BUSY"
    SESSION_ENDED = "SESSION_ENDED"
    PHONE_TAKEN = "PHONE_TAKEN"
    WECHAT_UNAVAILABLE = "WECHAT_UNAVAILABLE"
    WECHAT_SIGN_IN_ENDED = "WECHAT_SIGN_IN_ENDED"
    PHONE_NEEDED = "PHONE_NEEDED"
    OTHER_WECHAT_LINKED = "OTHER_WECHAT_LINKED"
    DELETION_REQUESTED = "DELETION_REQUESTED"
    CHECK_IN_NOT_OPEN = "CHECK_IN_NOT_OPEN"
    CHECK_IN_CLOSED = "CHECK_IN_CLOSED"
    NOT_PAID = "NOT_PAID"
    ORDER_ENDED = "ORDER_ENDED"
    QUEUE_EMPTY = "QUEUE_EMPTY"
    NOT_CALLED = "NOT_CALLED"
    NOT_IN_QUEUE = "NOT_IN_QUEUE"
    WAITLIST_NOT_NEEDED = "WAITLIST_NOT_NEEDED"
    ALREADY_WAITING = "ALREADY_WAITING"
    TOO_MANY_WAITS = "TOO_MANY_WAITS"
    OFFER_ENDED = "OFFER_ENDED"
    IDEMPOTENCY_KEY_REUSED = "IDEMPOTENCY_KEY_REUSED"
    HOSPITAL_LOCKED = "HOSPITAL_LOCKED"
    SLOT_SOLD_OUT = "SLOT_SOLD_OUT"
    SESSION_NOT_BOOKABLE = "SESSION_NOT_BOOKABLE"
    HOSPITAL_NOT_BOOKABLE = "HOSPITAL_NOT_BOOKABLE"
    BOOKING_NOT_OPEN = "BOOKING_NOT_OPEN"
    BOOKING_CLOSED = "BOOKING_CLOSED"
    ALREADY_BOOKED = "ALREADY_BOOKED"
    BOOKING_LIMIT = "BOOKING_LIMIT"
    PATIENT_BANNED = "PATIENT_BANNED"
    REAL_NAME_NEEDED = "REAL_NAME_NEEDED"
    ACCOUNT_BEING_DELETED = "ACCOUNT_BEING_DELETED"
    FEE_CHANGED = "FEE_CHANGED"
    FRESH_CODE_NEEDED = "FRESH_CODE_NEEDED"
    ATTEMPT_IN_PROGRESS = "ATTEMPT_IN_PROGRESS"
    CANCELLATION_CLOSED = "CANCELLATION_CLOSED"
    ORDER_NOT_CHANGEABLE = "ORDER_NOT_CHANGEABLE"
    OTHER_DEPARTMENT = "OTHER_DEPARTMENT"
    SESSION_CHANGED = "SESSION_CHANGED"
    SMS_ENROLMENT_ENDED = "SMS_ENROLMENT_ENDED"
    SMS_NOT_YOURS = "SMS_NOT_YOURS"
    SMS_NOT_CHANGEABLE = "SMS_NOT_CHANGEABLE"
    ORDER_NOT_PAYABLE = "ORDER_NOT_PAYABLE"
    PAYMENT_ENDED = "PAYMENT_ENDED"
    PAYMENT_UNAVAILABLE = "PAYMENT_UNAVAILABLE"
    HOSPITAL_KNOWN = "HOSPITAL_KNOWN"
    TOO_MANY_APPLICATIONS = "TOO_MANY_APPLICATIONS"
    APPLICATION_NOT_CHANGEABLE = "APPLICATION_NOT_CHANGEABLE"
    HOSPITAL_TAKEN_UP = "HOSPITAL_TAKEN_UP"
    INVITATION_ENDED = "INVITATION_ENDED"
    TOO_MANY_INVITATIONS = "TOO_MANY_INVITATIONS"
    TOO_MANY_KEYS = "TOO_MANY_KEYS"


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """One field that cannot be taken, and why."""

    field: str
    code: ProblemCode
    words: Words
    values: Mapping[str, object] = dataclasses.field(default_factory=dict)

    def say(self, language: Language) -> str:
        """What is wrong, in this language."""
        return self.words.say(language, **self.values)


@dataclass(frozen=True, slots=True)
class ItemProblem:
    """A field problem of one item of a batch; `index` counts from 0."""

    index: int
    problem: FieldProblem


@dataclass(frozen=True, slots=True)
class InvalidInput:
    """The input as a whole cannot be taken."""

    fields: Sequence[FieldProblem]


@dataclass(frozen=True, slots=True)
class InvalidBatch:
    """Some items cannot be taken and the batch was all or nothing: nothing was changed."""

    items: Sequence[ItemProblem]
    item_count: int


@dataclass(frozen=True, slots=True)
class IdempotencyKeyReused:
    """The idempotency key was used before with another input."""

    idempotency_key: str


@dataclass(frozen=True, slots=True)
class HospitalLocked:
    """The platform locked the hospital; it takes no pushes until it is unlocked."""

    hospital_code: str


@dataclass(frozen=True, slots=True)
class NotFound:
    """What the input names isn't there, or isn't the caller's to know of."""


@dataclass(frozen=True, slots=True)
class NotAllowed:
    """What the caller may do in general, but not to this subject. The code says why, and has words."""

    code: ProblemCode


@dataclass(frozen=True, slots=True)
class WrongPassword:
    """The name, the password or the second factor is wrong; which of them is not said."""


@dataclass(frozen=True, slots=True)
class SecondFactorNeeded:
    """The password is right and the account has a second factor that was not given."""


@dataclass(frozen=True, slots=True)
class SignInLocked:
    """Sign-in is closed after too many wrong tries, for that many seconds; None: by an administrator."""

    retry_after_seconds: int | None

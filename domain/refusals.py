"""Refusals of a whole request or field: they become top-level GraphQL errors with `extensions.code`.

What a person can mend in their input is a problem (`domain/problems.py`) instead, part of a mutation's answer.
"""

from enum import StrEnum

from domain.language import Language, Words


class RefusalCode(StrEnum):
    """`extensions.code` of a top-level error."""

    BAD_REQUEST = "BAD_REQUEST"
    METHOD_NOT_ALLOWED = "METHOD_NOT_ALLOWED"
    NOT_ACCEPTABLE = "NOT_ACCEPTABLE"
    UNSUPPORTED_MEDIA_TYPE = "UNSUPPORTED_MEDIA_TYPE"
    PERSISTED_QUERY_NOT_FOUND = "PERSISTED_QUERY_NOT_FOUND"
    TRUSTED_DOCUMENTS_ONLY = "TRUSTED_DOCUMENTS_ONLY"
    GRAPHQL_PARSE_FAILED = "GRAPHQL_PARSE_FAILED"
    GRAPHQL_VALIDATION_FAILED = "GRAPHQL_VALIDATION_FAILED"
    BAD_CURSOR = "BAD_CURSOR"
    BAD_PAGE_SIZE = "BAD_PAGE_SIZE"
    BAD_ID = "BAD_ID"
    UNAUTHENTICATED = "UNAUTHENTICATED"
    FORBIDDEN = "FORBIDDEN"
    PASSWORD_CHANGE_NEEDED = "PASSWORD_CHANGE_NEEDED"  # noqa: S105 - a code, not a password
    TOKEN_INVALID = "TOKEN_INVALID"  # noqa: S105 - a code, not a token
    TOKEN_EXPIRED = "TOKEN_EXPIRED"  # noqa: S105 - a code, not a token
    SESSION_ENDED = "SESSION_ENDED"
    SMS_UNAVAILABLE = "SMS_UNAVAILABLE"
    KEY_UNKNOWN = "KEY_UNKNOWN"
    KEY_REVOKED = "KEY_REVOKED"
    SIGNATURE_MALFORMED = "SIGNATURE_MALFORMED"
    SIGNATURE_WRONG = "SIGNATURE_WRONG"
    SIGNATURE_EXPIRED = "SIGNATURE_EXPIRED"
    NONCE_REPLAYED = "NONCE_REPLAYED"
    HOSPITAL_LOCKED = "HOSPITAL_LOCKED"
    BODY_TOO_LARGE = "BODY_TOO_LARGE"
    QUERY_TOO_LONG = "QUERY_TOO_LONG"
    QUERY_TOO_DEEP = "QUERY_TOO_DEEP"
    QUERY_TOO_MANY_ALIASES = "QUERY_TOO_MANY_ALIASES"
    QUERY_TOO_COSTLY = "QUERY_TOO_COSTLY"
    TOO_MANY_OPERATIONS = "TOO_MANY_OPERATIONS"
    RATE_LIMITED = "RATE_LIMITED"
    TIMED_OUT = "TIMED_OUT"
    SERVICE_UNAVAILABLE = "SERVICE_UNAVAILABLE"
    INTERNAL = "INTERNAL"


class Refusal(Exception):  # noqa: N818 - a refusal is an answer, not a fault
    """Raised where the fact is known, turned into an error with its code at the front door."""

    def __init__(self, code: RefusalCode, words: Words, **values: object) -> None:
        self.code = code
        self.words = words
        self.values = values
        super().__init__(words.say(Language.ENGLISH, **values))

    def say(self, language: Language) -> str:
        """The message in this language."""
        return self.words.say(language, **self.values)

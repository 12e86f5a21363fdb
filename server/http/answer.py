"""An answer and how it leaves: status, headers, body."""

from dataclasses import dataclass, field
from hashlib import blake2b

from starlette.types import Send

from domain.language import Language
from domain.refusals import RefusalCode
from server.http.errors import RETRY_AFTER_SECONDS
from server.http.negotiation import MediaType

Header = tuple[bytes, bytes]

_STATUS = {
    RefusalCode.METHOD_NOT_ALLOWED: 405,
    RefusalCode.NOT_ACCEPTABLE: 406,
    RefusalCode.BODY_TOO_LARGE: 413,
    RefusalCode.UNSUPPORTED_MEDIA_TYPE: 415,
    RefusalCode.UNAUTHENTICATED: 401,
    RefusalCode.TOKEN_INVALID: 401,
    RefusalCode.TOKEN_EXPIRED: 401,
    RefusalCode.SESSION_ENDED: 401,
    RefusalCode.KEY_UNKNOWN: 401,
    RefusalCode.KEY_REVOKED: 401,
    RefusalCode.SIGNATURE_MALFORMED: 401,
    RefusalCode.SIGNATURE_WRONG: 401,
    RefusalCode.SIGNATURE_EXPIRED: 401,
    RefusalCode.NONCE_REPLAYED: 401,
    RefusalCode.FORBIDDEN: 403,
    RefusalCode.PASSWORD_CHANGE_NEEDED: 403,
    RefusalCode.HOSPITAL_LOCKED: 403,
    RefusalCode.TIMED_OUT: 504,
    RefusalCode.SERVICE_UNAVAILABLE: 503,
    RefusalCode.INTERNAL: 500,
}
_OF_TOKENS = frozenset({RefusalCode.TOKEN_INVALID, RefusalCode.TOKEN_EXPIRED, RefusalCode.SESSION_ENDED})
_VARY = (b"vary", b"Accept, Accept-Language, Authorization")
_NEVER_STORED = (b"cache-control", b"no-store")
# The body may be kept, but each use asks first: what a visitor sees changes with every number taken.
_ASK_EACH_TIME = (b"cache-control", b"private, no-cache")
_CONTENT_LANGUAGE = {language: (b"content-language", language.encode()) for language in Language}
_CONTENT_TYPE = {media: (b"content-type", f"{media}; charset=utf-8".encode()) for media in MediaType}


@dataclass(slots=True)
class Answer:
    """One HTTP answer in a GraphQL media type."""

    status: int
    media: MediaType
    language: Language
    body: bytes
    headers: list[Header] = field(default_factory=list)
    storable: bool = False
    """Whether the caller may keep it and ask by its ETag whether it still holds."""

    async def send(self, send: Send) -> None:
        """Send it whole."""
        headers = [
            _CONTENT_TYPE[self.media],
            _CONTENT_LANGUAGE[self.language],
            _VARY,
            _ASK_EACH_TIME if self.storable else _NEVER_STORED,
            *self.headers,
        ]
        if self.status != NOT_MODIFIED:
            headers.append((b"content-length", b"%d" % len(self.body)))
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": self.body})

    def unless_known(self, if_none_match: bytes) -> "Answer":
        """The same with its ETag, or 304 without a body when the caller has it already (RFC 9110 §13.1.2)."""
        # Weak: a proxy may compress it.
        tag = b'W/"%s"' % blake2b(self.body, digest_size=16).hexdigest().encode()
        self.storable = True
        self.headers.append((b"etag", tag))
        known = {each.strip().removeprefix(b"W/") for each in if_none_match.split(b",")}
        if tag.removeprefix(b"W/") in known or b"*" in known:
            self.status = NOT_MODIFIED
            self.body = b""
        return self


NOT_MODIFIED = 304


def status_of(code: str) -> int:
    """The HTTP status of a request refused with this code."""
    return _STATUS.get(RefusalCode(code), 400)


def headers_of(code: str) -> list[Header]:
    """The headers that go with a refusal of this code."""
    status = status_of(code)
    if status == _STATUS[RefusalCode.METHOD_NOT_ALLOWED]:
        return [(b"allow", b"GET, POST")]
    if status == _STATUS[RefusalCode.UNAUTHENTICATED]:
        if code in _OF_TOKENS:
            return [(b"www-authenticate", b'Bearer error="invalid_token"')]
        return [(b"www-authenticate", b"HTB1-HMAC-SHA256"), (b"www-authenticate", b"Bearer")]
    if status == _STATUS[RefusalCode.SERVICE_UNAVAILABLE]:
        return [(b"retry-after", b"%d" % RETRY_AFTER_SECONDS)]
    return []

"""What is checked and remembered of the HTTP request that opens a WebSocket."""

import secrets
from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.types import Scope

from server.http.request_facts import RequestFacts


@dataclass(frozen=True, slots=True)
class Handshake:
    """The opening request."""

    id: str
    """Names the connection in logs; an operation's request id is this with its number."""
    target: str
    address: str
    user_agent: str
    accept_language: str
    cookie_header: str
    authorization: str | None

    def facts(self, authorization: str | None) -> RequestFacts:
        """The request as the front door's authenticator knows requests: a GET without a body."""
        return RequestFacts("GET", self.target, authorization, b"", self.address)


def handshake_of(scope: Scope) -> Handshake:
    """The opening request of this scope."""
    headers: dict[bytes, bytes] = dict(scope["headers"])
    path: bytes = scope.get("raw_path") or scope["path"].encode()
    query: bytes = scope["query_string"]
    client = scope.get("client")
    authorization = headers.get(b"authorization")
    return Handshake(
        id=secrets.token_hex(8),
        target=(path + b"?" + query if query else path).decode("latin-1"),
        address=client[0] if client else "",
        user_agent=headers.get(b"user-agent", b"").decode("latin-1"),
        accept_language=headers.get(b"accept-language", b"").decode("latin-1"),
        cookie_header=headers.get(b"cookie", b"").decode("latin-1"),
        authorization=None if authorization is None else authorization.decode("latin-1"),
    )


def origin_allowed(scope: Scope, allowed: frozenset[str]) -> bool:
    """Whether the page that opens it, if it is one, may: browsers let every site open a WebSocket, cookies with it."""
    headers: dict[bytes, bytes] = dict(scope["headers"])
    origin = headers.get(b"origin")
    if origin is None:
        return True
    text = origin.decode("latin-1").lower()
    host = headers.get(b"host", b"").decode("latin-1").lower()
    return text in allowed or (urlsplit(text).netloc == host != "")


def origins_of(setting: str) -> frozenset[str]:
    """The origins in a comma-separated list."""
    return frozenset(each.strip().lower().rstrip("/") for each in setting.split(",") if each.strip())

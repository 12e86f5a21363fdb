"""A small client for a hospital's own system: signs each call to HTBooking and reads its answer.

It knows nothing but the published protocol (docs/integration-signature.md) and needs only Python 3.11 and httpx:

    with IntegrationClient("https://booking.example/graphql", key_id, secret) as client:
        data = client.execute("query { hospitals(first: 1) { totalCount } }")

Copy this one file into your own project if that is easier.
"""

import hashlib
import hmac
import json
import re
import secrets
import time
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, Self

import httpx

SCHEME = "HTB1-HMAC-SHA256"
ACCEPT = "application/graphql-response+json, application/json;q=0.9"


class IntegrationError(Exception):
    """Anything that kept a call from being answered. The message says what to do."""


class UnreachableError(IntegrationError):
    """No answer came back. Whether the call took effect isn't known: repeat it with its own idempotency key."""


class UnreadableAnswerError(IntegrationError):
    """Something else than the graph answered, such as a proxy."""

    def __init__(self, status: int, text: str) -> None:
        self.status = status
        super().__init__(f"HTTP {status}, and no GraphQL answer: {text[:200]!r}. Check the endpoint's address.")


class RefusedError(IntegrationError):
    """The platform refused the call or a part of it."""

    def __init__(self, errors: list[dict[str, Any]], data: Any) -> None:
        self.errors = errors
        """GraphQL errors, as they came."""
        self.data = data
        """What was answered all the same, None if nothing was."""
        first = errors[0]
        self.code: str | None = (first.get("extensions") or {}).get("code")
        """The first error's code, such as SIGNATURE_EXPIRED: decide by this, never by the message."""
        more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
        super().__init__(f"{self.code or 'no code'}: {first.get('message', '')}{more}")


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


class IntegrationClient:
    """Calls the graph as one hospital's system. Not shared between threads."""

    def __init__(
        self,
        endpoint: str,
        key_id: str,
        secret: str,
        *,
        language: str = "zh-CN",
        timeout_seconds: float = 30.0,
        clock: Callable[[], float] = time.time,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        """`endpoint` is the graph's full address; `language` is that of the messages, `zh-CN` or `en`."""
        self._endpoint = endpoint
        self._key_id = key_id
        self._secret = secret
        self._language = language
        self._clock = clock
        self._http = httpx.Client(timeout=timeout_seconds, transport=transport)

    def execute(self, query: str, variables: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """The answer's `data`. Raises UnreachableError, UnreadableAnswerError, or RefusedError for any error in it."""
        try:
            response = self._http.send(self.signed_request(query, variables))
        except httpx.TransportError as error:
            raise UnreachableError(
                f"{self._endpoint} didn't answer: {error!r}. Check the network and try again."
            ) from error
        return data_of(response)

    def signed_request(self, query: str, variables: Mapping[str, Any] | None = None) -> httpx.Request:
        """One signed call, to be sent once and soon; `data_of` reads its response. For those who send it themselves."""
        document: dict[str, Any] = {"query": query}
        if variables is not None:
            document["variables"] = variables
        body = json.dumps(document, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
        request = httpx.Request("POST", self._endpoint, content=body)
        request.headers["Content-Type"] = "application/json"
        request.headers["Accept"] = ACCEPT
        request.headers["Accept-Language"] = self._language
        request.headers["Authorization"] = sign(
            self._key_id,
            self._secret,
            "POST",
            _target(request.url),
            body,
            int(self._clock()),
            fresh_nonce(),
        )
        return request

    def close(self) -> None:
        """Close the connection."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"IntegrationClient({self._endpoint!r}, key_id={self._key_id!r})"


def _target(url: httpx.URL) -> str:
    """The path and query as httpx, which encodes the address itself, will send them; a `?` without a query apart."""
    target = url.raw_path.decode("ascii")
    return target if url.query else target.rstrip("?")


def data_of(response: httpx.Response) -> dict[str, Any]:
    """The `data` of a GraphQL response. Raises UnreadableAnswerError or RefusedError."""
    try:
        answer = response.json()
    except ValueError:
        raise UnreadableAnswerError(response.status_code, response.text) from None
    if not isinstance(answer, dict) or not ("data" in answer or "errors" in answer):
        raise UnreadableAnswerError(response.status_code, response.text)
    data = answer.get("data")
    if answer.get("errors"):
        raise RefusedError(answer["errors"], data)
    if not isinstance(data, dict):
        raise UnreadableAnswerError(response.status_code, response.text)
    return data

"""Requests and answers as they go over the wire, and when a call is tried again. Knows no network itself."""

import json
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from htbooking_hospital.errors import (
    HTBookingError,
    UnavailableError,
    UnreachableError,
    UnreadableAnswerError,
    refusal,
)
from htbooking_hospital.signing import fresh_nonce, sign

ACCEPT = "application/graphql-response+json, application/json;q=0.9"
_OF_A_PROXY = (502, 503, 504)


@dataclass(frozen=True)
class Retries:
    """How often and after which pauses a call that found nobody is made again, signed anew each time."""

    attempts: int = 7
    first_pause_seconds: float = 0.5
    longest_pause_seconds: float = 20.0

    def pause(self, tries: int, error: Exception) -> float:
        """Seconds until the next try after so many; doubling, with some chance in it, and never sooner than asked."""
        doubled = min(self.longest_pause_seconds, self.first_pause_seconds * 2.0 ** min(tries - 1, 30))
        asked = error.retry_after_seconds if isinstance(error, UnavailableError) else None
        return max(asked or 0.0, doubled * random.uniform(0.5, 1.0))  # noqa: S311 - spreads clients, keeps no secret

    def again(self, tries: int, error: HTBookingError) -> bool:
        """Whether to try again after so many tries."""
        if tries >= self.attempts:
            return False
        if isinstance(error, UnreadableAnswerError):
            return error.status in _OF_A_PROXY
        return isinstance(error, UnreachableError | UnavailableError)


class Signer:
    """Makes signed requests to one endpoint as one hospital's system."""

    def __init__(
        self, endpoint: str, key_id: str, secret: str, *, language: str, clock: Callable[[], float] = time.time
    ) -> None:
        self.endpoint = endpoint
        self.language = language
        self._key = (key_id, secret)
        self._clock = clock

    @property
    def key_id(self) -> str:
        """The key in use."""
        return self._key[0]

    def use_key(self, key_id: str, secret: str) -> None:
        """Sign with this key from now on."""
        self._key = (key_id, secret)

    def request(self, query: str, variables: Mapping[str, Any] | None = None) -> httpx.Request:
        """One signed call, to be sent once and soon."""
        document: dict[str, Any] = {"query": query}
        if variables is not None:
            document["variables"] = variables
        body = json.dumps(document, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
        request = httpx.Request("POST", self.endpoint, content=body)
        request.headers["Content-Type"] = "application/json"
        request.headers["Accept"] = ACCEPT
        request.headers["Accept-Language"] = self.language
        request.headers["Authorization"] = self._header("POST", request.url, body)
        return request

    def socket_header(self) -> str:
        """What `connection_init` is signed with: a GET of the endpoint without a body."""
        return self._header("GET", httpx.URL(self.endpoint), b"")

    @property
    def socket_address(self) -> str:
        """Where the graph is reached by WebSocket."""
        url = httpx.URL(self.endpoint)
        return str(url.copy_with(scheme={"http": "ws", "https": "wss"}[url.scheme], fragment=None))

    def _header(self, method: str, url: httpx.URL, body: bytes) -> str:
        key_id, secret = self._key
        return sign(key_id, secret, method, _target(url), body, int(self._clock()), fresh_nonce())


def _target(url: httpx.URL) -> str:
    """The path and query as httpx, which encodes the address itself, will send them; a `?` without a query apart."""
    target = url.raw_path.decode("ascii")
    return target if url.query else target.rstrip("?")


def unreachable(endpoint: str, error: Exception) -> UnreachableError:
    """What a transport's failure becomes."""
    return UnreachableError(f"{endpoint} didn't answer: {error!r}.")


def data_of(response: httpx.Response) -> dict[str, Any]:
    """The `data` of a GraphQL response. Raises UnreadableAnswerError or a RefusedError."""
    try:
        answer = response.json()
    except ValueError:
        raise UnreadableAnswerError(response.status_code, response.text) from None
    if not isinstance(answer, dict) or not ("data" in answer or "errors" in answer):
        raise UnreadableAnswerError(response.status_code, response.text)
    data = answer.get("data")
    if answer.get("errors"):
        raise refusal(answer["errors"], data)
    if not isinstance(data, dict):
        raise UnreadableAnswerError(response.status_code, response.text)
    return data

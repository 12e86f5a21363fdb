"""Posting to hospitals' webhooks: to the address that was judged, without proxies or redirects, within a time."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httpx

from datasources.hospitals.target import TargetPolicy, TargetRefused, resolved, target_of

LONGEST_SECONDS = 10.0
AT_ONCE = 8
"""Connections to one hospital."""


@dataclass(frozen=True, slots=True)
class Posted:
    """What came of one call."""

    status: int | None
    """The answer's; None: there was none."""
    fault: str = ""
    """A short code when the call failed: HTTP_500, TIMEOUT, UNREACHABLE, TLS, PRIVATE_ADDRESS, …"""

    @property
    def is_taken(self) -> bool:
        """Whether the hospital answered that it has it."""
        return self.status is not None and 200 <= self.status < 300


@dataclass(frozen=True, slots=True)
class WebhookSender:
    """One per process."""

    policy: TargetPolicy = field(default_factory=TargetPolicy)

    @asynccontextmanager
    async def line(self) -> AsyncIterator["Line"]:
        """Connections for a number of calls."""
        limits = httpx.Limits(max_connections=AT_ONCE)
        async with httpx.AsyncClient(trust_env=False, follow_redirects=False, limits=limits) as http:
            yield Line(http, self.policy)


class Line:
    """Makes calls. Each is judged anew, since a name may have moved."""

    def __init__(self, http: httpx.AsyncClient, policy: TargetPolicy) -> None:
        self._http = http
        self._policy = policy

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Posted:
        """Post the body. Raises nothing that the hospital's side is the cause of."""
        try:
            async with asyncio.timeout(LONGEST_SECONDS):
                return await self._post(url, body, headers)
        except TargetRefused as refused:
            return Posted(None, refused.why)
        except (TimeoutError, httpx.TimeoutException):
            return Posted(None, "TIMEOUT")
        except httpx.TransportError as error:
            return Posted(None, "TLS" if _is_tls(error) else "UNREACHABLE")

    async def _post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Posted:
        target = target_of(url, self._policy)
        address = await resolved(target, self._policy)
        host = f"[{address}]" if address.version == 6 else str(address)
        request = httpx.Request(
            "POST",
            f"{target.scheme}://{host}:{target.port}{target.path}",
            content=body,
            headers={**headers, "Host": target.authority, "Content-Type": "application/json"},
            # The certificate must be the name's, although the connection goes to the address.
            extensions={"sni_hostname": target.host, "timeout": httpx.Timeout(LONGEST_SECONDS).as_dict()},
        )
        # What the answer says is not read: an endless one would cost the platform, and nobody needs it.
        response = await self._http.send(request, stream=True)
        await response.aclose()
        taken = 200 <= response.status_code < 300
        return Posted(response.status_code, "" if taken else f"HTTP_{response.status_code}")


def _is_tls(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ssl.SSLError):
            return True
        error = error.__cause__ or error.__context__
    return False

"""Which addresses a hospital may have the platform call, so that nobody makes it call what stands behind its walls.

A name is resolved here, each of its addresses is judged, and the connection goes to the address that was judged: a
name that answers differently the second time gains nothing.
"""

import asyncio
import ipaddress
import socket
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

LONGEST_URL = 500
_TRANSLATED = ipaddress.ip_network("64:ff9b::/96")

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class TargetRefused(Exception):  # noqa: N818 - says what is the case, like the refusals do
    """The platform does not call this address. `why` is a short code for people who look at their webhook's state."""

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(why)


@dataclass(frozen=True, slots=True)
class TargetPolicy:
    """What may be called."""

    https_only: bool = True
    private_allowed: bool = False
    """Also machines of the platform's own network, and this one: for development."""


@dataclass(frozen=True, slots=True)
class Target:
    """A URL that has the form that it must have."""

    scheme: str
    host: str
    port: int
    path: str
    """With its query string."""

    @property
    def authority(self) -> str:
        """What the Host header says."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        usual = {"http": 80, "https": 443}[self.scheme] == self.port
        return host if usual else f"{host}:{self.port}"


def target_of(url: str, policy: TargetPolicy) -> Target:
    """The parts of a URL that may be set as a webhook's. Raises TargetRefused for its form alone; asks no server."""
    if len(url) > LONGEST_URL:
        raise TargetRefused("TOO_LONG")
    if not url.isascii() or any(character <= " " or character == "\x7f" for character in url) or "\\" in url:
        raise TargetRefused("MALFORMED")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise TargetRefused("MALFORMED") from error
    allowed = ("https",) if policy.https_only else ("https", "http")
    if parts.scheme not in allowed:
        raise TargetRefused("SCHEME")
    if not parts.hostname or "@" in parts.netloc or "#" in url or port == 0:
        raise TargetRefused("MALFORMED")
    return Target(parts.scheme, parts.hostname, port or (443 if parts.scheme == "https" else 80), _path(parts))


async def resolved(target: Target, policy: TargetPolicy) -> Address:
    """The address to connect to. Raises TargetRefused if the name has none, or any that may not be called."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise TargetRefused("NAME_NOT_FOUND") from error
    addresses = [ipaddress.ip_address(str(place[0]).partition("%")[0]) for *_, place in found]
    if not addresses:
        raise TargetRefused("NAME_NOT_FOUND")
    if not all(may_be_called(address, policy) for address in addresses):
        raise TargetRefused("PRIVATE_ADDRESS")
    return addresses[0]


def may_be_called(address: Address, policy: TargetPolicy) -> bool:
    """Whether the platform may connect to this address."""
    inner = _inner(address)
    if inner.is_multicast or inner.is_unspecified or inner.is_reserved:
        return False
    if policy.private_allowed:
        return not inner.is_link_local
    return inner.is_global


def _inner(address: Address) -> Address:
    """The IPv4 address that an IPv6 one stands for, as far as one does."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in _TRANSLATED:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address


def _path(parts: SplitResult) -> str:
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")

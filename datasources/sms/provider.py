"""What the platform asks of a provider of text messages that is called: Aliyun, or the sandbox's inbox."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from pydantic import SecretStr


@dataclass(frozen=True, slots=True)
class OutgoingSms:
    """One message on its way. Providers with templates take the variables, others the text."""

    id: str
    """The platform's own, by which a provider's later report names it."""
    phone: SecretStr
    """E.164."""
    text: SecretStr
    template: str
    """The provider's own code for its template; empty: none."""
    variables: Mapping[str, SecretStr]


class Fate(StrEnum):
    """What became of handing a message to a provider."""

    ACCEPTED = "ACCEPTED"
    NOT_SENT = "NOT_SENT"
    """Surely not sent; it may be later, or by another way."""
    LATER = "LATER"
    """The same, and the provider is well: this number has had too many lately."""
    UNABLE = "UNABLE"
    """Surely not sent, and the provider can send nothing for now: no money, a locked account, wrong keys."""
    REFUSED = "REFUSED"
    """Surely not sent, and no way will ever do it: the number does not exist."""
    UNKNOWN = "UNKNOWN"
    """It may have been sent: the answer never came."""


@dataclass(frozen=True, slots=True)
class Handed:
    """The provider's answer."""

    fate: Fate
    reason: str = ""
    """A code: the provider's own where it has one."""
    provider_number: str | None = None


class SmsProvider(Protocol):
    """Sends text messages. Never logs, stores or queues their content in the clear outside a sandbox."""

    async def send(self, message: OutgoingSms) -> Handed:
        """Hand the message on, once. Raises nothing that the provider or the way to it brings about."""

    async def close(self) -> None:
        """Close what it holds open."""

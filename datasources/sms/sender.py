"""What signing in asks of whatever sends its codes."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from pydantic import SecretStr


@dataclass(frozen=True, slots=True)
class CodeMessage:
    """A one-time code on its way to a phone. Providers with templates take the code, others the text."""

    phone: SecretStr
    """E.164."""
    code: SecretStr
    text: SecretStr
    """The whole message, in the language of whoever asked for it."""
    purpose: str
    """A newer code to the same phone for the same purpose takes the place of this one."""
    template: str
    """The name under which providers with templates of their own know the text."""
    minutes: int
    """How long the text says that the code is good for."""
    asked_at: datetime
    expires_at: datetime


class Sender(Protocol):
    """Sends codes. Never logs, stores or queues a message's content in the clear outside a sandbox."""

    async def is_available(self, now: datetime) -> bool:
        """Whether anything would send a code now."""

    async def send_code(self, message: CodeMessage) -> None:
        """Hand the message on. Raises what the way to its queue raises when it cannot."""

"""What the platform asks of whatever sends its text messages."""

from dataclasses import dataclass
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


class Sender(Protocol):
    """Sends text messages. Never logs, stores or queues a message's content in the clear outside a sandbox."""

    async def send_code(self, message: CodeMessage) -> None:
        """Hand the message on. Raises what the way to the provider raises when it cannot."""

"""What every radio can do."""

from dataclasses import dataclass, field
from typing import Any, Protocol


@dataclass(frozen=True)
class Outcome:
    """What became of a message: `SENT`, `FAILED` (surely not sent) or `UNKNOWN`, with the reason as a code."""

    what: str
    reason: str = ""


@dataclass(frozen=True)
class Health:
    """How the telephone is, in the words of the platform's `SmsHeartbeatInput`."""

    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Incoming:
    """A received message."""

    place: int
    """Grows with each message."""
    key: str
    sender: str
    text: str


class Radio(Protocol):
    """Sends and receives text messages."""

    name: str
    hung_calls: int

    async def mark(self) -> int | None:
        """Where the box of sent messages ends now."""

    async def send(self, phone: str, text: str, sim_slot: int | None, mark: int | None) -> Outcome:
        """Send, once. Raises nothing."""

    async def prove(self, phone: str, text: str, mark: int | None) -> Outcome | None:
        """What became of a message that was begun before a crash; None: nobody knows."""

    async def received(self, after: int | None) -> list[Incoming]:
        """What came behind this place, the oldest first; with None only the latest, to begin behind it."""

    async def health(self) -> Health:
        """How the telephone is, as far as it tells."""

"""No radio at all: messages are shown, for trying things out on a desk."""

import sys

from mobile_sms.radios.radio import Health, Incoming, Outcome


class ConsoleRadio:
    """Writes messages to standard output."""

    name = "console"

    def __init__(self) -> None:
        self.hung_calls = 0

    async def mark(self) -> int | None:
        """Nothing is kept."""
        return None

    async def send(self, phone: str, text: str, sim_slot: int | None, mark: int | None) -> Outcome:
        """Show it."""
        sys.stdout.write(f"SMS to {phone}: {text}\n")
        sys.stdout.flush()
        return Outcome("SENT")

    async def prove(self, phone: str, text: str, mark: int | None) -> Outcome | None:
        """Nobody knows."""
        return None

    async def received(self, after: int | None) -> list[Incoming]:
        """Nobody writes."""
        return []

    async def health(self) -> Health:
        """Always well."""
        return Health()

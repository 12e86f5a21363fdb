"""A GSM modem by `gammu`, which waits for the network's word about each part."""

from mobile_sms.radios.commands import call
from mobile_sms.radios.radio import Health, Incoming, Outcome

SEND_SECONDS = 120.0
LONGEST_TEXT = 400


class GammuRadio:
    """Speaks to the modem that gammu's configuration names."""

    name = "gammu"

    def __init__(self, config: str = "", *, seconds: float = SEND_SECONDS) -> None:
        self.hung_calls = 0
        self._head = ("gammu", "-c", config) if config else ("gammu",)
        self._seconds = seconds

    async def mark(self) -> int | None:
        """A modem keeps no box of sent messages."""
        return None

    async def send(self, phone: str, text: str, sim_slot: int | None, mark: int | None) -> Outcome:
        """Send all parts. Where any of them may have left, the whole is UNKNOWN."""
        command = (*self._head, "sendsms", "TEXT", phone, "-unicode", "-autolen", str(LONGEST_TEXT))
        ended = await call(*command, text=text, seconds=self._seconds)
        if ended.is_missing:
            return Outcome("FAILED", "NO_RADIO")
        if ended.hung:
            self.hung_calls += 1
            return Outcome("UNKNOWN", "HUNG")
        if ended.code == 0:
            return Outcome("SENT")
        return Outcome("UNKNOWN", "PARTLY") if "..OK" in ended.output else Outcome("FAILED", "GENERIC")

    async def prove(self, phone: str, text: str, mark: int | None) -> Outcome | None:
        """Nobody knows."""
        return None

    async def received(self, after: int | None) -> list[Incoming]:
        """Not read: a modem's inbox is gammu-smsd's matter."""
        return []

    async def health(self) -> Health:
        """A modem has no battery."""
        return Health()

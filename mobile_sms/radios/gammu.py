"""A GSM modem by `gammu`, which waits for the network's word about each part.

The modem serves the platform alone: whatever it receives is reported and then deleted from it.
"""

import re
import time
from pathlib import Path
from typing import Any

from mobile_sms.radios.commands import Ended, call
from mobile_sms.radios.gammu_inbox import read_backup
from mobile_sms.radios.radio import Health, Incoming, Outcome

SEND_SECONDS = 120.0
READ_SECONDS = 60.0
LONGEST_TEXT = 400
_SPOOL, _UNFINISHED, _UNREADABLE = "inbox", "unfinished", "unreadable-"
# In the C locale gammu sends nothing of a Chinese text, and in others its answers are translated.
_LOCALE = {"LC_ALL": "C.UTF-8", "LANGUAGE": "en"}
_PERCENT = re.compile(r"^(Battery level|Network level)\s*:\s*(\d{1,3}) percent", re.MULTILINE)
_FACTS = {"Battery level": "batteryPercent", "Network level": "signalPercent"}


class GammuRadio:
    """Speaks to the modem that gammu's configuration names; keeps in `folder` what it received."""

    name = "gammu"

    def __init__(self, folder: Path, config: str = "", *, seconds: float = SEND_SECONDS) -> None:
        self.hung_calls = 0
        self._head = ("gammu", "-c", config) if config else ("gammu",)
        self._seconds = seconds
        self._spool = folder / _SPOOL

    async def mark(self) -> int | None:
        """A modem keeps no box of sent messages."""
        return None

    async def send(self, phone: str, text: str, sim_slot: int | None, mark: int | None) -> Outcome:
        """Send all parts. Where any of them may have left, the whole is UNKNOWN."""
        ended = await self._call(
            "sendsms", "TEXT", phone, "-unicode", "-autolen", str(LONGEST_TEXT), text=text, seconds=self._seconds
        )
        if ended.is_missing:
            return Outcome("FAILED", "NO_RADIO")
        if ended.hung:
            return Outcome("UNKNOWN", "HUNG")
        if ended.code == 0:
            return Outcome("SENT")
        return Outcome("UNKNOWN", "PARTLY") if "..OK" in ended.output else Outcome("FAILED", "GENERIC")

    async def prove(self, phone: str, text: str, mark: int | None) -> Outcome | None:
        """Nobody knows."""
        return None

    async def received(self, after: int | None) -> list[Incoming]:
        """What was moved from the modem into files and is not reported yet. A file's name is its first message's place.

        A file goes once all of it was reported. Where a crash left a message on the modem and in a file, both have the
        same key.
        """
        self._spool.mkdir(mode=0o700, parents=True, exist_ok=True)
        await self._fetch()
        found: list[Incoming] = []
        for file in sorted(self._spool.glob("[0-9]*"), key=lambda file: int(file.name)):
            messages = read_backup(file.read_bytes())
            if messages is None:
                # Kept for a person to look at: gammu may have deleted them from the modem.
                file.rename(file.with_name(f"{_UNREADABLE}{file.name}"))
                continue
            left = [
                Incoming(place, each.key, each.sender, each.text)
                for place, each in enumerate(messages, int(file.name))
                if after is None or place > after
            ]
            if not left:
                file.unlink()
            found += left
        return found

    async def health(self) -> Health:
        """Signal, and the battery of modems that have one."""
        ended = await self._call("monitor", "1", seconds=READ_SECONDS)
        facts: dict[str, Any] = {_FACTS[name]: min(100, int(level)) for name, level in _PERCENT.findall(ended.output)}
        return Health(facts)

    async def _fetch(self) -> None:
        unfinished = self._spool / _UNFINISHED
        if not unfinished.exists():
            # gammu deletes each message from the modem once the file holds it.
            await self._call("backupsms", str(unfinished), "-yes", seconds=READ_SECONDS)
        if unfinished.exists():
            place = self._spool / str(time.time_ns())
            if read_backup(unfinished.read_bytes()) == []:
                unfinished.unlink()
            else:
                unfinished.rename(place)

    async def _call(self, *command: str, text: str | None = None, seconds: float) -> Ended:
        ended = await call(*self._head, *command, text=text, seconds=seconds, environment=_LOCALE)
        if ended.hung:
            self.hung_calls += 1
        return ended

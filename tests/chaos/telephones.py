"""Telephones of a house: real `mobile_sms` processes, with commands that stand for Termux on their PATH, or a modem."""

import asyncio
import json
import os
import re
import shutil
import sys
from asyncio.subprocess import DEVNULL, Process
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent
COMMANDS = f"{HERE / 'termux'}:{HERE / 'modem'}"
_SENT_BY_GAMMU = re.compile(
    r': Recipient number "([^"]+)"$(?:(?!Recipient number).)*?: Unicode SMS, length \d+$\n[^\n]*?\d: ([^\n]*)$\n'
    r"([^\n]*): Sent SMS on device",
    re.MULTILINE | re.DOTALL,
)


@dataclass
class Telephone:
    """One telephone: its folder holds token, journal and what its radio sent."""

    folder: Path
    name: ClassVar[str] = "Termux's commands"
    process: Process | None = None
    kills: int = field(default=0)

    async def enrol(self, server: str, code: str) -> None:
        """As an operations person does."""
        self.folder.mkdir(parents=True)
        process = await self._start("enroll", code, "--server", server)
        assert await process.wait() == 0

    async def start(self) -> None:
        """Run until killed."""
        self.process = await self._start("run", "--poll-seconds", "1", *self._radio())

    def _radio(self) -> tuple[str, ...]:
        return "--proof-seconds", "3"

    async def kill(self) -> None:
        """SIGKILL, wherever it is, and start it anew."""
        await self.stop()
        self.kills += 1
        await self.start()

    async def stop(self) -> int:
        """SIGKILL; how it ended."""
        assert self.process is not None
        if self.process.returncode is None:
            self.process.kill()
        return await self.process.wait()

    def sent(self) -> list[dict[str, Any]]:
        """What its radio sent."""
        box = self.folder / "sent"
        return [json.loads(line) for line in box.read_text().splitlines()] if box.exists() else []

    async def _start(self, *arguments: str) -> Process:
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "mobile_sms", "--home", str(self.folder), *arguments),
            cwd=ROOT,
            stdin=DEVNULL,
            stdout=DEVNULL,
            stderr=DEVNULL,
            env={
                "PATH": f"{COMMANDS}:{Path(sys.executable).parent}:{os.environ['PATH']}",
                "RADIO": str(self.folder),
                "GAMMU": shutil.which("gammu") or "",
                "PYTHONPATH": str(ROOT),
            },
        )


@dataclass
class Modem(Telephone):
    """gammu with its dummy modem, where there is gammu."""

    name: ClassVar[str] = "gammu's modem"

    @staticmethod
    def is_here() -> bool:
        """Whether gammu is installed."""
        return shutil.which("gammu") is not None

    async def enrol(self, server: str, code: str) -> None:
        """With a modem of its own."""
        await super().enrol(server, code)
        modem = self.folder / "modem"
        modem.mkdir()
        self._config.write_text(
            f"[gammu]\nmodel = dummy\nconnection = none\nport = {modem}\nlogfile = log\nlogformat = textalldate\n"
        )

    def sent(self) -> list[dict[str, Any]]:
        """What gammu's own log says that the modem sent."""
        return [
            {
                "number": number,
                "body": body,
                "at": datetime.strptime(moment, "%a %Y/%m/%d %H:%M:%S").astimezone().timestamp(),
            }
            for log in self.folder.glob("gammu.log.*")
            for number, body, moment in _SENT_BY_GAMMU.findall(log.read_text(errors="replace"))
        ]

    def _radio(self) -> tuple[str, ...]:
        return "--radio", "gammu", "--gammu-config", str(self._config)

    @property
    def _config(self) -> Path:
        return self.folder / "gammurc"

"""Telephones of a house: real `mobile_sms` processes, with commands that stand for Termux on their PATH."""

import asyncio
import json
import os
import sys
from asyncio.subprocess import DEVNULL, Process
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
TERMUX = Path(__file__).parent / "termux"


@dataclass
class Telephone:
    """One telephone: its folder holds token, journal and what its radio sent."""

    folder: Path
    process: Process | None = None
    kills: int = field(default=0)

    async def enrol(self, server: str, code: str) -> None:
        """As an operations person does."""
        self.folder.mkdir(parents=True)
        process = await self._start("enroll", code, "--server", server)
        assert await process.wait() == 0

    async def start(self) -> None:
        """Run until killed."""
        self.process = await self._start("run", "--poll-seconds", "1", "--proof-seconds", "3")

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
                "PATH": f"{TERMUX}:{Path(sys.executable).parent}:{os.environ['PATH']}",
                "RADIO": str(self.folder),
                "PYTHONPATH": str(ROOT),
            },
        )

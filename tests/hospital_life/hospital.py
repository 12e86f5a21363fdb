"""The hospital's own program in this story: the simulated hospital, started, killed, and asked what it holds."""

import asyncio
import os
import sqlite3
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests import HOSPITAL_PROGRAMS
from tests.clients.hospital.served import Account

PATIENCE_SECONDS = 90


@dataclass
class HospitalProgram:
    """One simulated hospital, running or not."""

    account: Account
    data: Path
    zone: str
    process: Process | None = None

    async def start(self) -> None:
        """Run it on its database."""
        self.process = await run(
            self.account, "run", "--data", str(self.data), "--name", "河湾模拟医院", "--zone", self.zone
        )

    async def stop(self, *, kill: bool = False) -> None:
        """Ask it to stop, or kill it with signal 9."""
        process, self.process = self.process, None
        if process is not None and process.returncode is None:
            (process.kill if kill else process.terminate)()
            await process.communicate()

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """What its database holds; nothing before it is made."""
        if not self.data.exists():
            return []
        with closing(sqlite3.connect(self.data, timeout=30)) as connection:
            try:
                return connection.execute(query).fetchall()
            except sqlite3.OperationalError:
                return []

    async def until(self, query: str) -> list[tuple[Any, ...]]:
        """Wait until its database has an answer; that answer."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not (found := self.rows(query)):
                assert self.process is not None
                assert self.process.returncode is None, f"the hospital's program ended: {self.process.returncode}"
                await asyncio.sleep(0.1)
        return found


async def run(account: Account, *words: str) -> Process:
    """The simulated hospital's program with these words."""
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "simulated_hospital", *words),
        env={"PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(HOSPITAL_PROGRAMS), **account.environment},
        stdout=PIPE,
        stderr=PIPE,
    )


@asynccontextmanager
async def hospital_program(account: Account, data: Path, zone: str) -> AsyncIterator[HospitalProgram]:
    """One that has been started; killed afterwards if it still runs."""
    program = HospitalProgram(account, data, zone)
    await program.start()
    try:
        yield program
    finally:
        await program.stop(kill=True)

"""The platform as `make up` runs it, in a directory of its own, whose parts can be killed."""

import asyncio
import os
import shutil
import signal
import sys
import tempfile
from asyncio.subprocess import DEVNULL, STDOUT, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import httpx

from datasources.stores import Stores
from server.embedded.data_lock import Holder, current_holder
from server.embedded.leftovers import read_pid
from server.root_key import key_ring
from server.settings import Settings
from tests.platform import Platform, SettableClock

PARTS = {"API": "serve", "worker": "worker", "Valkey": "valkey", "MongoDB": "mongodb", "PostgreSQL": "postgresql"}
"""What can be killed, and the name of its pid file."""

LONGEST_START_SECONDS = 120.0
LONGEST_RECOVERY_SECONDS = 60.0


@dataclass
class RealClock(SettableClock):
    """The clock that the platform's own processes go by."""

    now: datetime = field(default_factory=lambda: datetime.now(UTC))

    def __call__(self) -> datetime:
        return datetime.now(UTC)


class ToThePlatform(httpx.AsyncHTTPTransport):
    """Sends what is addressed to the tests' platform to the one that runs here."""

    def __init__(self, url: str) -> None:
        super().__init__(limits=httpx.Limits(max_connections=None))
        self._url = httpx.URL(url)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The answer of the platform that runs here."""
        request.url = request.url.copy_with(host=self._url.host, port=self._url.port)
        return await super().handle_async_request(request)


@dataclass
class House:
    """A running platform."""

    directory: Path
    url: str
    platform: Platform

    def said_of(self, request_id: str) -> str:
        """What the platform has logged of this request."""
        logs = [log.read_text("utf-8", "replace") for log in (self.directory / "log").glob("*.log")]
        return "\n".join(line for log in logs for line in log.splitlines() if request_id in line)

    def pid_of(self, part: str) -> int | None:
        """The process that is this part now."""
        return read_pid(self.directory / "run" / f"{PARTS[part]}.pid")

    async def kill(self, part: str) -> float:
        """SIGKILL a part and wait until the platform says that it is whole again; the seconds that took."""
        pid = await asyncio.to_thread(self.pid_of, part)
        assert pid is not None, f"{part} is not running"
        os.kill(pid, signal.SIGKILL)
        since = asyncio.get_running_loop().time()
        async with asyncio.timeout(LONGEST_RECOVERY_SECONDS):
            # Not our children, so their coming back can only be polled.
            while await asyncio.to_thread(self.pid_of, part) in (pid, None) or not await self._is_ready():  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        return asyncio.get_running_loop().time() - since

    async def _is_ready(self) -> bool:
        async with httpx.AsyncClient(trust_env=False, timeout=5) as client:
            try:
                return (await client.get(f"{self.url}/readyz")).is_success
            except httpx.TransportError:
                return False


@asynccontextmanager
async def running_house(**settings: str) -> AsyncIterator[House]:
    """A platform from nothing, with these settings; stopped and forgotten afterwards."""
    directory = await asyncio.to_thread(_new_directory)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "server", "up"),
        stdout=DEVNULL,
        stderr=STDOUT,
        # Nobody who gives back often is slowed down, or the storm would soon be over.
        env={
            **os.environ,
            "DATA_DIRECTORY": str(directory),
            "PORT": "0",
            "BOOKING_SLOW_LANE_AFTER": "100000",
            "SIMULATED_HOSPITAL": "false",
            # Refunds that take providers' days would be waited for.
            "PAYMENT_SANDBOX_TIME_SCALE": "100",
        }
        | settings,
    )
    try:
        async with asyncio.timeout(LONGEST_START_SECONDS):
            holder = await _ready(directory, process)
        assert holder.url is not None
        assert holder.endpoints is not None
        stores = Stores.at(
            database_url=holder.endpoints.database_url,
            mongodb_url=holder.endpoints.mongodb_url,
            redis_url=holder.endpoints.redis_url,
        )
        ring = key_ring(Settings(data_directory=directory))
        async with httpx.AsyncClient(transport=ToThePlatform(holder.url), timeout=20) as http:
            yield House(directory, holder.url, Platform(http, stores, ring, RealClock()))
        await stores.close()
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGINT)
            await process.wait()
        await asyncio.to_thread(shutil.rmtree, directory)


def _new_directory() -> Path:
    # Not private: as root, PostgreSQL runs as somebody else.
    directory = Path(tempfile.mkdtemp(prefix="htbooking-chaos-"))
    directory.chmod(0o711)
    return directory


async def _ready(directory: Path, process: Process) -> Holder:
    while True:
        assert process.returncode is None, f"`server up` ended with {process.returncode}"
        holder = await asyncio.to_thread(current_holder, directory)
        if holder is not None and holder.url is not None and (directory / "demo-hospital-key.json").exists():
            async with httpx.AsyncClient(trust_env=False) as client:
                try:
                    if (await client.get(f"{holder.url}/readyz")).is_success:
                        return holder
                except httpx.TransportError:
                    pass  # not listening yet
        await asyncio.sleep(0.1)

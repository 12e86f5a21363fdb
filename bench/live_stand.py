"""What is compared when live subscriptions are measured: the API and a bare broadcast, running, and their readers."""

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Protocol

import httpx
import orjson
from sqlalchemy import text

from bench.stand import served
from datasources.stores import Stores
from domain.live.changes import note_slot_change
from server.addresses import as_environment, given_urls
from server.demo.filling import fill
from server.demo.hospitals import invented_hospitals
from server.embedded.data_lock import Endpoints, held_lock
from server.embedded.ports import remembered_ports
from server.embedded.servers import embedded_servers
from server.embedded.supervised import Report
from server.migrate import migrate
from server.settings import Settings

API, BROADCAST = "subscriptions", "bare broadcast"
SUBSCRIPTION = """subscription Slots($h: String!, $d: String!) {
  slotAvailability(hospitalCode: $h, departmentCode: $d) {
    days { date state capacity remaining schedules { id state remaining } }
  }
}"""
CLOCK_TICKS = os.sysconf("SC_CLK_TCK")


class Contestant(Protocol):
    """One way to tell many of a change."""

    name: str
    port: int
    process_id: int

    @property
    def messages(self) -> Sequence[str]:
        """What a reader sends after the handshake."""

    async def change(self) -> float:
        """Change something; the moment (`time.monotonic()`) just before it counts."""


@dataclass
class Subscriptions:
    """The API: a number is given out by the hospital, or taken back, in a transaction."""

    port: int
    process_id: int
    stores: Stores
    hospital_code: str
    department_code: str
    schedule_id: str
    visit_date: date
    name: str = API
    _given: bool = False

    @property
    def messages(self) -> Sequence[str]:
        """The protocol's beginning."""
        variables = {"h": self.hospital_code, "d": self.department_code}
        payload = {"query": SUBSCRIPTION, "variables": variables}
        subscribe = {"type": "subscribe", "id": "01890000-0000-7000-8000-000000000001", "payload": payload}
        return [orjson.dumps(each).decode() for each in ({"type": "connection_init"}, subscribe)]

    async def change(self) -> float:
        """Commit one change of one session."""
        self._given = not self._given
        async with self.stores.sql.unit_of_work() as session:
            await (await session.connection()).execute(
                text("UPDATE slot_ledger SET withheld = withheld + :more WHERE schedule_id = :id"),
                {"more": 1 if self._given else -1, "id": self.schedule_id},
            )
            note_slot_change(session, self.hospital_code, self.department_code, self.visit_date, self.schedule_id)
            return time.monotonic()


@dataclass
class Broadcast:
    """The bare broadcast of the bytes that the API sends."""

    port: int
    process_id: int
    http: httpx.AsyncClient
    text: str = ""
    name: str = BROADCAST

    @property
    def messages(self) -> Sequence[str]:
        """None: it has no protocol."""
        return ()

    async def change(self) -> float:
        """Post the bytes. The answer comes when all has been sent."""
        before = time.monotonic()
        answer = await self.http.post(f"http://127.0.0.1:{self.port}/broadcast", content=self.text)
        answer.raise_for_status()
        return before


@asynccontextmanager
async def small_stores(settings: Settings, report: Report) -> AsyncIterator[Endpoints]:
    """The stores that the settings name, embedded ones for the rest, with one invented hospital in them."""
    with held_lock(settings.data_directory):
        async with embedded_servers(settings.data_directory, given_urls(settings), report=report) as endpoints:
            await migrate(endpoints.database_url)
            stores = Stores.at(
                database_url=endpoints.database_url, mongodb_url=endpoints.mongodb_url, redis_url=endpoints.redis_url
            )
            try:
                await fill(stores, invented_hospitals(1), datetime.now(settings.zone).date(), lambda _so_far: None)
            finally:
                await stores.close()
            yield endpoints


@asynccontextmanager
async def live_stand(
    endpoints: Endpoints, directory: Path, report: Report
) -> AsyncIterator[tuple[Subscriptions, Broadcast]]:
    """Both, each in a process of its own."""
    async with AsyncExitStack() as running:

        async def serve(name: str, module: list[str]) -> tuple[int, int]:
            [port] = remembered_ports([directory / "run" / f"bench-{name}.port"])
            own = {"DATA_DIRECTORY": str(directory), "PORT": str(port), "LOG_LEVEL": "WARNING"}
            environment = {**os.environ, **as_environment(endpoints), **own}
            log = directory / "log" / f"bench-{name}.log"
            command = [sys.executable, "-m", *module]
            process_id = await running.enter_async_context(served(name, command, Path.cwd(), environment, log, report))
            return port, process_id or 0

        api = await serve("live", ["server", "serve"])
        bare = await serve("broadcast", ["bench.live_broadcast"])
        stores = Stores.at(
            database_url=endpoints.database_url, mongodb_url=endpoints.mongodb_url, redis_url=endpoints.redis_url
        )
        running.push_async_callback(stores.close)
        http = await running.enter_async_context(httpx.AsyncClient(timeout=60))
        hospital_code, department_code, schedule_id, visit_date = await _busy_session(stores)
        yield (
            Subscriptions(*api, stores, hospital_code, department_code, schedule_id, visit_date),
            Broadcast(*bare, http),
        )


async def _busy_session(stores: Stores) -> tuple[str, str, str, date]:
    """A session that has numbers left, of the department with most sessions."""
    async with stores.sql.read() as session:
        rows = await (await session.connection()).execute(
            text("""
                SELECT l.hospital_code, l.department_code, l.schedule_id, l.visit_date
                  FROM slot_ledger l
                  JOIN (SELECT hospital_code, department_code FROM slot_ledger WHERE visit_date > current_date + 1
                         GROUP BY 1, 2 ORDER BY count(*) DESC, 1, 2 LIMIT 1) busy
                 USING (hospital_code, department_code)
                 WHERE l.visit_date > current_date + 1 AND l.status = 'BOOKABLE'
                   AND l.capacity > l.withheld + l.taken + l.waiting + 1
                 ORDER BY l.visit_date, l.schedule_id LIMIT 1
            """)
        )
        hospital_code, department_code, schedule_id, visit_date = rows.one()
    return hospital_code, department_code, schedule_id, visit_date


@dataclass(frozen=True, slots=True)
class Heard:
    """What readers have heard, event by event."""

    first: list[float]
    last: list[float]
    readers: list[int]
    latest: str


class Readers:
    """A process full of readers that are connected."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def stop(self) -> Heard:
        """End them; what they have heard."""
        told, _ = await self._process.communicate(b"")
        return Heard(**orjson.loads(told))


async def readers(contestant: Contestant, count: int) -> Readers:
    """So many, connected and served with what is there at first."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bench.live_readers",
        str(contestant.port),
        str(count),
        orjson.dumps(list(contestant.messages)).decode(),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=2**24,
    )
    if process.stdout is None or await process.stdout.readline() != b"ready\n":
        raise RuntimeError("the readers could not connect")
    return Readers(process)


def cpu_seconds(process_id: int) -> float:
    """Processor time that the process has used so far."""
    fields = Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / CLOCK_TICKS

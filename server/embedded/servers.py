"""The embedded servers that are needed, started together and stopped together."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from server.embedded.data_lock import Endpoints
from server.embedded.leftovers import end_leftover
from server.embedded.mongodb import Mongodb
from server.embedded.ports import remembered_ports
from server.embedded.postgresql import Postgresql
from server.embedded.supervised import Program, Report, SupervisedProcess
from server.embedded.valkey import Valkey


class EmbeddedServer(Protocol):
    """What every kind of server can do."""

    name: str
    key: str
    """Its directory's name in the data directory."""

    async def prepare(self) -> None:
        """Make what must exist before its first start."""

    def url(self, port: int) -> str:
        """Where clients find it."""

    def program(self, port: int) -> Program:
        """How to run it."""


@dataclass(frozen=True, slots=True)
class GivenUrls:
    """Servers that exist already; for each None an embedded one is started."""

    database_url: str | None = None
    mongodb_url: str | None = None
    redis_url: str | None = None


def _silent(_line: str) -> None:
    return


@asynccontextmanager
async def embedded_servers(
    data_directory: Path, given: GivenUrls | None = None, *, durable: bool = True, report: Report = _silent
) -> AsyncIterator[Endpoints]:
    """Run the servers that are not given, all at once, until the block ends; a server that dies is started again.

    The caller holds the data directory's lock. `durable=False` is for tests: a power cut may lose everything.
    Raises ProgramError, with the last lines of its log, when a server does not start.
    """
    given = given or GivenUrls()
    # PostgreSQL changes its directory, so a relative path would lose its meaning.
    data_directory = await asyncio.to_thread(data_directory.resolve)
    servers: dict[str, EmbeddedServer] = {}
    if given.database_url is None:
        servers["database_url"] = Postgresql(data_directory, durable=durable, report=report)
    if given.mongodb_url is None:
        servers["mongodb_url"] = Mongodb(data_directory, durable=durable)
    if given.redis_url is None:
        servers["redis_url"] = Valkey(data_directory, durable=durable)

    async with _running(servers, data_directory, report) as urls:
        yield Endpoints(
            database_url=given.database_url or urls["database_url"],
            mongodb_url=given.mongodb_url or urls["mongodb_url"],
            redis_url=given.redis_url or urls["redis_url"],
        )


@asynccontextmanager
async def _running(
    servers: Mapping[str, EmbeddedServer], data_directory: Path, report: Report
) -> AsyncIterator[dict[str, str]]:
    run = data_directory / "run"
    run.mkdir(mode=0o700, parents=True, exist_ok=True)
    for server in servers.values():
        await end_leftover(run / f"{server.key}.pid", str((data_directory / server.key).resolve()))
    ports = remembered_ports([run / f"{server.key}.port" for server in servers.values()])
    processes: list[SupervisedProcess] = []

    async def start(server: EmbeddedServer, port: int) -> None:
        since = time.monotonic()
        await server.prepare()
        program = replace(server.program(port), pid_file=run / f"{server.key}.pid")
        process = SupervisedProcess(program, report)
        await process.start()
        processes.append(process)
        report(f"{server.name} answers on port {port} after {time.monotonic() - since:.1f} s")

    try:
        outcomes = await asyncio.gather(*map(start, servers.values(), ports), return_exceptions=True)
        for outcome in outcomes:
            if outcome is not None:
                raise outcome
        yield {name: server.url(port) for (name, server), port in zip(servers.items(), ports, strict=True)}
    finally:
        await asyncio.gather(*(process.stop() for process in processes))

"""What is compared, running: the stores with the demo in them, and one process for each way to serve the home page."""

import os
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bench.home_page import STATIC_PATH, HomePage, http_request
from bench.load import ask_once
from datasources.stores import Stores
from domain.dictionary.seed import ensure_dictionary
from server.addresses import as_environment, given_urls
from server.demo import ensure_demo_data
from server.embedded.data_lock import Endpoints, held_lock
from server.embedded.ports import is_open, remembered_ports
from server.embedded.servers import embedded_servers
from server.embedded.supervised import Program, Report, SupervisedProcess
from server.migrate import migrate
from server.settings import Settings

GRAPH, HANDWRITTEN, STATIC = "graph", "hand-written", "static"


class AnswersDifferError(Exception):
    """The ways to serve the home page don't give the same bytes, so comparing their speed would mean nothing."""


@dataclass(frozen=True, slots=True)
class Contestant:
    """One way to serve the home page, and how it is asked."""

    name: str
    port: int
    request: bytes


@dataclass(frozen=True, slots=True)
class Stand:
    """All that are compared, after their answers proved equal."""

    contestants: list[Contestant]
    answer_bytes: int


@asynccontextmanager
async def filled_stores(settings: Settings, report: Report) -> AsyncIterator[Endpoints]:
    """The stores that the settings name, embedded ones for the rest, with the dictionary and the demo in them."""
    directory = settings.data_directory
    with held_lock(directory):
        async with embedded_servers(directory, given_urls(settings), report=report) as endpoints:
            await migrate(endpoints.database_url)
            stores = Stores.at(
                database_url=endpoints.database_url, mongodb_url=endpoints.mongodb_url, redis_url=endpoints.redis_url
            )
            try:
                await stores.catalogue.bind()
                await ensure_dictionary(stores.sql)
                await ensure_demo_data(stores, datetime.now(settings.zone).date(), report)
            finally:
                await stores.close()
            yield endpoints


@asynccontextmanager
async def contestants(
    endpoints: Endpoints, directory: Path, page: HomePage, against: Sequence[Path], report: Report
) -> AsyncIterator[Stand]:
    """Every way to serve the page, each in its own process, after their answers proved equal.

    `against` are other checkouts of the platform, whose graphs take part. Raises AnswersDifferError.
    """
    async with AsyncExitStack() as running:

        async def serve(
            name: str, command: list[str], request: bytes, where: Path | None = None, **more: str
        ) -> Contestant:
            [port] = remembered_ports([directory / "run" / f"bench-{name}.port"])
            environment = {
                **os.environ,
                **as_environment(endpoints),
                "DATA_DIRECTORY": str(directory),
                "PORT": str(port),
                **more,
            }
            log = directory / "log" / f"bench-{name}.log"
            await running.enter_async_context(served(name, command, where or Path.cwd(), environment, log, report))
            return Contestant(name, port, request)

        graph = [sys.executable, "-m", "server", "serve"]
        own = [sys.executable, "-m", "bench.serving"]
        found = [
            await serve(GRAPH, graph, page.graphql_request),
            await serve(HANDWRITTEN, [*own, "handwritten"], page.handwritten_request),
        ]
        for checkout in against:
            found.append(await serve(f"{GRAPH} of {checkout.name}", graph, page.graphql_request, checkout))  # noqa: PERF401 - one starts after the other
        body = await equal_answer(found)
        static_file = directory / "bench-answer.json"
        static_file.write_bytes(body)
        found.append(
            await serve(STATIC, [*own, "static"], http_request("GET", STATIC_PATH), STATIC_FILE=str(static_file))
        )
        yield Stand(found, len(body))


async def equal_answer(found: list[Contestant]) -> bytes:
    """The bytes that all of them answer. Raises AnswersDifferError."""
    answers = {each.name: await ask_once(each.port, each.request) for each in found}
    first, *others = answers.items()
    for name, answer in others:
        if answer != first[1]:
            raise AnswersDifferError(f"{first[0]} and {name} differ{_first_difference(first[1], answer)}")
    return first[1]


def _first_difference(one: bytes, other: bytes) -> str:
    place = next((place for place, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]), None)
    if place is None:
        return f" in length: {len(one)} and {len(other)} bytes"
    around = slice(max(0, place - 60), place + 60)
    return f" at byte {place}:\n  {one[around].decode(errors='replace')}\n  {other[around].decode(errors='replace')}"


@asynccontextmanager
async def served(
    name: str, command: list[str], where: Path, environment: Mapping[str, str], log: Path, report: Report
) -> AsyncIterator[int | None]:
    """A process that serves on PORT of this environment while the block runs; its id."""
    port = int(environment["PORT"])
    process = SupervisedProcess(
        Program(
            name=name,
            arguments=tuple(command),
            directory=where,
            environment=environment,
            log=log,
            ready=lambda: is_open(port),
        ),
        report,
    )
    await process.start()
    try:
        yield process.pid
    finally:
        await process.stop()

"""`make bench-booking`: taking numbers, at each layer, beside pgbench running the very same statement.

One hot session and 10,000 spread ones, bookings that are accepted and that are refused. Everything runs in one go and
in alternating rounds on servers of the benchmark's own. Ratios mean something; absolute figures belong to the machine.
"""

import argparse
import asyncio
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

import asyncpg
import orjson

from bench.apart import Apart, apart
from bench.booking_calls import (
    Pairs,
    access_token,
    as_argument,
    attempts,
    batches_of,
    graphql_body,
    http_requests,
    requests,
)
from bench.booking_report import Layer, Results, Scenario, Speed, report
from bench.booking_shares import WARM_UP_REQUESTS, booking_shares
from bench.booking_work import ACCEPTED, REFUSED, through_datasource, through_http, through_use_case
from bench.booking_world import World, booked, fill, reset
from bench.command_line import add_json_argument, data_directory_of, say, write_json
from bench.measured import Measured
from bench.pgbench import Calls, run_pgbench
from bench.stand import served
from datasources.sealing import KeyRing
from datasources.sql.booking_statements import BOOK_NUMBERS, Outcome
from datasources.stores import Stores
from domain.dictionary.seed import ensure_dictionary
from server.addresses import as_environment
from server.booking_policy import booking_policy
from server.embedded.data_lock import Endpoints, held_lock
from server.embedded.ports import remembered_ports
from server.embedded.servers import embedded_servers
from server.migrate import migrate
from server.root_key import key_ring
from server.settings import Settings

CLIENTS = 16
"""Connections to PostgreSQL: pgbench's clients, and the pool of everybody else."""
CLIENTS_BY_BATCH = {1: (CLIENTS,), 32: (1, 4)}
"""Attempts in one statement, alone or as many as the gate lets in at once, and how many such statements there are side
by side. Each process has one for a session, so four are four processes."""
SMALLEST_BLOCK = 4


@dataclass(frozen=True, slots=True)
class Effort:
    """How much to measure."""

    rounds: int = 5
    blocks: int = 8
    """Of statements for each client of pgbench; the first is not counted."""
    http_bookings: int = 2048
    callers: tuple[int, ...] = (16, 64, 256)
    spread: int = 10_000
    people: int = 20_000
    share_bookings: int = 300


class WrongOutcomeError(Exception):
    """What was to be measured did not happen, so its speed would mean nothing."""


@dataclass(frozen=True, slots=True)
class Measurement:
    """One contestant in one scenario."""

    layer: Layer
    scenario: Scenario
    callers: int
    batch: int = 1


def measurements(effort: Effort) -> list[Measurement]:
    """All of them, in the order of a round: those that are compared stand side by side."""
    found = []
    for scenario in Scenario:
        for batch, counts in CLIENTS_BY_BATCH.items():
            if batch == 1 or scenario is not Scenario.SPREAD:
                found += [
                    Measurement(layer, scenario, clients, batch)
                    for clients in counts
                    for layer in (Layer.PGBENCH, Layer.DATASOURCE)
                ]
        for callers in effort.callers if scenario is not Scenario.SPREAD else effort.callers[:2]:
            found += [Measurement(layer, scenario, callers) for layer in (Layer.USE_CASE, Layer.HTTP)]
    alone = [layer for layer in Layer if layer is not Layer.USE_CASE]
    return found + [Measurement(layer, Scenario.SPREAD, 1) for layer in alone]


class Bench:
    """Takes the measurements on stores that run and are filled."""

    def __init__(
        self, settings: Settings, endpoints: Endpoints, world: World, effort: Effort, port: int, ring: KeyRing
    ) -> None:
        self._settings = settings
        self._endpoints = endpoints
        self._world = world
        self._effort = effort
        self._port = port
        self._ring = ring

    async def take(self, one: Measurement, connection: asyncpg.Connection, platform: Apart, client: Apart) -> Measured:
        """Raises WrongOutcomeError."""
        block = self._block(one)
        count = self._effort.http_bookings
        if one.layer in (Layer.PGBENCH, Layer.DATASOURCE):
            count = one.callers * self._effort.blocks * block * one.batch
        if one.callers == one.batch == 1:
            count = min(count, self._effort.share_bookings // block * block)
        pairs = self._pairs(one.scenario, count)
        sold_out = one.scenario is Scenario.REFUSED
        await reset(connection, self._world, hot_places=count, sold_out=sold_out)
        measured = await self._measured(one, pairs, block, platform, client)
        made = await booked(connection)
        expected = {REFUSED, Outcome.SOLD_OUT} if sold_out else {ACCEPTED, Outcome.TAKEN}
        if made != (0 if sold_out else count) or not expected >= measured.outcomes.keys():
            raise WrongOutcomeError(f"{one}: {made} orders were made of {count} attempts: {measured.outcomes}")
        return measured

    async def _measured(self, one: Measurement, pairs: Pairs, block: int, platform: Apart, client: Apart) -> Measured:
        now = datetime.now(UTC)
        limits = booking_policy(self._settings).limits
        match one.layer:
            case Layer.PGBENCH:
                calls = Calls(
                    statement=BOOK_NUMBERS,
                    arguments=[as_argument(batch) for batch in batches_of(attempts(pairs, now), one.batch)],
                    second=orjson.dumps(limits).decode(),
                    third=now.isoformat(),
                    clients=one.callers,
                    block=block,
                )
                return await run_pgbench(self._endpoints.database_url, calls)
            case Layer.DATASOURCE:
                batches = list(batches_of(attempts(pairs, now), one.batch))
                url = self._endpoints.database_url
                return await platform.run(through_datasource, url, batches, limits, one.callers)
            case Layer.USE_CASE:
                return await platform.run(
                    through_use_case, self._settings, self._endpoints, requests(pairs), one.callers
                )
            case Layer.HTTP:
                asked = http_requests(self._ring, pairs, now)
                return await client.run(through_http, self._port, asked, one.callers)

    async def shares(self, connection: asyncpg.Connection, platform: Apart) -> dict[str, float]:
        """Where one booking's time goes inside the API process."""
        pairs = self._pairs(Scenario.HOT, self._effort.share_bookings + WARM_UP_REQUESTS)
        await reset(connection, self._world, hot_places=len(pairs), sold_out=False)
        now = datetime.now(UTC)
        asked = [(graphql_body(person, place), access_token(self._ring, person, now)) for person, place in pairs]
        return await platform.run(booking_shares, self._settings, self._endpoints, asked)

    def _pairs(self, scenario: Scenario, count: int) -> Pairs:
        world = self._world
        if count > len(world.people):
            raise ValueError("nobody books twice, so as many people are needed as bookings")
        if scenario is Scenario.SPREAD:
            return [(person, world.spread[n % len(world.spread)]) for n, person in enumerate(world.people[:count])]
        return [(person, world.hot) for person in world.people[:count]]

    def _block(self, one: Measurement) -> int:
        return 5 * SMALLEST_BLOCK if one.batch == 1 else SMALLEST_BLOCK


async def bench(settings: Settings, effort: Effort) -> Results:
    """Start servers, fill them, measure, stop them. Raises WrongOutcomeError."""
    with held_lock(settings.data_directory):
        async with embedded_servers(settings.data_directory, report=say) as endpoints:
            return await compare(settings, endpoints, effort)


async def compare(settings: Settings, endpoints: Endpoints, effort: Effort) -> Results:
    """Measure on servers that run and whose databases are empty. Raises WrongOutcomeError."""
    ring = key_ring(settings)
    say(f"making {effort.people} people and {effort.spread} sessions")
    await migrate(endpoints.database_url)
    stores = Stores.at(
        database_url=endpoints.database_url, mongodb_url=endpoints.mongodb_url, redis_url=endpoints.redis_url
    )
    try:
        await stores.catalogue.bind()
        await ensure_dictionary(stores.sql)
        today = datetime.now(settings.zone).date()
        world = await fill(stores, ring, today, effort.people, effort.spread)
    finally:
        await stores.close()
    measured: dict[Measurement, list[Measured]] = {}
    connection = await asyncpg.connect(endpoints.database_url)
    try:
        with apart(collecting=True) as platform, apart(collecting=False) as client:
            async with _api(settings, endpoints) as port:
                stand = Bench(settings, endpoints, world, effort, port, ring)
                for number in range(effort.rounds):
                    say(f"round {number + 1} of {effort.rounds}")
                    for one in measurements(effort):
                        measured.setdefault(one, []).append(await stand.take(one, connection, platform, client))
                say("measuring the parts of one booking in process")
                shares = await stand.shares(connection, platform)
    finally:
        await connection.close()
    return Results([_speed(one, found, measured) for one, found in measured.items()], shares)


def _speed(one: Measurement, found: Sequence[Measured], measured: dict[Measurement, list[Measured]]) -> Speed:
    database = one.layer in (Layer.PGBENCH, Layer.DATASOURCE) or one.callers == 1
    peer = measured[Measurement(Layer.PGBENCH, one.scenario, one.callers if database else CLIENTS, one.batch)]
    return Speed(
        layer=one.layer,
        scenario=one.scenario,
        callers=one.callers,
        batch=one.batch,
        per_second=median(each.per_second for each in found) * one.batch,
        p50=median(each.p50 for each in found),
        p99=median(each.p99 for each in found),
        of_pgbench=median(own.per_second / other.per_second for own, other in zip(found, peer, strict=True)),
    )


@asynccontextmanager
async def _api(settings: Settings, endpoints: Endpoints) -> AsyncIterator[int]:
    directory = settings.data_directory
    [port] = remembered_ports([directory / "run" / "bench-booking.port"])
    environment = {
        "PATH": "/usr/bin:/bin",
        **as_environment(endpoints),
        "DATA_DIRECTORY": str(directory),
        "PORT": str(port),
        "SQL_POOL_SIZE": str(CLIENTS),
    }
    log = directory / "log" / "bench-booking.log"
    command = [sys.executable, "-m", "server", "serve"]
    async with served("booking", command, Path.cwd(), environment, log, say):
        yield port


def main(words: Sequence[str]) -> int:
    """Run the benchmark and print its tables; the exit code."""
    arguments = _parser().parse_args(words)
    effort = Effort(rounds=arguments.rounds)
    with data_directory_of(None) as directory:
        # Servers of its own, whatever the environment names: what it measures on is emptied again and again.
        settings = Settings(data_directory=directory, sql_pool_size=CLIENTS)
        try:
            results = asyncio.run(bench(settings, effort))
        except WrongOutcomeError as error:
            say(str(error))
            return 1
    print(report(results))
    write_json(results, arguments.json)
    return 0


def _parser() -> argparse.ArgumentParser:
    defaults = {field.name: field.default for field in fields(Effort)}
    parser = argparse.ArgumentParser(prog="python -m bench.booking", description=__doc__)
    parser.add_argument("--rounds", type=int, default=defaults["rounds"], help="alternating rounds")
    add_json_argument(parser)
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

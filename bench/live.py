"""`make bench-live`: live subscriptions beside a bare Starlette WebSocket that broadcasts the same bytes.

One writer commits a change every so often; every reader is told. Both sides run in the same rounds by turns, so what
else the machine does meets both alike: ratios mean something, absolute figures belong to the machine.
"""

import argparse
import asyncio
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from statistics import median

from bench.command_line import add_data_argument, add_json_argument, data_directory_of, say, write_json
from bench.live_stand import (
    API,
    BROADCAST,
    Contestant,
    Subscriptions,
    cpu_seconds,
    live_stand,
    readers,
    small_stores,
)
from bench.report import table
from server.embedded.data_lock import Endpoints
from server.settings import Settings

PERCENT_99 = 0.99


@dataclass(frozen=True, slots=True)
class Effort:
    """How much to measure. Each round asks each side with each number of readers."""

    rounds: int = 5
    events: int = 20
    """Changes in a round."""
    pause_seconds: float = 0.3
    """Between two changes, longer than a change takes to reach everybody: nothing is left out."""
    readers: tuple[int, ...] = (100, 1_000, 3_000)


@dataclass(frozen=True, slots=True)
class Round:
    """One side in one round."""

    latencies: list[float]
    """Seconds from just before each commit to the last reader."""
    cpu_seconds: float
    """Of the serving process, for each change."""


@dataclass(frozen=True, slots=True)
class Line:
    """One side with one number of readers: medians over the rounds, but for the latencies of all its events."""

    name: str
    readers: int
    p50: float
    p99: float
    cpu_seconds: float
    cpu_ratio: float
    """CPU for a change as a multiple of the bare broadcast's in the same round."""


@dataclass(frozen=True, slots=True)
class Results:
    """Everything that was measured."""

    message_bytes: int
    lines: list[Line]


class EventsLostError(Exception):
    """Not every reader got every event, so its figures would mean nothing."""


async def compare(settings: Settings, endpoints: Endpoints, effort: Effort) -> Results:
    """Measure on stores that run and are filled. Raises EventsLostError."""
    async with live_stand(endpoints, settings.data_directory, say) as (subscriptions, broadcast):
        broadcast.text = await _message(subscriptions)
        measured: dict[tuple[str, int], list[Round]] = {}
        for number in range(1, effort.rounds + 1):
            for count in effort.readers:
                say(f"round {number} of {effort.rounds}, {count:,} readers")
                sides: list[Contestant] = [subscriptions, broadcast]
                for side in sides if number % 2 else reversed(sides):
                    measured.setdefault((side.name, count), []).append(await _round(side, count, effort))
    lines = [
        _line(name, count, measured[name, count], measured[BROADCAST, count])
        for count in effort.readers
        for name in (API, BROADCAST)
    ]
    return Results(len(broadcast.text.encode()), lines)


async def _message(subscriptions: Subscriptions) -> str:
    """The message that one change makes."""
    reading = await readers(subscriptions, 1)
    await subscriptions.change()
    await asyncio.sleep(1)
    heard = await reading.stop()
    await subscriptions.change()
    return heard.latest


async def _round(side: Contestant, count: int, effort: Effort) -> Round:
    reading = await readers(side, count)
    await asyncio.sleep(effort.pause_seconds)
    used = cpu_seconds(side.process_id)
    begun: list[float] = []
    for _ in range(effort.events):
        begun.append(await side.change())
        await asyncio.sleep(effort.pause_seconds)
    used = cpu_seconds(side.process_id) - used
    heard = await reading.stop()
    if heard.readers != [count] * effort.events:
        raise EventsLostError(f"{side.name}: {heard.readers} readers instead of {effort.events} times {count}")
    return Round([last - begin for begin, last in zip(begun, heard.last, strict=True)], used / effort.events)


def _line(name: str, count: int, rounds: Sequence[Round], bare: Sequence[Round]) -> Line:
    latencies = sorted(latency for each in rounds for latency in each.latencies)
    return Line(
        name=name,
        readers=count,
        p50=median(latencies),
        p99=latencies[min(len(latencies) - 1, int(len(latencies) * PERCENT_99))],
        cpu_seconds=median(each.cpu_seconds for each in rounds),
        cpu_ratio=median(
            own.cpu_seconds / max(other.cpu_seconds, 1e-9) for own, other in zip(rounds, bare, strict=True)
        ),
    )


def report(results: Results) -> str:
    """The table of one run."""
    head = ("", "readers", "to the last, p50 ms", "p99 ms", "CPU ms a change", "x bare")
    return "\n".join(["", f"{results.message_bytes:,} bytes a message", "", *table(head, _rows(results.lines))])


def _rows(lines: Iterable[Line]) -> Iterable[tuple[str, ...]]:
    for line in lines:
        figures = (line.p50 * 1000, line.p99 * 1000, line.cpu_seconds * 1000)
        yield line.name, f"{line.readers:,}", *(f"{figure:.1f}" for figure in figures), f"{line.cpu_ratio:.2f}"


async def bench(settings: Settings, effort: Effort) -> Results:
    """Start the stores with a hospital in them, compare on them, stop them."""
    async with small_stores(settings, say) as endpoints:
        return await compare(settings, endpoints, effort)


def main(words: Sequence[str]) -> int:
    """Run the benchmark and print its table; the exit code."""
    arguments = _parser().parse_args(words)
    effort = Effort(rounds=arguments.rounds, events=arguments.events, readers=tuple(arguments.readers))
    with data_directory_of(arguments.data) as directory:
        try:
            results = asyncio.run(bench(Settings(data_directory=directory), effort))
        except EventsLostError as error:
            say(str(error))
            return 1
    print(report(results))
    write_json(results, arguments.json)
    return 0


def _parser() -> argparse.ArgumentParser:
    defaults = {field.name: field.default for field in fields(Effort)}
    parser = argparse.ArgumentParser(prog="python -m bench.live", description=__doc__)
    parser.add_argument("--rounds", type=int, default=defaults["rounds"], help="alternating rounds")
    parser.add_argument("--events", type=int, default=defaults["events"], help="changes in a round")
    parser.add_argument("--readers", type=int, nargs="+", default=defaults["readers"], help="numbers of readers")
    add_json_argument(parser)
    add_data_argument(parser)
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""`make bench-catalogue`: the uncached home page through the graph, beside a hand-written endpoint and a static answer.

Everything runs in one go and in alternating rounds, so what else the machine does meets all alike. Ratios mean
something; absolute figures belong to the machine.
"""

import argparse
import asyncio
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from statistics import median

from bench.apart import Apart, apart
from bench.command_line import add_data_argument, add_json_argument, data_directory_of, say, write_json
from bench.home_page import HomePage
from bench.load import Job, Outcome, run
from bench.report import report
from bench.results import Results, Speed
from bench.round_trips import round_trips
from bench.shares import measure_shares
from bench.stand import HANDWRITTEN, AnswersDifferError, Contestant, contestants, filled_stores
from server.embedded.data_lock import Endpoints
from server.settings import Settings

CONCURRENCIES = (1, 8)
PERCENT_99 = 0.99


@dataclass(frozen=True, slots=True)
class Effort:
    """How long to measure. Each round asks each contestant at each concurrency."""

    rounds: int = 7
    requests: int = 2000
    """A round's measurement ends when so many were answered, or when its time is up."""
    seconds: float = 1.5
    warm_up_seconds: float = 0.3
    in_process_requests: int = 150


async def bench(settings: Settings, page: HomePage, effort: Effort, against: Sequence[Path] = ()) -> Results:
    """Start the stores with the demo in them, compare on them, stop them. Raises AnswersDifferError."""
    async with filled_stores(settings, say) as endpoints:
        return await compare(settings, endpoints, page, effort, against)


async def compare(
    settings: Settings, endpoints: Endpoints, page: HomePage, effort: Effort, against: Sequence[Path] = ()
) -> Results:
    """Measure on stores that run and are filled. Raises AnswersDifferError."""
    say("measuring the parts of one request in process")
    with apart(collecting=True) as process:
        known, new = await process.run(measure_shares, settings, endpoints, page, effort.in_process_requests)
        trips = await process.run(round_trips, settings, endpoints, page)
    async with contestants(endpoints, settings.data_directory, page, against, say) as stand:
        with apart(collecting=False) as client:
            speeds = await _speeds(stand.contestants, effort, client)
    return Results(page, stand.answer_bytes, speeds, known, new, trips)


async def _speeds(contestants: Sequence[Contestant], effort: Effort, client: Apart) -> list[Speed]:
    rounds: dict[tuple[str, int], list[Outcome]] = {}
    for number in range(1, effort.rounds + 1):
        say(f"round {number} of {effort.rounds}")
        for concurrency in CONCURRENCIES:
            for contestant in contestants:
                job = Job(
                    port=contestant.port,
                    request=contestant.request,
                    concurrency=concurrency,
                    requests=effort.requests,
                    seconds=effort.seconds,
                    warm_up_seconds=effort.warm_up_seconds,
                )
                rounds.setdefault((contestant.name, concurrency), []).append(await client.run(run, job))
    return [
        _speed(name, concurrency, outcomes, rounds[HANDWRITTEN, concurrency])
        for (name, concurrency), outcomes in rounds.items()
    ]


def _speed(name: str, concurrency: int, outcomes: Sequence[Outcome], handwritten: Sequence[Outcome]) -> Speed:
    return Speed(
        name=name,
        concurrency=concurrency,
        per_second=median(map(_per_second, outcomes)),
        p50=median(median(outcome.latencies) for outcome in outcomes),
        p99=median(_percentile(outcome.latencies, PERCENT_99) for outcome in outcomes),
        times_handwritten=median(
            _per_second(other) / _per_second(own) for own, other in zip(outcomes, handwritten, strict=True)
        ),
    )


def _per_second(outcome: Outcome) -> float:
    return len(outcome.latencies) / outcome.elapsed


def _percentile(values: Iterable[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def main(words: Sequence[str]) -> int:
    """Run the benchmark and print its table; the exit code."""
    arguments = _parser().parse_args(words)
    effort = Effort(rounds=arguments.rounds, seconds=arguments.seconds)
    with data_directory_of(arguments.data) as directory:
        try:
            results = asyncio.run(bench(Settings(data_directory=directory), HomePage(), effort, arguments.against))
        except AnswersDifferError as error:
            say(str(error))
            return 1
    print(report(results))
    write_json(results, arguments.json)
    return 0


def _parser() -> argparse.ArgumentParser:
    defaults = {field.name: field.default for field in fields(Effort)}
    parser = argparse.ArgumentParser(prog="python -m bench.catalogue", description=__doc__)
    parser.add_argument("--rounds", type=int, default=defaults["rounds"], help="alternating rounds")
    parser.add_argument("--seconds", type=float, default=defaults["seconds"], help="most seconds of one measurement")
    add_json_argument(parser)
    parser.add_argument(
        "--against",
        type=Path,
        nargs="*",
        default=(),
        metavar="DIRECTORY",
        help="other checkouts whose graphs take part",
    )
    add_data_argument(parser)
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

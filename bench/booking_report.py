"""What the booking benchmark finds out, and its tables."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from bench.booking_shares import WHOLE
from bench.report import table


class Layer(StrEnum):
    """How deep a booking enters. Each layer does all that those before it do."""

    PGBENCH = "pgbench"
    DATASOURCE = "datasource"
    USE_CASE = "use case"
    HTTP = "HTTP"


class Scenario(StrEnum):
    """What is asked for."""

    HOT = "one hot session"
    REFUSED = "one hot session, sold out"
    SPREAD = "spread over sessions"


@dataclass(frozen=True, slots=True)
class Speed:
    """One layer in one scenario: medians over the rounds."""

    layer: Layer
    scenario: Scenario
    callers: int
    batch: int
    """Bookings in one call."""
    per_second: float
    """Bookings: accepted ones, or refused ones where the session is sold out."""
    p50: float
    """Seconds of a call."""
    p99: float
    """Seconds of a call."""
    of_pgbench: float
    """Bookings per second as a share of pgbench's in the same round, with the same batch."""

    @property
    def is_alone(self) -> bool:
        """Whether one caller books one number at a time."""
        return self.callers == self.batch == 1


@dataclass(frozen=True, slots=True)
class Results:
    """Everything that was measured."""

    speeds: Sequence[Speed]
    shares: Mapping[str, float]
    """Seconds of each part of one booking inside the API process."""


def report(results: Results) -> str:
    """The tables of one run."""
    lines = ["", "Taking a number. pgbench runs the statement that the datasource runs, with the same arguments."]
    for scenario in Scenario:
        rows = [speed for speed in results.speeds if speed.scenario is scenario and not speed.is_alone]
        what = "refused/s" if scenario is Scenario.REFUSED else "accepted/s"
        lines += ["", scenario.capitalize(), "", *_speeds(rows, what)]
    alone = [speed for speed in results.speeds if speed.is_alone]
    lines += ["", "One caller alone, each time another session", "", *_speeds(alone, "accepted/s")]
    lines += ["", "Inside the API process, one booking of a hot session, without HTTP", "", *_shares(results.shares)]
    return "\n".join(lines)


def _speeds(speeds: Iterable[Speed], what: str) -> Iterable[str]:
    return table(
        ("", "callers", "batch", what, "p50 ms", "p99 ms", "of pgbench"),
        (
            (
                speed.layer,
                str(speed.callers),
                str(speed.batch),
                f"{speed.per_second:,.0f}",
                f"{speed.p50 * 1000:.2f}",
                f"{speed.p99 * 1000:.2f}",
                f"{speed.of_pgbench:.0%}",
            )
            for speed in speeds
        ),
    )


def _shares(shares: Mapping[str, float]) -> Iterable[str]:
    whole = shares[WHOLE]
    return table(
        ("", "ms", "share"), ((name, f"{part * 1000:.3f}", f"{part / whole:.1%}") for name, part in shares.items())
    )

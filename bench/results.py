"""What a benchmark of the home page finds out."""

from dataclasses import dataclass

from bench.home_page import HomePage
from bench.shares import Shares


@dataclass(frozen=True, slots=True)
class Speed:
    """One contestant at one concurrency: medians over the rounds."""

    name: str
    concurrency: int
    per_second: float
    p50: float
    """Seconds."""
    p99: float
    """Seconds."""
    times_handwritten: float
    """Time for a request as a multiple of the hand-written endpoint's in the same round."""


@dataclass(frozen=True, slots=True)
class Results:
    """Everything that was measured."""

    page: HomePage
    answer_bytes: int
    speeds: list[Speed]
    known_document: Shares
    new_document: Shares
    round_trips: dict[str, float]
    """Per request and store."""

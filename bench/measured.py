"""What one measurement brings."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median

PERCENT_99 = 0.99


@dataclass(frozen=True, slots=True)
class Measured:
    """Calls and how long each of them took, in seconds."""

    elapsed: float
    latencies: Sequence[float]
    outcomes: dict[str, int] = field(default_factory=dict)
    """How many answers were of which kind; empty where nobody looked."""

    @property
    def per_second(self) -> float:
        """Calls."""
        return len(self.latencies) / self.elapsed

    @property
    def p50(self) -> float:
        """Seconds."""
        return median(self.latencies)

    @property
    def p99(self) -> float:
        """Seconds."""
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(len(ordered) * PERCENT_99))]

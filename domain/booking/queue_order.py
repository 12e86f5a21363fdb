"""In which order those who have checked in for a session are called. Pure.

As hospitals do it: people are called by the numbers they booked, among those who are there. Whoever comes after a
higher number was called has missed their turn and goes behind everybody who is there; nobody who waits is sent back
for them. Whoever is called and does not answer goes behind the next three.
"""

from collections.abc import Sequence
from dataclasses import dataclass

ABSENT_BEHIND = 3
"""Behind so many of those who wait goes somebody who was called and was not there."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """Somebody who waits, as far as the order depends on them."""

    number: int
    late: bool = False
    times_called: int = 0

    @property
    def in_turn(self) -> bool:
        """Whether they stand where their number says."""
        return not self.late and self.times_called == 0


def is_late(number: int, passed: int) -> bool:
    """Whether somebody with this number comes after their turn. `passed` is the highest number that was called in its
    turn, 0 before the first."""
    return number < passed


def arrival_index(waiting: Sequence[Waiting], number: int, *, late: bool) -> int:
    """Before which of those who wait, given in their order, a newcomer is called; their count: behind all of them."""
    if not late:
        for index, other in enumerate(waiting):
            if other.in_turn and other.number > number:
                return index
    return len(waiting)


def absence_index(others: int) -> int:
    """Before which of so many others who wait somebody is called again who was not there."""
    return min(others, ABSENT_BEHIND)

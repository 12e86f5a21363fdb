"""Chance that never changes: the same key always draws the same, on every machine and Python."""

from collections.abc import Sequence
from hashlib import blake2b
from typing import TypeVar

Thing = TypeVar("Thing")

# Below this the remainder would no longer be even enough, so more of the stream is hashed.
_EVEN_ENOUGH = 1 << 64


class Draws:
    """A stream of draws that belongs to one key (a hospital's code, a session's id, …)."""

    __slots__ = ("_key", "_pool", "_refills")

    def __init__(self, key: str) -> None:
        self._key = key.encode()
        self._refills = 0
        self._pool = int.from_bytes(blake2b(self._key, digest_size=32).digest())

    def below(self, bound: int) -> int:
        """A number from 0 to bound - 1."""
        if self._pool < _EVEN_ENOUGH:
            self._refills += 1
            self._pool = int.from_bytes(blake2b(b"%d:%b" % (self._refills, self._key), digest_size=64).digest())
        self._pool, drawn = divmod(self._pool, bound)
        return drawn

    def between(self, least: int, most: int) -> int:
        """A number from least to most, both included."""
        return least + self.below(most - least + 1)

    def chance(self, percent: int) -> bool:
        """True in so many cases of a hundred."""
        return self.below(100) < percent

    def pick(self, things: Sequence[Thing]) -> Thing:
        """One of them."""
        return things[self.below(len(things))]

    def sample(self, things: Sequence[Thing], count: int) -> list[Thing]:
        """Several different ones (all, if there are not so many), in their own order."""
        left = list(range(len(things)))
        drawn = [left.pop(self.below(len(left))) for _ in range(min(count, len(left)))]
        return [things[index] for index in sorted(drawn)]

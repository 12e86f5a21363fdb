"""Cuts what is pushed into calls: never more than the platform takes at once, never more in memory than that."""

import json
import time
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable, Iterator
from typing import Any, TypedDict

from htbooking_hospital.answers import Batch, PushReport
from htbooking_hospital.calls import Call, push
from htbooking_hospital.items import Item, as_input
from htbooking_hospital.signing import fresh_nonce

MOST_ITEMS = 1_000
MOST_BYTES = 1_000_000


class PushOptions(TypedDict, total=False):
    """How a push is made; all of it may be left out."""

    run: str
    """Names the push: made again under the same name with the same items, after a crash for example, what was taken
    is not taken twice. Left out: a name that nothing else has."""
    all_or_nothing: bool
    """True: a bad item raises InvalidInputError and its whole batch is left out; batches before it stay.
    False, the default: good items are taken, bad ones reported."""
    batch_size: int
    """1 to 1,000, the default."""
    items_per_second: float
    """No more than that on average. Left out: as fast as the platform answers."""
    on_batch: Callable[[Batch], object]
    """Called with what became of each batch."""


class Cutter:
    """Gathers items until a batch is full."""

    def __init__(self, most: int = MOST_ITEMS) -> None:
        if not 1 <= most <= MOST_ITEMS:
            raise ValueError(f"a batch has 1 to {MOST_ITEMS} items")
        self._most = most
        self._items: list[Any] = []
        self._bytes = 0

    def add(self, item: Item | str) -> list[Any] | None:
        """Take one more; the batch that was full without it, if one was."""
        body: Any = item if isinstance(item, str) else as_input(item)
        size = len(json.dumps(body, ensure_ascii=False).encode())
        full = bool(self._items) and (len(self._items) == self._most or self._bytes + size > MOST_BYTES)
        batch: list[Any] | None = self.rest() if full else None
        self._items.append(body)
        self._bytes += size
        return batch

    def rest(self) -> list[Any]:
        """What is left, which may be nothing."""
        items, self._items, self._bytes = self._items, [], 0
        return items


def batches(items: Iterable[Item | str], most: int = MOST_ITEMS) -> Iterator[list[Any]]:
    """The items in order, in lists that fit into one call each."""
    cutter = Cutter(most)
    for item in items:
        batch = cutter.add(item)
        if batch is not None:
            yield batch
    rest = cutter.rest()
    if rest:
        yield rest


async def batches_as_they_come(
    items: Iterable[Item | str] | AsyncIterable[Item | str], most: int = MOST_ITEMS
) -> AsyncIterator[list[Any]]:
    """The same of items that may be waited for."""
    if isinstance(items, Iterable):
        for batch in batches(items, most):
            yield batch
        return
    cutter = Cutter(most)
    async for item in items:
        full = cutter.add(item)
        if full is not None:
            yield full
    rest = cutter.rest()
    if rest:
        yield rest


class PushSteps:
    """The calls of one push, one after the other, and how long to wait between them."""

    def __init__(
        self, operation: str, options: PushOptions, *, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._operation = operation
        self._all_or_nothing = options.get("all_or_nothing", False)
        self._items_per_second = options.get("items_per_second")
        self._on_batch = options.get("on_batch")
        self.batch_size = options.get("batch_size", MOST_ITEMS)
        self.report = PushReport(options.get("run") or fresh_nonce())
        self._monotonic = monotonic
        self._since = monotonic()
        self._number = 0
        self._given = 0

    def call(self, batch: list[Any]) -> Call[Batch]:
        """The next call. Its key follows from the run's name and its number, so a run that was broken off and is made
        again with the same items repeats calls instead of making new ones."""
        first, self._number = self._given, self._number + 1
        self._given += len(batch)
        return push(
            self._operation,
            batch,
            key=f"{self.report.run}-{self._number}",
            all_or_nothing=self._all_or_nothing,
            number=self._number,
            first=first,
        )

    def done(self, batch: Batch) -> None:
        """Note what became of a call."""
        self.report.add(batch)
        if self._on_batch is not None:
            self._on_batch(batch)

    def wait_seconds(self) -> float:
        """How long to wait before the next call, so that no more items go out in a second than wanted."""
        if self._items_per_second is None:
            return 0.0
        return max(0.0, self._since + self._given / self._items_per_second - self._monotonic())

"""Moving on many orders, each in a transaction of its own: one that can't be moved keeps no other from it."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol, TypeVar
from uuid import UUID

import structlog

from datasources.faults import unavailable_store

BATCH = 100
MOST_PER_RUN = 2_000

_log = structlog.get_logger(component="booking")


class _Found(Protocol):
    @property
    def id(self) -> UUID: ...


F = TypeVar("F", bound=_Found)


async def move_each(
    read: Callable[[Sequence[UUID], int], Awaitable[Sequence[F]]], move: Callable[[F], Awaitable[bool]]
) -> int:
    """Move whatever `read` finds (besides these, at most so many) until it finds no more; how many were moved.

    `move` says whether it did: somebody else may have been faster. Raises when a store is down.
    """
    tried: list[UUID] = []
    moved = 0
    while len(tried) < MOST_PER_RUN:
        found = await read(tried, BATCH)
        if not found:
            break
        for each in found:
            tried.append(each.id)
            try:
                moved += await move(each)
            except Exception as fault:
                if unavailable_store(fault) is not None:
                    raise
                _log.exception("an order could not be moved on", order=str(each.id))
    return moved

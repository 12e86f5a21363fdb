"""Working off what is due at providers: some at once, one that fails keeps no other from it, and no provider waits for
another."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Sequence
from typing import TypeVar

import structlog

from datasources.faults import unavailable_store
from datasources.payments.channel import Provider

AT_ONCE = 8
BATCH = 64
MOST_PER_RUN = 2_048

Item = TypeVar("Item")
Key = TypeVar("Key", bound=Hashable)

_log = structlog.get_logger(component="payments")


async def work_off(
    read: Callable[[Provider, list[Key], int], Awaitable[Sequence[Item]]],
    work: Callable[[Item], Awaitable[bool]],
    key_of: Callable[[Item], Key],
) -> int:
    """Work on whatever `read` finds (of this provider, besides these, at most so many) until it finds no more; how many
    were worked on.

    Each provider's is worked off beside the others', so one that answers slowly, or refuses all it is asked, holds up
    nobody's money but its own. `work` says whether it did: somebody else may have been faster. Raises when a store is
    down.
    """
    # In a group, so that the others' work ends with the first that raises, and not somewhere behind it.
    try:
        async with asyncio.TaskGroup() as group:
            lanes = [group.create_task(_one_providers(each, read, work, key_of)) for each in Provider]
    except ExceptionGroup as faults:
        raise faults.exceptions[0] from None
    return sum(lane.result() for lane in lanes)


async def _one_providers(
    provider: Provider,
    read: Callable[[Provider, list[Key], int], Awaitable[Sequence[Item]]],
    work: Callable[[Item], Awaitable[bool]],
    key_of: Callable[[Item], Key],
) -> int:
    tried: list[Key] = []
    turns = asyncio.Semaphore(AT_ONCE)
    done = 0

    async def one(item: Item) -> bool:
        async with turns:
            try:
                return await work(item)
            except Exception as fault:
                if unavailable_store(fault) is not None:
                    raise
                _log.exception("a payment could not be worked on", key=str(key_of(item)))
                return False

    while len(tried) < MOST_PER_RUN:
        found = await read(provider, tried, BATCH)
        if not found:
            break
        tried += [key_of(item) for item in found]
        done += sum(await asyncio.gather(*(one(item) for item in found)))
    return done

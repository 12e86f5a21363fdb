"""A process of its own for what is measured or measures, on the same kind of event loop as the API."""

import asyncio
import gc
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from typing import Any, TypeVar

import uvloop

Result = TypeVar("Result")


class Apart:
    """A process that runs one coroutine function after another."""

    def __init__(self, pool: ProcessPoolExecutor) -> None:
        self._pool = pool

    async def run(self, function: Callable[..., Coroutine[Any, Any, Result]], *arguments: object) -> Result:
        """What the function gives for these arguments; it is named by its module, and all of them are pickled."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, _run, function, arguments)


def _run(function: Callable[..., Coroutine[Any, Any, Result]], arguments: tuple[object, ...]) -> Result:
    return uvloop.run(function(*arguments))


@contextmanager
def apart(*, collecting: bool) -> Iterator[Apart]:
    """Such a process while the block runs, with or without Python's garbage collector."""
    with ProcessPoolExecutor(
        1, mp_context=get_context("spawn"), initializer=None if collecting else gc.disable
    ) as pool:
        yield Apart(pool)

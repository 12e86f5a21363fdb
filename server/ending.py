"""Ends tasks of this process, also those that lose a cancellation."""

import asyncio

import structlog

CANCEL_AGAIN_SECONDS = 0.1

_log = structlog.get_logger(component="ending")


async def end(*tasks: asyncio.Task[None], seconds: float) -> None:
    """Cancel these tasks until the last of them is done, for at most so long. What they raise stays theirs.

    Each is cancelled again and again: a cancellation that arrives at the very moment when a time limit or an answer
    does is sometimes lost (before Python 3.12, https://github.com/python/cpython/issues/86296). One that outlives even
    that is named in the log, and left to the end of the event loop: nothing may keep a process from stopping.
    """
    loop = asyncio.get_running_loop()
    until = loop.time() + seconds
    running = set(tasks)
    while running and loop.time() < until:
        for task in running:
            task.cancel()
        _, running = await asyncio.wait(running, timeout=min(CANCEL_AGAIN_SECONDS, max(0.0, until - loop.time())))
    for task in running:
        _log.error("a task does not end", task=task.get_name())

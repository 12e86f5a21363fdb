"""Ends a server that outlived an earlier start. The data directory's lock must be held."""

import asyncio
import os
import signal
import time
from pathlib import Path

PATIENCE_SECONDS = 15.0


async def end_leftover(pid_file: Path, data: Path) -> None:
    """End the process named in the pid file if it still serves this data; forget the file otherwise."""
    pid = read_pid(pid_file)
    if pid is None:
        return
    for step in (signal.SIGTERM, signal.SIGKILL):
        if not serves(pid, data):
            break
        os.kill(pid, step)
        await _wait_for_end(pid, data)
    await asyncio.to_thread(pid_file.unlink, missing_ok=True)


async def _wait_for_end(pid: int, data: Path) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    # Not our child, so its end can only be polled.
    while serves(pid, data) and time.monotonic() < deadline:  # noqa: ASYNC110
        await asyncio.sleep(0.05)


def read_pid(pid_file: Path) -> int | None:
    """The process id on the file's first line; None if there is no such file or line."""
    try:
        return int(pid_file.read_text().splitlines()[0])
    except (FileNotFoundError, IndexError, ValueError):
        return None


def serves(pid: int, data: Path) -> bool:
    """Whether this process runs and was started on this data. Ids are reused, so a living one proves nothing."""
    try:
        return os.fsencode(data) in Path(f"/proc/{pid}/cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return False

"""Ends a server that outlived an earlier start. The data directory's lock must be held."""

import asyncio
import os
import signal
import time
from pathlib import Path

PATIENCE_SECONDS = 15.0


async def end_leftover(pid_file: Path, marker: str) -> None:
    """End the process named in the pid file if it still is the one; forget the file otherwise.

    `marker` is a part of its command line (words end with NUL there) that a stranger with its id would not have."""
    pid = read_pid(pid_file)
    if pid is None:
        return
    for step in (signal.SIGTERM, signal.SIGKILL):
        if not is_program(pid, marker):
            break
        os.kill(pid, step)
        await _wait_for_end(pid, marker)
    await asyncio.to_thread(pid_file.unlink, missing_ok=True)


async def _wait_for_end(pid: int, marker: str) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    # Not our child, so its end can only be polled.
    while is_program(pid, marker) and time.monotonic() < deadline:  # noqa: ASYNC110
        await asyncio.sleep(0.05)


def read_pid(pid_file: Path) -> int | None:
    """The process id on the file's first line; None if there is no such file or line."""
    try:
        return int(pid_file.read_text().splitlines()[0])
    except (FileNotFoundError, IndexError, ValueError):
        return None


def is_program(pid: int, marker: str) -> bool:
    """Whether the process runs and has the marker in its command line. Ids are reused: being alive proves nothing."""
    try:
        return os.fsencode(marker) in Path(f"/proc/{pid}/cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return False

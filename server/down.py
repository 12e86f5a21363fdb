"""Stops a running `make up`, and removes what it left."""

import os
import shutil
import signal
import time
from pathlib import Path

from server.embedded.data_lock import current_holder, held_lock
from server.start_error import StartError

PATIENCE_SECONDS = 60.0


class StillRunningError(StartError):
    """The process was asked to stop and did not."""


def down(data_directory: Path) -> bool:
    """Ask whoever uses the data directory to stop and wait until it has. False if nobody uses it."""
    holder = current_holder(data_directory)
    if holder is None:
        return False
    os.kill(holder.pid, signal.SIGTERM)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while current_holder(data_directory) is not None:
        if time.monotonic() > deadline:
            raise StillRunningError(f"process {holder.pid} did not stop within {PATIENCE_SECONDS:.0f} s")
        time.sleep(0.1)
    return True


def reset(data_directory: Path) -> None:
    """Remove the data directory with everything in it. Raises DataDirectoryHeldError while it is used."""
    with held_lock(data_directory):
        # As root, PostgreSQL's data may stand elsewhere with a link to it.
        postgresql = data_directory / "postgresql"
        if postgresql.is_symlink():
            shutil.rmtree(postgresql.resolve(), ignore_errors=True)
        shutil.rmtree(data_directory)

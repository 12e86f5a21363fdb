"""Who uses a data directory. One process at a time; the others learn who it is and where its servers are."""

import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from server.start_error import StartError

PATIENCE_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Endpoints:
    """Where the three stores are. The URLs hold passwords."""

    database_url: str
    mongodb_url: str
    redis_url: str


@dataclass(frozen=True, slots=True)
class Holder:
    """The process that uses a data directory; what it has not started yet is None."""

    pid: int
    url: str | None = None
    endpoints: Endpoints | None = None


class DataDirectoryHeldError(StartError):
    """Another process uses the data directory."""

    def __init__(self, data_directory: Path, holder: Holder | None) -> None:
        self.holder = holder
        who = "another process" if holder is None else f"process {holder.pid}"
        where = "" if holder is None or holder.url is None else f", which serves {holder.url}"
        super().__init__(
            f"{data_directory} is in use by {who}{where}. Stop it with `make down`, "
            "or set DATA_DIRECTORY and PORT to run a second one."
        )


class DataLock:
    """The lock while it is held."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def announce(self, *, url: str | None = None, endpoints: Endpoints | None = None) -> None:
        """Tell other processes what runs here."""
        content = json.dumps(asdict(Holder(os.getpid(), url, endpoints))).encode()
        os.ftruncate(self._descriptor, 0)
        os.pwrite(self._descriptor, content, 0)


@contextmanager
def held_lock(data_directory: Path) -> Iterator[DataLock]:
    """Hold the data directory, made if needed, until the block ends. Raises DataDirectoryHeldError.

    The kernel gives the lock back however the process ends.
    """
    make_data_directory(data_directory)
    descriptor = os.open(data_directory / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        if not _locked(descriptor, fcntl.LOCK_EX, PATIENCE_SECONDS):
            raise DataDirectoryHeldError(data_directory, _read(descriptor))
        lock = DataLock(descriptor)
        lock.announce()
        try:
            yield lock
        finally:
            os.ftruncate(descriptor, 0)
    finally:
        os.close(descriptor)


def current_holder(data_directory: Path) -> Holder | None:
    """Who holds the data directory now; None if nobody does."""
    try:
        descriptor = os.open(data_directory / "lock", os.O_RDONLY)
    except FileNotFoundError:
        return None
    try:
        # Shared, so that two who ask do not disturb each other; a holder that starts right now waits a moment.
        return None if _locked(descriptor, fcntl.LOCK_SH, 0) else _read(descriptor)
    finally:
        os.close(descriptor)


def make_data_directory(data_directory: Path) -> None:
    """Make it private. Under root others may pass through, for PostgreSQL runs as somebody else inside it."""
    data_directory.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700, parents=True, exist_ok=True)


def _locked(descriptor: int, kind: int, patience: float) -> bool:
    deadline = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                return False
            time.sleep(0.05)
        else:
            return True


def _read(descriptor: int) -> Holder | None:
    content = os.pread(descriptor, 65536, 0)
    if not content:
        return None
    fields = json.loads(content)
    endpoints = fields["endpoints"]
    return Holder(fields["pid"], fields["url"], None if endpoints is None else Endpoints(**endpoints))

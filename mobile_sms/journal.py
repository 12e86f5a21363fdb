"""What this telephone has begun and done, on disk before it does it, so that no crash makes it send twice.

A message goes RECEIVED → BEGUN → DONE. BEGUN is committed to disk before the radio is called: whoever finds it after a
crash knows that the message may have been sent, and does not send it again.
"""

import fcntl
import sqlite3
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

KEPT_SECONDS = 30 * 24 * 3600

_TABLES = """
    CREATE TABLE IF NOT EXISTS message (
        id TEXT NOT NULL, attempt INTEGER NOT NULL, state TEXT NOT NULL, phone TEXT, text TEXT, sim_slot INTEGER,
        mark INTEGER, outcome TEXT, reason TEXT, reported INTEGER NOT NULL DEFAULT 0, at REAL NOT NULL,
        PRIMARY KEY (id, attempt)
    );
    CREATE TABLE IF NOT EXISTS fact (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""
_COLUMNS = "id, attempt, state, phone, text, sim_slot, mark, outcome, reason"


class JournalTakenError(Exception):
    """Another process of this telephone runs."""


@dataclass(frozen=True)
class Entry:
    """One attempt at one message."""

    id: str
    attempt: int
    state: str
    phone: str | None
    text: str | None
    sim_slot: int | None
    mark: int | None
    """The radio's own place before the message: what came behind it may be this message."""
    outcome: str | None
    reason: str | None

    @property
    def key(self) -> tuple[str, int]:
        """What names it."""
        return self.id, self.attempt


class Journal:
    """Open it once, in a `with`. Each method is committed when it returns."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._lock = (folder / "journal.lock").open("w")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            self._lock.close()
            raise JournalTakenError from error
        self._sql = sqlite3.connect(folder / "journal.sqlite", isolation_level=None)
        self._sql.execute("PRAGMA journal_mode = WAL")
        # A commit has reached the disk when it returns, whatever happens to the telephone then.
        self._sql.execute("PRAGMA synchronous = FULL")
        self._sql.executescript(_TABLES)

    def __enter__(self) -> "Journal":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._sql.close()
        self._lock.close()

    def receive(self, id: str, attempt: int, phone: str, text: str, sim_slot: int | None) -> Entry:
        """Note a message unless it is known; how it stands."""
        self._sql.execute(
            "INSERT OR IGNORE INTO message (id, attempt, state, phone, text, sim_slot, at)"
            " VALUES (?, ?, 'RECEIVED', ?, ?, ?, ?)",
            (id, attempt, phone, text, sim_slot, time.time()),
        )
        return self.get((id, attempt))

    def begin(self, key: tuple[str, int], mark: int | None) -> bool:
        """RECEIVED → BEGUN; False if it was not RECEIVED any more."""
        done = self._sql.execute(
            "UPDATE message SET state = 'BEGUN', mark = ? WHERE id = ? AND attempt = ? AND state = 'RECEIVED'",
            (mark, *key),
        )
        return done.rowcount == 1

    def finish(self, key: tuple[str, int], outcome: str, reason: str, *, reported: bool = False) -> None:
        """→ DONE. Number and text go: nobody needs them any more."""
        self._sql.execute(
            "UPDATE message SET state = 'DONE', outcome = ?, reason = ?, reported = ?, phone = NULL, text = NULL"
            " WHERE id = ? AND attempt = ?",
            (outcome, reason, int(reported), *key),
        )

    def note_reported(self, key: tuple[str, int]) -> None:
        """The platform knows."""
        self._sql.execute("UPDATE message SET reported = 1 WHERE id = ? AND attempt = ?", key)

    def get(self, key: tuple[str, int]) -> Entry:
        """One entry."""
        row = self._sql.execute(f"SELECT {_COLUMNS} FROM message WHERE id = ? AND attempt = ?", key).fetchone()  # noqa: S608
        return Entry(*row)

    def in_state(self, state: str) -> list[Entry]:
        """Entries in this state, the oldest first."""
        rows = self._sql.execute(f"SELECT {_COLUMNS} FROM message WHERE state = ? ORDER BY at", (state,))  # noqa: S608
        return [Entry(*row) for row in rows]

    def unreported(self) -> list[Entry]:
        """What is done and the platform does not know."""
        rows = self._sql.execute(
            f"SELECT {_COLUMNS} FROM message WHERE state = 'DONE' AND reported = 0 ORDER BY at"  # noqa: S608
        )
        return [Entry(*row) for row in rows]

    def open_count(self) -> int:
        """How many are not finished and reported."""
        row = self._sql.execute("SELECT count(*) FROM message WHERE state <> 'DONE' OR reported = 0").fetchone()
        return int(row[0])

    def fact(self, name: str) -> str | None:
        """Something that was remembered."""
        row = self._sql.execute("SELECT value FROM fact WHERE name = ?", (name,)).fetchone()
        return None if row is None else str(row[0])

    def remember(self, name: str, value: str) -> None:
        """Remember something."""
        self._sql.execute("INSERT OR REPLACE INTO fact (name, value) VALUES (?, ?)", (name, value))

    def forget_old(self) -> None:
        """Drop what has been over for a month."""
        before = time.time() - KEPT_SECONDS
        self._sql.execute("DELETE FROM message WHERE state = 'DONE' AND reported = 1 AND at < ?", (before,))

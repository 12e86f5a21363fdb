"""The simulated providers' books: one SQLite file that several processes share and that outlives any of them.

What a provider has answered is in the file; a process killed in the middle leaves either all of a step or nothing.
"""

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import TypeVar

Result = TypeVar("Result")

BUSY_SECONDS = 10.0

_TABLES = """
CREATE TABLE IF NOT EXISTS trade (
  provider TEXT NOT NULL, number TEXT NOT NULL, token TEXT NOT NULL UNIQUE, kind TEXT NOT NULL,
  provider_number TEXT NOT NULL, description TEXT NOT NULL, amount INTEGER NOT NULL CHECK (amount > 0),
  notify_url TEXT NOT NULL, return_url TEXT NOT NULL, digest TEXT NOT NULL,
  state TEXT NOT NULL, seen INTEGER NOT NULL, pays_late INTEGER NOT NULL,
  created_at REAL NOT NULL, expires_at REAL NOT NULL, paid_at REAL, paid_amount INTEGER, ended_at REAL,
  PRIMARY KEY (provider, number)
);
CREATE TABLE IF NOT EXISTS refund (
  provider TEXT NOT NULL, trade TEXT NOT NULL, number TEXT NOT NULL, provider_number TEXT NOT NULL UNIQUE,
  amount INTEGER NOT NULL CHECK (amount > 0), reason TEXT NOT NULL, notify_url TEXT NOT NULL,
  state TEXT NOT NULL, outcome TEXT NOT NULL, asked_at REAL NOT NULL, due_at REAL NOT NULL, finished_at REAL,
  PRIMARY KEY (provider, trade, number)
);
CREATE TABLE IF NOT EXISTS notify (
  id INTEGER PRIMARY KEY AUTOINCREMENT, provider TEXT NOT NULL, notice_id TEXT NOT NULL, trade TEXT NOT NULL,
  refund TEXT, url TEXT NOT NULL, fields TEXT NOT NULL, flaw TEXT NOT NULL,
  state TEXT NOT NULL, tries INTEGER NOT NULL, due_at REAL NOT NULL
);
CREATE INDEX IF NOT EXISTS notify_due ON notify (state, due_at);
CREATE TABLE IF NOT EXISTS attempt (
  id INTEGER PRIMARY KEY AUTOINCREMENT, notify INTEGER NOT NULL REFERENCES notify (id),
  at REAL NOT NULL, flawed INTEGER NOT NULL, status INTEGER, answer TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS switch (
  provider TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL, uses INTEGER, PRIMARY KEY (provider, name)
);
"""


class Books:
    """The file. Every action is one transaction, alone at the books while it lasts."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._ready = False

    async def do(self, action: Callable[[sqlite3.Connection], Result]) -> Result:
        """What the action gives, after its changes are kept; when it raises, nothing is."""
        return await asyncio.to_thread(self._do, action)

    def _do(self, action: Callable[[sqlite3.Connection], Result]) -> Result:
        with closing(sqlite3.connect(self._file, timeout=BUSY_SECONDS, isolation_level=None)) as connection:
            connection.row_factory = sqlite3.Row
            if not self._ready:
                connection.execute("PRAGMA journal_mode = WAL")
                connection.executescript(_TABLES)
                self._ready = True
            # What matters is that a killed process loses nothing, which needs no flush to the disk.
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute("BEGIN IMMEDIATE")
            try:
                result = action(connection)
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")
            return result

"""The hospital's own database: what it offers, what it was told, and how far it has answered. One SQLite file.

Whatever belongs together is written in one transaction: an event with the cursor behind it, an order with the record
number that the hospital gives it. So a process that is killed anywhere goes on where it stood.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from htbooking_hospital import HospitalEvent

_TABLES = """
CREATE TABLE IF NOT EXISTS progress (only_row INTEGER PRIMARY KEY CHECK (only_row = 1), cursor TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS event (
    sequence INTEGER PRIMARY KEY, kind TEXT NOT NULL, order_number TEXT NOT NULL, state TEXT NOT NULL,
    at TEXT NOT NULL, reason TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS visit (
    record INTEGER PRIMARY KEY AUTOINCREMENT, order_id TEXT NOT NULL UNIQUE, order_number TEXT NOT NULL,
    state TEXT NOT NULL, external_id TEXT NOT NULL, date TEXT NOT NULL, half_day TEXT NOT NULL,
    number INTEGER NOT NULL, answer TEXT NOT NULL DEFAULT 'DUE');
CREATE TABLE IF NOT EXISTS session (
    external_id TEXT PRIMARY KEY, date TEXT NOT NULL, half_day TEXT NOT NULL, withdrawal TEXT NOT NULL DEFAULT '');
CREATE TABLE IF NOT EXISTS push (
    id INTEGER PRIMARY KEY, at TEXT NOT NULL DEFAULT (datetime('now', 'localtime')), what TEXT NOT NULL,
    items INTEGER NOT NULL, refused INTEGER NOT NULL, said TEXT NOT NULL);
"""
MOST_PUSHES_KEPT = 200


@dataclass(frozen=True)
class Visit:
    """An order as the hospital keeps it."""

    record: int
    """The hospital's own number of it."""
    order_id: str
    state: str
    date: str
    half_day: str
    number: int


class Store:
    """One connection to the file. Each thread has its own."""

    def __init__(self, file: Path) -> None:
        self._connection = sqlite3.connect(file, timeout=30, isolation_level=None)
        self._connection.row_factory = sqlite3.Row
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.executescript(_TABLES)

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield self._connection
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    # ---- events ----

    def cursor(self) -> str | None:
        """Behind the last event that was taken; None before the first."""
        row = self._connection.execute("SELECT cursor FROM progress").fetchone()
        return None if row is None else str(row["cursor"])

    def last_sequence(self) -> int | None:
        """Number of that event."""
        row = self._connection.execute("SELECT max(sequence) AS last FROM event").fetchone()
        return None if row["last"] is None else int(row["last"])

    def take(self, event: HospitalEvent) -> bool:
        """Take an event with all that follows from it, and the cursor; False if it had been taken before."""
        with self._transaction() as connection:
            taken = connection.execute(
                "INSERT OR IGNORE INTO event VALUES (?, ?, ?, ?, ?, ?)",
                (event.sequence, event.kind, event.order_number, event.state, event.at.isoformat(), event.reason),
            ).rowcount
            if taken:
                connection.execute(
                    "INSERT INTO visit (order_id, order_number, state, external_id, date, half_day, number)"
                    " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (order_id) DO UPDATE SET state = excluded.state,"
                    " external_id = excluded.external_id, date = excluded.date, half_day = excluded.half_day,"
                    " number = excluded.number",
                    (
                        event.order_id,
                        event.order_number,
                        event.state,
                        event.external_id,
                        event.date.isoformat(),
                        event.half_day,
                        event.number,
                    ),
                )
                if event.kind == "ORDER_RESCHEDULED":
                    connection.execute("UPDATE visit SET answer = 'DUE' WHERE order_id = ?", (event.order_id,))
            connection.execute("INSERT OR REPLACE INTO progress VALUES (1, ?)", (event.cursor,))
        return bool(taken)

    # ---- answers ----

    def due(self) -> list[Visit]:
        """Visits of which the platform hasn't been told the hospital's record yet, the oldest first."""
        rows = self._connection.execute("SELECT * FROM visit WHERE answer = 'DUE' ORDER BY record LIMIT 100")
        return [
            Visit(row["record"], row["order_id"], row["state"], row["date"], row["half_day"], row["number"])
            for row in rows
        ]

    def answered(self, record: int, answer: str) -> None:
        """Note what became of the answer: SAID, or why there was none."""
        self._connection.execute("UPDATE visit SET answer = ? WHERE record = ?", (answer, record))

    # ---- sessions ----

    def offer(self, sessions: Iterable[tuple[str, str, str]]) -> None:
        """Keep sessions: id, date and half-day. Known ones stay as they are."""
        with self._transaction() as connection:
            connection.executemany(
                "INSERT OR IGNORE INTO session (external_id, date, half_day) VALUES (?, ?, ?)", sessions
            )

    def withdrawn(self) -> set[str]:
        """Ids of the sessions that don't take place."""
        rows = self._connection.execute("SELECT external_id FROM session WHERE withdrawal <> ''")
        return {str(row["external_id"]) for row in rows}

    def choose_withdrawal(self, day: str) -> str | None:
        """Decide to withdraw a session after that day, at random, one with visits if there is any; its id."""
        with self._transaction() as connection:
            row = connection.execute(
                "SELECT s.external_id FROM session s WHERE s.withdrawal = '' AND s.date > ? ORDER BY NOT EXISTS ("
                "SELECT 1 FROM visit v WHERE v.external_id = s.external_id), random() LIMIT 1",
                (day,),
            ).fetchone()
            if row is None:
                return None
            id = str(row["external_id"])
            connection.execute("UPDATE session SET withdrawal = 'DUE' WHERE external_id = ?", (id,))
        return id

    def withdrawals_due(self) -> list[str]:
        """Sessions whose withdrawal the platform hasn't been told yet."""
        rows = self._connection.execute("SELECT external_id FROM session WHERE withdrawal = 'DUE'")
        return [str(row["external_id"]) for row in rows]

    def withdrawal_told(self, id: str) -> None:
        """Note that the platform knows."""
        self._connection.execute("UPDATE session SET withdrawal = 'TOLD' WHERE external_id = ?", (id,))

    # ---- what the page shows ----

    def note_push(self, what: str, items: int, refused: int, said: str) -> None:
        """Note a push that was made."""
        with self._transaction() as connection:
            connection.execute(
                "INSERT INTO push (what, items, refused, said) VALUES (?, ?, ?, ?)", (what, items, refused, said)
            )
            connection.execute(
                "DELETE FROM push WHERE id <= (SELECT max(id) FROM push) - ?",
                (MOST_PUSHES_KEPT,),
            )

    def figures(self) -> dict[str, Any]:
        """How much of everything there is, and the latest of it."""
        one = self._connection.execute(
            "SELECT (SELECT count(*) FROM session) AS sessions, (SELECT max(sequence) FROM event) AS sequence,"
            " (SELECT count(*) FROM session WHERE withdrawal <> '') AS withdrawn,"
            " (SELECT count(*) FROM visit) AS visits,"
            " (SELECT count(*) FROM visit WHERE answer = 'DUE') AS due"
        ).fetchone()
        return {
            **dict(one),
            "states": self._rows("SELECT state, count(*) AS visits FROM visit GROUP BY state ORDER BY state"),
            "events": self._rows("SELECT * FROM event ORDER BY sequence DESC LIMIT 20"),
            "pushes": self._rows("SELECT * FROM push ORDER BY id DESC LIMIT 10"),
        }

    def _rows(self, query: str) -> list[dict[str, Any]]:
        return [dict(row) for row in self._connection.execute(query)]

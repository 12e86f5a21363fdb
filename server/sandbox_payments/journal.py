"""What the books hold, read for people."""

import sqlite3
from dataclasses import dataclass

from datasources.payments.channel import Provider
from server.sandbox_payments.notifies import Notify, NotifyState
from server.sandbox_payments.refunds import Refund
from server.sandbox_payments.trades import Trade

MOST = 50


@dataclass(frozen=True, slots=True)
class Attempt:
    """One sending of a message; `status` is None where nobody answered."""

    at: float
    flawed: bool
    status: int | None
    answer: str


@dataclass(frozen=True, slots=True)
class Told:
    """A message with its sendings."""

    notify: Notify
    attempts: list[Attempt]


def newest_trades(books: sqlite3.Connection) -> list[Trade]:
    """Of both providers, the newest first."""
    rows = books.execute("SELECT * FROM trade ORDER BY created_at DESC, number LIMIT ?", (MOST,))
    return [Trade.of(row) for row in rows.fetchall()]


def newest_refunds(books: sqlite3.Connection) -> list[Refund]:
    """Of both providers, the newest first."""
    rows = books.execute("SELECT * FROM refund ORDER BY asked_at DESC, number LIMIT ?", (MOST,))
    return [Refund.of(row) for row in rows.fetchall()]


def newest_notifies(books: sqlite3.Connection) -> list[Told]:
    """Of both providers, the newest first."""
    rows = books.execute("SELECT * FROM notify ORDER BY id DESC LIMIT ?", (MOST,))
    return [_told(books, row) for row in rows.fetchall()]


def notifies_of(books: sqlite3.Connection, provider: Provider, trade: str) -> list[Told]:
    """Those about one trade, the oldest first."""
    rows = books.execute("SELECT * FROM notify WHERE provider = ? AND trade = ? ORDER BY id", (provider, trade))
    return [_told(books, row) for row in rows.fetchall()]


def send_again(books: sqlite3.Connection, notify: int, now: float) -> None:
    """Owe a message once more, whatever became of it."""
    books.execute("UPDATE notify SET state = ?, due_at = ? WHERE id = ?", (NotifyState.WAITING, now, notify))


def totals(books: sqlite3.Connection, provider: Provider) -> tuple[int, int]:
    """Fen that came in, and fen that went back or are going."""
    came = books.execute("SELECT sum(paid_amount) FROM trade WHERE provider = ?", (provider,)).fetchone()[0]
    went = books.execute(
        "SELECT sum(amount) FROM refund WHERE provider = ? AND state <> 'CLOSED'", (provider,)
    ).fetchone()[0]
    return came or 0, went or 0


def _told(books: sqlite3.Connection, row: sqlite3.Row) -> Told:
    attempts = books.execute("SELECT * FROM attempt WHERE notify = ? ORDER BY id", (row["id"],)).fetchall()
    return Told(
        Notify.of(row),
        [Attempt(each["at"], bool(each["flawed"]), each["status"], each["answer"]) for each in attempts],
    )

"""Messages that the simulated providers owe: queued with the step that they tell of, repeated until they are taken."""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any
from uuid import uuid4

import orjson

from datasources.payments.channel import Provider
from server.sandbox_payments.switches import Notifies, used

_MINUTE, _HOUR = 60, 3600
REPEATED_AFTER = {
    Provider.WECHAT_PAY: tuple(
        timedelta(seconds=seconds)
        for seconds in (
            *(15, 15, 30, 3 * _MINUTE, 10 * _MINUTE, 20 * _MINUTE, 30 * _MINUTE, 30 * _MINUTE, 30 * _MINUTE),
            *(_HOUR, 3 * _HOUR, 3 * _HOUR, 3 * _HOUR, 6 * _HOUR, 6 * _HOUR),
        )
    ),
    Provider.ALIPAY: tuple(
        timedelta(seconds=seconds)
        for seconds in (4 * _MINUTE, 10 * _MINUTE, 10 * _MINUTE, _HOUR, 2 * _HOUR, 6 * _HOUR, 15 * _HOUR)
    ),
}
"""Pauses between the sendings of a message that is not taken."""
LATE = timedelta(minutes=5)
OVERTAKEN = timedelta(seconds=20)


class NotifyState(StrEnum):
    """How far a message is."""

    WAITING = "WAITING"
    TAKEN = "TAKEN"
    GIVEN_UP = "GIVEN_UP"
    LOST = "LOST"


class Flaw(StrEnum):
    """What is wrong with the next sending."""

    NONE = ""
    SIGNATURE = "SIGNATURE"


@dataclass(frozen=True, slots=True)
class Notify:
    """One message."""

    id: int
    provider: Provider
    notice_id: str
    trade: str
    refund: str | None
    url: str
    fields: dict[str, Any]
    flaw: Flaw
    state: NotifyState
    tries: int
    due_at: float

    @classmethod
    def of(cls, row: sqlite3.Row) -> "Notify":
        values = dict(row)
        kinds = {
            "provider": Provider(values["provider"]),
            "flaw": Flaw(values["flaw"]),
            "state": NotifyState(values["state"]),
            "fields": orjson.loads(values["fields"]),
        }
        return cls(**{**values, **kinds})


@dataclass(frozen=True, slots=True)
class Hurry:
    """How much faster than in reality time passes for repetitions and refunds."""

    scale: float

    def seconds(self, time: timedelta) -> float:
        """The time that is waited here."""
        return time.total_seconds() / self.scale


def queue(
    books: sqlite3.Connection,
    provider: Provider,
    url: str,
    fields: Mapping[str, Any],
    *,
    trade: str,
    refund: str | None = None,
    now: float,
    hurry: Hurry,
    how: Notifies | None = None,
) -> None:
    """Owe a message; sent as the switch says, or as this one says. Without an address there is nobody to tell."""
    if not url:
        return
    how = how or Notifies(used(books, provider, "notifies"))
    due = now
    if how is Notifies.LATE:
        due += hurry.seconds(LATE)
    elif how is Notifies.REORDERED and _count(books) % 2 == 0:
        due += hurry.seconds(OVERTAKEN)
    flaw = Flaw.SIGNATURE if how is Notifies.WRONG_SIGNATURE else Flaw.NONE
    state = NotifyState.LOST if how is Notifies.LOST else NotifyState.WAITING
    notice_id, text = str(uuid4()), orjson.dumps(fields).decode()
    for after in (0.0, 1.0) if how is Notifies.TWICE else (0.0,):
        row = (provider, notice_id, trade, refund, url, text, flaw, state, due + after)
        books.execute(
            "INSERT INTO notify (provider, notice_id, trade, refund, url, fields, flaw, state, tries, due_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0, ?)",
            row,
        )


def claim_due(books: sqlite3.Connection, now: float, hurry: Hurry, most: int) -> list[Notify]:
    """Messages to send now. Each is due again at its next time already, so that a killed sender leaves it to others."""
    rows = books.execute(
        "SELECT * FROM notify WHERE state = ? AND due_at <= ? ORDER BY due_at, id LIMIT ?",
        (NotifyState.WAITING, now, most),
    ).fetchall()
    claimed = [Notify.of(row) for row in rows]
    for notify in claimed:
        pauses = REPEATED_AFTER[notify.provider]
        if notify.flaw:
            # The probe is no try of the message itself, which follows.
            books.execute("UPDATE notify SET flaw = '', due_at = ? WHERE id = ?", (now + 1 / hurry.scale, notify.id))
        elif notify.tries < len(pauses):
            due = now + hurry.seconds(pauses[notify.tries])
            books.execute("UPDATE notify SET tries = tries + 1, due_at = ? WHERE id = ?", (due, notify.id))
        else:
            gone = (NotifyState.GIVEN_UP, notify.id)
            books.execute("UPDATE notify SET tries = tries + 1, state = ? WHERE id = ?", gone)
    return claimed


def answered(
    books: sqlite3.Connection, notify: Notify, at: float, status: int | None, answer: str, *, taken: bool
) -> None:
    """Keep what the platform answered; None where it did not."""
    books.execute(
        "INSERT INTO attempt (notify, at, flawed, status, answer) VALUES (?, ?, ?, ?, ?)",
        (notify.id, at, bool(notify.flaw), status, answer[:200]),
    )
    if taken and not notify.flaw:
        books.execute("UPDATE notify SET state = ? WHERE id = ?", (NotifyState.TAKEN, notify.id))


def _count(books: sqlite3.Connection) -> int:
    count: int = books.execute("SELECT count(*) FROM notify").fetchone()[0]
    return count

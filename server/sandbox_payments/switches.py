"""Faults that can be switched on: what goes wrong at a simulated provider, for so many times or until it is mended."""

import sqlite3
from dataclasses import dataclass
from enum import StrEnum

from datasources.payments.channel import Provider


class Answers(StrEnum):
    """How requests are answered."""

    OK = "OK"
    ERROR = "ERROR"
    """500, and nothing was done."""
    LOST = "LOST"
    """What was asked for is done, and the answer is 500."""
    HANGS = "HANGS"
    """No answer, and nothing was done."""
    LOST_HANGS = "LOST_HANGS"
    """What was asked for is done, and no answer."""


class Notifies(StrEnum):
    """How notifies are sent."""

    OK = "OK"
    LOST = "LOST"
    TWICE = "TWICE"
    LATE = "LATE"
    REORDERED = "REORDERED"
    """Every other one waits until the next has overtaken it."""
    WRONG_SIGNATURE = "WRONG_SIGNATURE"
    """First with a wrong signature, as WeChat Pay probes; then the right one."""


class Refunds(StrEnum):
    """What becomes of refunds."""

    SUCCESS = "SUCCESS"
    SLOW = "SLOW"
    ABNORMAL = "ABNORMAL"
    """Money left the merchant and did not arrive; at Alipay, which has no such state: the balance does not suffice."""
    CLOSED = "CLOSED"
    """It does not happen; at Alipay as ABNORMAL."""


class Bills(StrEnum):
    """How the bill of a day differs from the books."""

    OK = "OK"
    SHORT = "SHORT"
    """Its last movement is missing."""
    LONG = "LONG"
    """It has a movement that nobody knows."""
    AMOUNT = "AMOUNT"
    """Its first movement is a fen too much."""


SWITCHES: dict[str, type[Answers] | type[Notifies] | type[Refunds] | type[Bills]] = {
    "answers": Answers,
    "notifies": Notifies,
    "refunds": Refunds,
    "bills": Bills,
}
"""By their names in the books. The first value of each is that nothing is wrong."""


@dataclass(frozen=True, slots=True)
class Setting:
    """How a switch stands; `uses` is for how many times yet, None until it is switched back."""

    value: str
    uses: int | None


def turn(books: sqlite3.Connection, provider: Provider, name: str, value: str, uses: int | None = None) -> None:
    """Switch. Raises ValueError when there is no such switch or value."""
    if name not in SWITCHES or value not in SWITCHES[name].__members__ or (uses is not None and uses < 1):
        raise ValueError(f"no such switch: {name} = {value}")
    books.execute("INSERT OR REPLACE INTO switch VALUES (?, ?, ?, ?)", (provider, name, value, uses))


def setting(books: sqlite3.Connection, provider: Provider, name: str) -> Setting:
    """How it stands."""
    row = books.execute("SELECT value, uses FROM switch WHERE provider = ? AND name = ?", (provider, name)).fetchone()
    return Setting(row["value"], row["uses"]) if row else Setting(next(iter(SWITCHES[name])), None)


def used(books: sqlite3.Connection, provider: Provider, name: str) -> str:
    """How it stands, for one use."""
    now = setting(books, provider, name)
    if now.uses is not None:
        left = now.uses - 1
        where = (provider, name)
        if left:
            books.execute("UPDATE switch SET uses = ? WHERE provider = ? AND name = ?", (left, *where))
        else:
            books.execute("DELETE FROM switch WHERE provider = ? AND name = ?", where)
    return now.value

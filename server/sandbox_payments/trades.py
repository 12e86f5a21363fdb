"""Trades in the simulated providers' books: offered, paid, ended; and paid after their end, as can happen."""

import hashlib
import secrets
import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

import orjson

from datasources.payments.beijing import ZONE
from datasources.payments.channel import Provider


class TradeStep(StrEnum):
    """How far a trade is."""

    OPEN = "OPEN"
    PAID = "PAID"
    CLOSED = "CLOSED"


class Kind(StrEnum):
    """Where its payer comes from."""

    CODE = "CODE"
    PAGE = "PAGE"
    PHONE_PAGE = "PHONE_PAGE"


@dataclass(frozen=True, slots=True)
class Trade:
    """One trade. Amounts are fen, times seconds since 1970."""

    provider: Provider
    number: str
    token: str
    """What the payer's code or page is known by."""
    kind: Kind
    provider_number: str
    description: str
    amount: int
    notify_url: str
    return_url: str
    digest: str
    """Of what it was offered with."""
    state: TradeStep
    seen: int
    """Whether somebody has scanned its code or opened its page."""
    pays_late: int
    """Whether its payer pays as soon as it has ended."""
    created_at: float
    expires_at: float
    paid_at: float | None
    paid_amount: int | None
    ended_at: float | None

    @classmethod
    def of(cls, row: sqlite3.Row) -> "Trade":
        values = dict(row)
        kinds = {
            "provider": Provider(values["provider"]),
            "kind": Kind(values["kind"]),
            "state": TradeStep(values["state"]),
        }
        return cls(**{**values, **kinds})


@dataclass(frozen=True, slots=True)
class Offer:
    """What a trade is offered with."""

    provider: Provider
    number: str
    kind: Kind
    description: str
    amount: int
    notify_url: str
    return_url: str
    expires_at: float

    @property
    def digest(self) -> str:
        """The same for the same trade."""
        values = [self.provider, self.number, self.kind, self.description, self.amount, self.notify_url]
        return hashlib.sha256(orjson.dumps(values)).hexdigest()


def offered(books: sqlite3.Connection, offer: Offer, now: float) -> Trade:
    """The trade of this number, which may have been offered otherwise, or be over, before."""
    found = trade(books, offer.provider, offer.number)
    if found is not None:
        return found
    books.execute(
        "INSERT INTO trade VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0, ?, ?, NULL, NULL, NULL)",
        (
            offer.provider,
            offer.number,
            secrets.token_hex(12),
            offer.kind,
            new_provider_number(offer.provider, now),
            offer.description,
            offer.amount,
            offer.notify_url,
            offer.return_url,
            offer.digest,
            TradeStep.OPEN,
            now,
            offer.expires_at,
        ),
    )
    made = trade(books, offer.provider, offer.number)
    assert made is not None
    return made


def trade(books: sqlite3.Connection, provider: Provider, number: str) -> Trade | None:
    """The trade of this number."""
    row = books.execute("SELECT * FROM trade WHERE provider = ? AND number = ?", (provider, number)).fetchone()
    return Trade.of(row) if row else None


def trade_of_token(books: sqlite3.Connection, token: str) -> Trade | None:
    """The trade that this code or page leads to."""
    row = books.execute("SELECT * FROM trade WHERE token = ?", (token,)).fetchone()
    return Trade.of(row) if row else None


def see(books: sqlite3.Connection, token: str) -> None:
    """Somebody scans its code. Only then does Alipay know the trade."""
    books.execute("UPDATE trade SET seen = 1 WHERE token = ?", (token,))


def paid(books: sqlite3.Connection, found: Trade, now: float, amount: int | None = None) -> Trade | None:
    """The money arrives, whatever the trade's state but paid. None when it was paid before."""
    changed = books.execute(
        "UPDATE trade SET state = ?, paid_at = ?, paid_amount = ?, seen = 1, pays_late = 0"
        " WHERE token = ? AND state <> ?",
        (TradeStep.PAID, now, amount or found.amount, found.token, TradeStep.PAID),
    )
    return trade_of_token(books, found.token) if changed.rowcount else None


def closed(books: sqlite3.Connection, found: Trade, now: float) -> bool:
    """The merchant ends it; whether this call did."""
    changed = books.execute(
        "UPDATE trade SET state = ?, ended_at = ? WHERE token = ? AND state = ?",
        (TradeStep.CLOSED, now, found.token, TradeStep.OPEN),
    )
    return bool(changed.rowcount)


def will_pay_late(books: sqlite3.Connection, found: Trade) -> None:
    """Its payer pays as soon as it has ended."""
    books.execute("UPDATE trade SET pays_late = 1 WHERE token = ? AND state = ?", (found.token, TradeStep.OPEN))


def lapse(books: sqlite3.Connection, now: float) -> None:
    """Alipay ends by itself what nobody paid in time; WeChat Pay waits for the merchant, and takes no money."""
    books.execute(
        "UPDATE trade SET state = ?, ended_at = expires_at"
        " WHERE provider = ? AND state = ? AND expires_at <= ? AND seen = 1",
        (TradeStep.CLOSED, Provider.ALIPAY, TradeStep.OPEN, now),
    )


def late_payers(books: sqlite3.Connection, now: float) -> list[Trade]:
    """Trades that have ended and are paid now all the same."""
    rows = books.execute(
        "SELECT * FROM trade WHERE pays_late = 1 AND (state = ? OR (state = ? AND expires_at <= ?))",
        (TradeStep.CLOSED, TradeStep.OPEN, now),
    ).fetchall()
    return [Trade.of(row) for row in rows]


def new_provider_number(provider: Provider, now: float) -> str:
    """A number as the provider's own look."""
    day = datetime.fromtimestamp(now, UTC).astimezone(ZONE).strftime("%Y%m%d")
    digits = str(secrets.randbelow(10**14)).zfill(14)
    return f"4200{digits[:6]}{day}{digits[4:]}" if provider is Provider.WECHAT_PAY else f"{day}220014{digits}"

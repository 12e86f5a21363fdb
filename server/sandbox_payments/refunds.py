"""Refunds in the simulated providers' books: asked for once by their number, finished a while later."""

import secrets
import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from datasources.payments.beijing import ZONE
from datasources.payments.channel import Provider
from server.sandbox_payments.notifies import Hurry
from server.sandbox_payments.switches import Refunds
from server.sandbox_payments.trades import Trade

TAKES = timedelta(seconds=20)
SLOWLY = timedelta(minutes=30)


class RefundStep(StrEnum):
    """How far a refund is."""

    PROCESSING = "PROCESSING"
    SUCCESS = "SUCCESS"
    ABNORMAL = "ABNORMAL"
    CLOSED = "CLOSED"


@dataclass(frozen=True, slots=True)
class Refund:
    """One refund. Amounts are fen, times seconds since 1970."""

    provider: Provider
    trade: str
    number: str
    provider_number: str
    amount: int
    reason: str
    notify_url: str
    state: RefundStep
    outcome: RefundStep
    """What it will be."""
    asked_at: float
    due_at: float
    finished_at: float | None

    @classmethod
    def of(cls, row: sqlite3.Row) -> "Refund":
        values = dict(row)
        kinds = {
            "provider": Provider(values["provider"]),
            "state": RefundStep(values["state"]),
            "outcome": RefundStep(values["outcome"]),
        }
        return cls(**{**values, **kinds})


def asked(
    books: sqlite3.Connection,
    trade: Trade,
    number: str,
    amount: int,
    *,
    reason: str,
    notify_url: str,
    how: Refunds,
    at_once: bool,
    now: float,
    hurry: Hurry,
) -> Refund:
    """A new refund, which ends as the switch says; `at_once` is for a provider that does not let one wait."""
    takes = hurry.seconds(SLOWLY) if how is Refunds.SLOW else 0.0 if at_once else hurry.seconds(TAKES)
    outcome = RefundStep.SUCCESS if how is Refunds.SLOW else RefundStep(how)
    day = datetime.fromtimestamp(now, UTC).astimezone(ZONE).strftime("%Y%m%d")
    refund = Refund(
        provider=trade.provider,
        trade=trade.number,
        number=number,
        provider_number=f"5030{day}{str(secrets.randbelow(10**16)).zfill(16)}",
        amount=amount,
        reason=reason,
        notify_url=notify_url,
        state=RefundStep.PROCESSING if takes else outcome,
        outcome=outcome,
        asked_at=now,
        due_at=now + takes,
        finished_at=None if takes else now,
    )
    books.execute(
        "INSERT INTO refund VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        tuple(getattr(refund, name) for name in Refund.__slots__),
    )
    return refund


def refunds_of(books: sqlite3.Connection, trade: Trade) -> list[Refund]:
    """All of a trade, the oldest first."""
    rows = books.execute(
        "SELECT * FROM refund WHERE provider = ? AND trade = ? ORDER BY asked_at, number",
        (trade.provider, trade.number),
    ).fetchall()
    return [Refund.of(row) for row in rows]


def refund_numbered(books: sqlite3.Connection, provider: Provider, number: str) -> Refund | None:
    """The refund of this number, whatever its trade."""
    row = books.execute("SELECT * FROM refund WHERE provider = ? AND number = ?", (provider, number)).fetchone()
    return Refund.of(row) if row else None


def given_back(refunds: list[Refund]) -> int:
    """Fen that have left or are leaving the merchant."""
    return sum(refund.amount for refund in refunds if refund.state is not RefundStep.CLOSED)


def finish_due(books: sqlite3.Connection, now: float) -> list[Refund]:
    """Those that are decided now."""
    rows = books.execute(
        "UPDATE refund SET state = outcome, finished_at = ? WHERE state = ? AND due_at <= ? RETURNING *",
        (now, RefundStep.PROCESSING, now),
    ).fetchall()
    return [Refund.of(row) for row in rows]


def paid_out(books: sqlite3.Connection, provider: Provider, number: str, now: float) -> Refund | None:
    """Somebody at the provider sends an ABNORMAL one to another account, and it arrives."""
    row = books.execute(
        "UPDATE refund SET state = ?, finished_at = ? WHERE provider = ? AND number = ? AND state = ? RETURNING *",
        (RefundStep.SUCCESS, now, provider, number, RefundStep.ABNORMAL),
    ).fetchone()
    return Refund.of(row) if row else None

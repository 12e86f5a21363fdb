"""What the bill of a day lists, whichever provider writes it: all that was paid and given back, by Beijing's days."""

import sqlite3
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from datasources.payments.beijing import ZONE
from datasources.payments.channel import Provider
from server.sandbox_payments.refunds import Refund, RefundStep
from server.sandbox_payments.switches import Bills, setting
from server.sandbox_payments.trades import Trade

MADE_AT = time(10)
"""When the bill of yesterday is there."""


@dataclass(frozen=True, slots=True)
class Movement:
    """A line of a bill: a payment, or one of its refunds."""

    trade: Trade
    refund: Refund | None
    amount: int
    at: float


def bill_is_made(day: date, now: datetime) -> bool:
    """Whether that day's bill is there."""
    return now >= datetime.combine(day + timedelta(days=1), MADE_AT, ZONE)


def movements_of(books: sqlite3.Connection, provider: Provider, day: date) -> list[Movement]:
    """The day's lines, the oldest first, as the switch lets them be."""
    begin = datetime.combine(day, time(), ZONE).timestamp()
    span = (provider, begin, begin + timedelta(days=1).total_seconds())
    trades = {
        row["number"]: Trade.of(row)
        for row in books.execute("SELECT * FROM trade WHERE provider = ? AND paid_at IS NOT NULL", (provider,))
    }
    found = [
        Movement(each, None, each.paid_amount or 0, each.paid_at)
        for each in trades.values()
        if each.paid_at is not None and span[1] <= each.paid_at < span[2]
    ]
    # WeChat Pay lists a refund on the day on which it is asked for.
    rows = books.execute("SELECT * FROM refund WHERE provider = ? AND asked_at >= ? AND asked_at < ?", span)
    refunds = [Refund.of(row) for row in rows]
    found += [
        Movement(trades[each.trade], each, each.amount, each.asked_at)
        for each in refunds
        if each.state is not RefundStep.CLOSED
    ]
    return _altered(sorted(found, key=lambda line: line.at), Bills(setting(books, provider, "bills").value))


def _altered(lines: list[Movement], how: Bills) -> list[Movement]:
    if not lines or how is Bills.OK:
        return lines
    if how is Bills.SHORT:
        return lines[:-1]
    first = lines[0]
    if how is Bills.AMOUNT:
        return [replace(first, amount=first.amount + 1), *lines[1:]]
    # The same each time: the digest that was announced must be that of the file.
    number = first.trade.provider_number[::-1]
    unknown = replace(first.trade, number="T000000UNKNOWN", provider_number=number)
    return [*lines, Movement(unknown, None, 1, first.at)]

"""What was paid in the storm: the platform's orders beside the books of the sandbox's providers, to the fen."""

import asyncio
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Collection
from contextlib import closing
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import text

from datasources.sql.booking_order import HOLDING, OrderState
from tests.chaos.house import House
from tests.chaos.people import PromiseBrokenError

LONGEST_SETTLING_SECONDS = 180.0
PAUSE_SECONDS = 0.5

_ORDERS = "SELECT id, state, fee, paid_amount FROM booking_order WHERE id = ANY(:ids)"
_PAYMENTS = "SELECT order_id, trade_number, state, refund_total FROM payment WHERE order_id = ANY(:ids)"
_REFUNDS = "SELECT order_id, refund_number, state, amount FROM refund WHERE order_id = ANY(:ids)"


@dataclass(frozen=True)
class ProvidersBooks:
    """What the providers have received and given back, in fen, by the platform's numbers."""

    received: dict[str, int]
    given_back: dict[str, int]
    refunds: dict[str, int]
    messages: int

    @classmethod
    def read(cls, directory: Path) -> "ProvidersBooks":
        """As they stand in the data directory."""
        with closing(sqlite3.connect(directory / "payment-sandbox" / "books.sqlite")) as books:
            paid = books.execute("SELECT number, paid_amount FROM trade WHERE state = 'PAID'").fetchall()
            refunds = books.execute("SELECT trade, number, amount FROM refund WHERE state <> 'CLOSED'").fetchall()
            ((messages,),) = books.execute("SELECT count(*) FROM attempt").fetchall()
        given_back: dict[str, int] = defaultdict(int)
        for trade, _, amount in refunds:
            given_back[trade] += amount
        return cls(dict(paid), given_back, {number: amount for _, number, amount in refunds}, messages)


async def check_money(house: House, order_ids: Collection[UUID], say: Callable[[str], None]) -> None:
    """Wait until nothing is under way any more, then compare. Raises PromiseBrokenError."""
    since = asyncio.get_running_loop().time()
    while True:
        books = await asyncio.to_thread(ProvidersBooks.read, house.directory)
        under_way = await _under_way(house, order_ids, books)
        waited = asyncio.get_running_loop().time() - since
        if not under_way:
            break
        if waited > LONGEST_SETTLING_SECONDS:
            raise PromiseBrokenError(f"still under way after {waited:.0f} s: {under_way[:5]}")
        await asyncio.sleep(PAUSE_SECONDS)
    say(f"all that was paid has been noted, and all that was promised back has arrived, after {waited:.1f} s")
    await _compare(house, order_ids, books, say)


async def _under_way(house: House, order_ids: Collection[UUID], books: ProvidersBooks) -> list[str]:
    orders, payments, refunds = [await _rows(house, query, order_ids) for query in (_ORDERS, _PAYMENTS, _REFUNDS)]
    unnoted = [number for _, number, state, _ in payments if number in books.received and state != "PAID"]
    open_refunds = [f"{number} {state}" for _, number, state, _ in refunds if state not in ("DONE", "REPLACED")]
    return unnoted + open_refunds + [f"{id} {state}" for id, state, _, _ in orders if state == OrderState.REFUNDING]


async def _compare(
    house: House, order_ids: Collection[UUID], books: ProvidersBooks, say: Callable[[str], None]
) -> None:
    orders, payments, refunds = [await _rows(house, query, order_ids) for query in (_ORDERS, _PAYMENTS, _REFUNDS)]
    kept: dict[UUID, int] = defaultdict(int)
    for order_id, number, _, refund_total in payments:
        received, back = books.received.get(number, 0), books.given_back.get(number, 0)
        if back > received or back != _fen(refund_total):
            raise PromiseBrokenError(f"{number}: received {received}, given back {back} fen; ours: {refund_total}")
        kept[order_id] += received - back
    for _, number, state, amount in refunds:
        if state == "DONE" and books.refunds.get(number) != _fen(amount):
            raise PromiseBrokenError(
                f"refund {number} of {amount} is DONE; the provider: {books.refunds.get(number)} fen"
            )
    for id, state, fee, paid_amount in orders:
        # Who did not pay yet still holds a number, and nothing is kept for it.
        wanted = _fen(fee) if state in HOLDING and state != OrderState.AWAITING_PAYMENT else 0
        if not kept[id] == _fen(paid_amount) == wanted:
            raise PromiseBrokenError(
                f"order {id} {state}: {kept[id]} fen kept, {paid_amount} by our books, not {wanted}"
            )
    numbers = {number for _, number, _, _ in payments}
    strange = set(books.received) - numbers
    if strange:
        raise PromiseBrokenError(f"paid, and in no order: {sorted(strange)[:5]}")
    total, gone = [Decimal(sum(fen.values())) / 100 for fen in (books.received, books.given_back)]
    say(
        f"the providers' books and ours agree to the fen: {len(books.received)} trades received ¥{total:.2f},"
        f" {len(books.refunds)} refunds gave back ¥{gone:.2f}, ¥{total - gone:.2f} are kept for"
        f" {sum(amount > 0 for amount in kept.values())} orders; {books.messages} messages were sent"
    )


async def _rows(house: House, query: str, order_ids: Collection[UUID]) -> list[tuple[Any, ...]]:
    async with house.platform.stores.sql.read() as session:
        found = await (await session.connection()).execute(text(query), {"ids": list(order_ids)})
        return [tuple(row) for row in found]


def _fen(amount: Decimal) -> int:
    return int(amount * 100)

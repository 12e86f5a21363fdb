"""Bills of a day, written by the simulator and read by the channels."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from datasources.payments.channel import BillNotReadyError, BillRow
from tests.server.sandbox_payments.market import NUMBER, PRICE, Market

DAY = date(2026, 11, 20)
"""The market's clock begins on it, at ten in Beijing."""
BILLS_ARE_THERE = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)


async def a_day(market: Market) -> list[BillRow]:
    """A payment, a part of it given back, and a trade that nobody paid; what the bill must list."""
    paid_at = market.clock.now
    await market.offer()
    await market.press()
    await market.offer("T000002")
    market.clock.now += timedelta(minutes=5)
    await market.give_back(amount=Decimal("3.67"))
    refund = await market.simulator.books.do(
        lambda books: books.execute("SELECT provider_number FROM refund").fetchone()["provider_number"]
    )
    number = (await market.entry()).provider_number
    is_wechat = market.provider == "WECHAT_PAY"
    given_back = BillRow(NUMBER, number, Decimal("3.67"), market.clock.now, "R000001", refund if is_wechat else None)
    market.clock.now = BILLS_ARE_THERE
    return [BillRow(NUMBER, number, PRICE, paid_at), given_back]


async def test_the_bill_lists_what_was_paid_and_given_back(market: Market) -> None:
    expected = await a_day(market)
    assert list(await market.channel.fetch_bill(DAY)) == expected


async def test_a_bill_is_made_the_next_morning(market: Market) -> None:
    await a_day(market)
    market.clock.now = BILLS_ARE_THERE - timedelta(minutes=1)
    with pytest.raises(BillNotReadyError):
        await market.channel.fetch_bill(DAY)


async def test_a_day_without_movements_has_an_empty_bill_by_noon(market: Market) -> None:
    market.clock.now = BILLS_ARE_THERE
    with pytest.raises(BillNotReadyError):
        await market.channel.fetch_bill(DAY)
    market.clock.now += timedelta(hours=2)
    assert list(await market.channel.fetch_bill(DAY)) == []


@pytest.mark.parametrize(
    ("fault", "amounts"),
    [
        ("SHORT", [Decimal("9.67")]),
        ("LONG", [Decimal("9.67"), Decimal("3.67"), Decimal("0.01")]),
        ("AMOUNT", [Decimal("9.68"), Decimal("3.67")]),
    ],
)
async def test_a_bill_can_differ_from_the_books(market: Market, fault: str, amounts: list[Decimal]) -> None:
    await a_day(market)
    await market.turn("bills", fault)
    assert [row.amount for row in await market.channel.fetch_bill(DAY)] == amounts

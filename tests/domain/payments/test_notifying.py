"""A provider's message is taken once, whatever the wire does with it; what is not proved changes nothing."""

import asyncio
from decimal import Decimal

from sqlalchemy import text

from datasources.payments.channel import RefundState
from datasources.sql.booking_order import OrderState
from datasources.stores import Stores
from domain.booking.order_states import OrderStep
from domain.payments.desk import PaymentDesk
from domain.payments.notifying import take_notify
from domain.payments.refunding import run_refund
from tests.domain.payments.channel import SIGNATURE, TestProvider
from tests.domain.payments.money import (
    FEE,
    NOW,
    desk_of,
    matters_about,
    new_order,
    offered,
    paid_order,
    payment_of,
    refund_rows,
)
from tests.order_steps import row_of, step


async def taken(desk: PaymentDesk, provider: TestProvider, headers: dict[str, str], body: bytes) -> int:
    """The status of the answer."""
    return (await take_notify(desk, provider, headers, body, NOW)).status


async def fates(stores: Stores, trade_number: str) -> list[str]:
    """What became of the messages about a trade."""
    async with stores.sql.read() as session:
        found = await (await session.connection()).execute(
            text("SELECT fate FROM payment_notice WHERE trade_number = :number ORDER BY id"), {"number": trade_number}
        )
        return [row[0] for row in found]


async def test_a_message_that_comes_many_times_at_once_pays_once(stores: Stores) -> None:
    provider, order = TestProvider(), await new_order(stores)
    desk = desk_of(stores, provider)
    payment = await offered(desk, order)
    headers, body = provider.notice(provider.pay(payment.trade_number, NOW))

    statuses = await asyncio.gather(*(taken(desk, provider, headers, body) for _ in range(5)))

    assert statuses == [204] * 5
    assert sorted(await fates(stores, payment.trade_number)) == ["APPLIED"] + ["REPEATED"] * 4
    after = await row_of(stores, order.id)
    assert (after.state, after.paid_amount) == (OrderState.PAID, FEE)


async def test_a_forged_or_changed_message_changes_nothing(stores: Stores) -> None:
    provider, order = TestProvider(), await new_order(stores)
    desk = desk_of(stores, provider)
    payment = await offered(desk, order)
    headers, body = provider.notice(provider.pay(payment.trade_number, NOW))

    assert await taken(desk, provider, {SIGNATURE: "0" * 64}, body) == 400
    assert await taken(desk, provider, {}, body) == 400
    assert await taken(desk, provider, headers, body.replace(b"9.67", b"0.01")) == 400

    assert (await row_of(stores, order.id)).state == OrderState.AWAITING_PAYMENT
    assert await fates(stores, payment.trade_number) == []
    assert (await payment_of(stores, payment.id)).state == "OPEN"


async def test_a_signed_message_with_another_amount_is_taken_and_shown_to_finance(stores: Stores) -> None:
    provider, order = TestProvider(), await new_order(stores)
    desk = desk_of(stores, provider)
    payment = await offered(desk, order)
    trade = provider.pay(payment.trade_number, NOW, Decimal("0.01"))

    assert await taken(desk, provider, *provider.notice(trade)) == 204

    assert (await row_of(stores, order.id)).state == OrderState.AWAITING_PAYMENT
    (matter,) = await matters_about(stores, payment.trade_number)
    assert matter[:2] == ("AMOUNT_DIFFERS", "OPEN")


async def test_a_refunds_message_ends_the_order_before_the_runner_asks(stores: Stores) -> None:
    provider = TestProvider()
    desk = desk_of(stores, provider)
    order, _ = await paid_order(desk, provider)
    await step(stores, order.id, OrderStep.CANCEL_PAID, NOW)
    (refund,) = await refund_rows(stores, order.id)
    await run_refund(desk, refund, NOW)
    done = provider.finish(refund.refund_number, NOW, RefundState.SUCCEEDED)

    assert [await taken(desk, provider, *provider.notice(done, id=refund.refund_number)) for _ in range(2)] == [
        204,
        204,
    ]

    assert (await row_of(stores, order.id)).state == OrderState.REFUNDED
    assert await run_refund(desk, refund, NOW) is None

"""Money that arrives is applied once, whoever brings the word; what no order keeps is promised back, to the fen."""

import asyncio
import secrets
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from datasources.payments.channel import ClientKind, Provider, Trade, TradeState
from datasources.sql.booking_order import BookingOrder, OrderState
from datasources.sql.payment import Payment, PaymentState
from datasources.sql.refunds import Refunds
from datasources.stores import Stores
from domain.audit.actor import Actor
from domain.booking.lapsing import lapse_order
from domain.booking.order_states import OrderStep
from domain.payments.desk import PaymentDesk
from domain.payments.looking import AFTERMATH, look_at_payment
from domain.payments.paying import PaymentStarted, PayRequest, pay_order
from domain.payments.refused import OrderNotPayable, PaymentEnded, PaymentUnavailable
from domain.payments.settling import Settled
from domain.problems import IdempotencyKeyReused, NotFound
from tests.booked import at
from tests.domain.payments.channel import TestProvider
from tests.domain.payments.money import FEE, NOW, desk_of, new_order, payment_of, settled
from tests.order_steps import assert_true, row_of, step

DEADLINE = at("23:00")


async def paying(desk: PaymentDesk, order: BookingOrder, key: str = "k", user: UUID | None = None) -> object:
    """The answer to payOrder."""
    user_id = user or order.user_id
    request = PayRequest(user_id, order.id, Provider.WECHAT_PAY, ClientKind.SCAN, key)
    return await pay_order(desk, request, Actor("user", str(user_id), NOW))


async def started(desk: PaymentDesk, order: BookingOrder, key: str = "k") -> Payment:
    """The payment that was begun."""
    answer = await paying(desk, order, key)
    assert isinstance(answer, PaymentStarted), answer
    return answer.payment


async def refunds_of(stores: Stores, order: BookingOrder) -> list[Decimal]:
    """What is promised back of an order."""
    async with stores.sql.read() as session:
        found = await Refunds(session).of_orders([order.id])
    return [refund.amount for refund in found.get(order.id, [])]


async def kinds_of(stores: Stores, trade_number: str) -> list[str]:
    """What finance has to look at about a trade."""
    async with stores.sql.read() as session:
        found = await (await session.connection()).execute(
            text("SELECT kind FROM finance_item WHERE trade_number = :number"), {"number": trade_number}
        )
        return [row[0] for row in found]


async def test_an_order_is_paid_to_the_fen_and_the_same_call_answers_the_same_payment(stores: Stores) -> None:
    provider, order = TestProvider(), await new_order(stores)
    desk = desk_of(stores, provider)

    payment = await started(desk, order)
    again = await started(desk, order)
    other_key = await started(desk, order, "other")

    assert payment.id == again.id == other_key.id
    assert (payment.state, payment.amount, payment.qr_text) == ("OPEN", FEE, f"test:{payment.trade_number}")
    assert len(payment.trade_number) <= 32
    assert await settled(stores, provider.pay(payment.trade_number, NOW)) is Settled.PAID
    after = await row_of(stores, order.id)
    assert (after.state, after.paid_amount, after.lapses_at) == (OrderState.PAID, FEE, None)
    assert await refunds_of(stores, order) == []
    await assert_true(stores, order.schedule_id)


async def test_nobody_begins_a_payment_for_somebody_elses_order_or_with_a_used_key(stores: Stores) -> None:
    desk, order, other = desk_of(stores, TestProvider()), await new_order(stores), await new_order(stores)

    assert isinstance(await paying(desk, order, user=other.user_id), NotFound)
    await started(desk, order)
    request = PayRequest(order.user_id, order.id, Provider.WECHAT_PAY, ClientKind.BROWSER, "k")
    assert isinstance(await pay_order(desk, request, Actor("user", str(order.user_id), NOW)), IdempotencyKeyReused)


async def test_word_from_all_sides_at_once_pays_once(stores: Stores) -> None:
    provider, order = TestProvider(), await new_order(stores)
    desk = desk_of(stores, provider)
    payment = await started(desk, order)
    trade = provider.pay(payment.trade_number, NOW)

    outcomes = await asyncio.gather(
        *(settled(stores, trade) for _ in range(6)),
        look_at_payment(desk, payment, NOW + timedelta(minutes=1)),
        started(desk, order),
    )

    assert outcomes.count(Settled.PAID) <= 1
    after = await row_of(stores, order.id)
    assert (after.state, after.paid_amount) == (OrderState.PAID, FEE)
    assert await refunds_of(stores, order) == []


async def test_a_payment_races_the_deadline_and_either_way_the_books_agree(stores: Stores) -> None:
    for _ in range(5):
        provider, order = TestProvider(), await new_order(stores)
        payment = await started(desk_of(stores, provider), order)
        trade = provider.pay(payment.trade_number, NOW)

        await asyncio.gather(settled(stores, trade, DEADLINE), lapse_order(stores.sql, order.id, DEADLINE))

        after = await row_of(stores, order.id)
        kept = {OrderState.PAID: [], OrderState.EXPIRED: [FEE]}
        assert after.paid_amount == FEE
        assert await refunds_of(stores, order) == kept[OrderState(after.state)]
        await assert_true(stores, order.schedule_id)


async def test_late_money_is_promised_back_once(stores: Stores) -> None:
    provider, order = TestProvider(), await new_order(stores)
    payment = await started(desk_of(stores, provider), order)
    assert await lapse_order(stores.sql, order.id, DEADLINE)
    assert (await payment_of(stores, payment.id)).state == PaymentState.CLOSING
    trade = provider.pay(payment.trade_number, DEADLINE)

    assert await settled(stores, trade, DEADLINE) is Settled.LATE
    assert await settled(stores, trade, DEADLINE) is Settled.BEFORE

    after = await row_of(stores, order.id)
    assert (after.state, after.paid_amount) == (OrderState.EXPIRED, FEE)
    assert await refunds_of(stores, order) == [FEE]


async def test_another_amount_changes_nothing_and_is_shown_to_finance(stores: Stores) -> None:
    provider, order = TestProvider(), await new_order(stores)
    payment = await started(desk_of(stores, provider), order)
    trade = provider.pay(payment.trade_number, NOW, Decimal("9.66"))

    assert [await settled(stores, trade), await settled(stores, trade)] == [Settled.DISPUTED] * 2

    after = await row_of(stores, order.id)
    assert (after.state, after.paid_amount) == (OrderState.AWAITING_PAYMENT, Decimal(0))
    assert await kinds_of(stores, payment.trade_number) == ["AMOUNT_DIFFERS"]


async def test_money_for_no_payment_of_ours_is_shown_to_finance(stores: Stores) -> None:
    number = secrets.token_hex(12)
    trade = Trade(number, TradeState.PAID, f"P{number}", FEE, NOW)

    assert await settled(stores, trade) is Settled.UNKNOWN
    assert await kinds_of(stores, number) == ["UNKNOWN_TRADE"]


async def test_a_paid_order_that_is_cancelled_promises_all_of_it_back(stores: Stores) -> None:
    provider, order = TestProvider(), await new_order(stores)
    payment = await started(desk_of(stores, provider), order)
    await settled(stores, provider.pay(payment.trade_number, NOW))

    await step(stores, order.id, OrderStep.CANCEL_PAID, NOW)

    assert await refunds_of(stores, order) == [FEE]
    assert (await payment_of(stores, payment.id)).refund_total == FEE


async def test_the_database_gives_back_no_more_than_was_paid(stores: Stores) -> None:
    provider, order = TestProvider(), await new_order(stores)
    payment = await started(desk_of(stores, provider), order)
    await settled(stores, provider.pay(payment.trade_number, NOW))
    await step(stores, order.id, OrderStep.CANCEL_PAID, NOW)

    with pytest.raises(IntegrityError, match="payment_refunds_within_amount"):
        async with stores.sql.unit_of_work() as session:
            await (await session.connection()).execute(
                text("""INSERT INTO refund (order_id, payment_id, refund_number, amount, reason, state, next_at,
                                            created_at)
                        SELECT order_id, payment_id, :number, 0.01, reason, state, next_at, created_at
                          FROM refund WHERE payment_id = :id"""),
                {"id": payment.id, "number": secrets.token_hex(16)},
            )


async def test_an_offer_that_failed_half_way_is_taken_up_by_the_same_call(stores: Stores) -> None:
    provider, order = TestProvider(down=True), await new_order(stores)
    desk = desk_of(stores, provider)
    assert isinstance(await paying(desk, order), PaymentUnavailable)

    provider.down = False

    assert (await started(desk, order)).state == PaymentState.OPEN
    assert len(provider.trades) == 1


async def test_the_poller_finds_what_no_notify_told(stores: Stores) -> None:
    provider, order = TestProvider(), await new_order(stores)
    desk = desk_of(stores, provider)
    payment = await started(desk, order)

    assert await look_at_payment(desk, payment, NOW) is None, "not due yet"
    assert await look_at_payment(desk, payment, NOW + timedelta(seconds=10)) is Settled.NOT_PAID
    provider.pay(payment.trade_number, NOW)
    assert await look_at_payment(desk, payment, NOW + timedelta(minutes=1)) is Settled.PAID
    assert (await row_of(stores, order.id)).state == OrderState.PAID


async def test_the_trade_of_an_order_that_ended_is_closed_at_the_provider(stores: Stores) -> None:
    provider, order = TestProvider(), await new_order(stores)
    desk = desk_of(stores, provider)
    payment = await started(desk, order)
    await step(stores, order.id, OrderStep.CANCEL, NOW)

    assert await look_at_payment(desk, payment, NOW) is Settled.NOT_PAID

    assert provider.trades[payment.trade_number].state is TradeState.CLOSED
    assert (await payment_of(stores, payment.id)).state == PaymentState.CLOSED
    assert isinstance(await paying(desk, order), PaymentEnded)
    assert isinstance(await paying(desk, order, "new"), OrderNotPayable)


async def test_a_trade_paid_in_the_moment_of_closing_is_promised_back(stores: Stores) -> None:
    provider, order = TestProvider(), await new_order(stores)
    desk = desk_of(stores, provider)
    payment = await started(desk, order)
    await step(stores, order.id, OrderStep.CANCEL, NOW)
    provider.pay(payment.trade_number, NOW)

    assert await look_at_payment(desk, payment, NOW) is Settled.LATE
    assert await refunds_of(stores, order) == [FEE]


async def test_a_trade_that_nobody_scanned_is_watched_until_it_cannot_be_paid(stores: Stores) -> None:
    provider, order = TestProvider(), await new_order(stores)
    desk = desk_of(stores, provider)
    payment = await started(desk, order)
    provider.trades.clear()
    await step(stores, order.id, OrderStep.CANCEL, NOW)

    await look_at_payment(desk, payment, NOW)
    assert (await payment_of(stores, payment.id)).state == PaymentState.CLOSING
    await look_at_payment(desk, payment, DEADLINE + AFTERMATH)
    assert (await payment_of(stores, payment.id)).state == PaymentState.CLOSED

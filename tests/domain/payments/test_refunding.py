"""Every promised refund is asked for under one number until it has come to its end, and goes back once."""

import asyncio
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import text
from sqlmodel import select

from datasources.payments.channel import Provider, Refund, RefundState
from datasources.sql.booking_order import OrderState
from datasources.sql.outgoing_message import OutgoingMessage
from datasources.sql.refund import RefundRowState
from datasources.stores import Stores
from domain.audit.actor import Actor
from domain.booking.order_states import OrderStep
from domain.messages.kinds import MessageKind
from domain.payments.desk import PaymentDesk
from domain.payments.giving_back import MOST_REPLACED, PAUSES, apply_refund
from domain.payments.refunding import LEASE, REFUSALS_SHOWN, run_due_refunds, run_refund
from domain.payments.settling import settle_trade
from tests.domain.payments.channel import TestProvider
from tests.domain.payments.money import FEE, NOW, desk_of, matters_about, new_order, offered, paid_order, refund_rows
from tests.order_steps import assert_true, events_of, row_of, step

LATER = NOW + timedelta(hours=2)


async def run(desk: PaymentDesk, order_id: object, now: datetime) -> RefundRowState | None:
    """Work on the order's last refund, as the worker does."""
    (*_, refund) = await refund_rows(desk.stores, order_id)  # type: ignore[arg-type]
    return await run_refund(desk, refund, now)


async def word(stores: Stores, refund: Refund, now: datetime = LATER) -> RefundRowState | None:
    """The provider says so."""
    async with stores.sql.unit_of_work() as session:
        return await apply_refund(session, Provider.WECHAT_PAY, refund, Actor.system("test", now))


async def test_a_cancelled_order_is_given_back_to_the_fen_and_ends_refunded(stores: Stores) -> None:
    provider = TestProvider()
    desk = desk_of(stores, provider)
    order, payment = await paid_order(desk, provider)
    await step(stores, order.id, OrderStep.CANCEL_PAID, NOW)

    assert await run(desk, order.id, NOW) is RefundRowState.PROCESSING
    (refund,) = await refund_rows(stores, order.id)
    assert (await row_of(stores, order.id)).state == OrderState.REFUNDING
    assert await run(desk, order.id, NOW) is None, "not due yet"
    provider.finish(refund.refund_number, NOW)
    assert await run(desk, order.id, LATER) is RefundRowState.DONE

    after = await row_of(stores, order.id)
    assert (after.state, after.paid_amount) == (OrderState.REFUNDED, Decimal(0))
    assert (await refund_rows(stores, order.id))[0].finished_at == NOW
    assert provider.given_back(payment.trade_number) == FEE
    assert (await events_of(stores, order.id))[-1].event == "REFUND"
    async with stores.sql.read() as session:
        told = await session.exec(
            select(OutgoingMessage).where(
                OutgoingMessage.kind == MessageKind.REFUND_DONE, OutgoingMessage.user_id == order.user_id
            )
        )
        assert [message.variables["amount"] for message in told] == ["9.67"]
    await assert_true(stores, order.schedule_id)


async def test_a_worker_that_died_after_asking_asks_again_under_the_same_number(stores: Stores) -> None:
    provider = TestProvider(mute=True, refund_states=[RefundState.SUCCEEDED])
    desk = desk_of(stores, provider)
    order, payment = await paid_order(desk, provider)
    await step(stores, order.id, OrderStep.CANCEL_PAID, NOW)

    assert await run(desk, order.id, NOW) is RefundRowState.WAITING
    provider.mute = False
    assert await run(desk, order.id, NOW + LEASE) is RefundRowState.DONE

    assert provider.refund_calls == 2
    assert provider.given_back(payment.trade_number) == FEE
    assert len(provider.refunds) == 1


async def test_many_workers_give_back_once(stores: Stores) -> None:
    provider = TestProvider(refund_states=[RefundState.SUCCEEDED])
    desk = desk_of(stores, provider)
    order, payment = await paid_order(desk, provider)
    await step(stores, order.id, OrderStep.CANCEL_PAID, NOW)

    outcomes = await asyncio.gather(*(run(desk, order.id, NOW) for _ in range(5)))

    assert outcomes.count(RefundRowState.DONE) == 1
    assert provider.refund_calls == 1
    assert provider.given_back(payment.trade_number) == FEE


async def test_a_refund_that_the_provider_gave_up_is_promised_anew_and_at_last_shown_to_finance(
    stores: Stores,
) -> None:
    provider = TestProvider(refund_states=[RefundState.CLOSED] * (MOST_REPLACED + 1))
    desk = desk_of(stores, provider)
    order, payment = await paid_order(desk, provider)
    await step(stores, order.id, OrderStep.CANCEL_PAID, NOW)

    for _ in range(MOST_REPLACED):
        assert await run(desk, order.id, NOW) is RefundRowState.REPLACED
    assert await run(desk, order.id, NOW) is RefundRowState.ABNORMAL

    rows = await refund_rows(stores, order.id)
    assert [row.state for row in rows] == ["REPLACED"] * MOST_REPLACED + ["ABNORMAL"]
    assert len({row.refund_number for row in rows}) == MOST_REPLACED + 1
    assert {row.amount for row in rows} == {FEE}
    assert await matters_about(stores, payment.trade_number) == [("REFUND_ABNORMAL", "OPEN", "CLOSED_AGAIN")]
    assert (await row_of(stores, order.id)).state == OrderState.REFUNDING


async def test_a_refund_that_is_abnormal_waits_for_people_and_comes_right_by_the_providers_word(
    stores: Stores,
) -> None:
    provider = TestProvider(refund_states=[RefundState.ABNORMAL])
    desk = desk_of(stores, provider)
    order, payment = await paid_order(desk, provider)
    await step(stores, order.id, OrderStep.CANCEL_PAID, NOW)

    assert await run(desk, order.id, NOW) is RefundRowState.ABNORMAL
    assert await run(desk, order.id, LATER) is None, "the platform asks no more"
    assert await matters_about(stores, payment.trade_number) == [("REFUND_ABNORMAL", "OPEN", "ABNORMAL")]

    (refund,) = provider.refunds
    assert await word(stores, provider.finish(refund, LATER)) is RefundRowState.DONE
    assert await word(stores, provider.refunds[refund]) is RefundRowState.DONE, "once more changes nothing"
    assert await matters_about(stores, payment.trade_number) == [("REFUND_ABNORMAL", "RESOLVED", "ABNORMAL")]
    after = await row_of(stores, order.id)
    assert (after.state, after.paid_amount) == (OrderState.REFUNDED, Decimal(0))


async def test_a_refusal_is_tried_again_under_the_same_number_and_shown_to_finance(stores: Stores) -> None:
    provider = TestProvider(refuses="NOT_ENOUGH")
    desk = desk_of(stores, provider)
    order, payment = await paid_order(desk, provider)
    await step(stores, order.id, OrderStep.CANCEL_PAID, NOW)

    now = NOW
    for _ in range(REFUSALS_SHOWN):
        assert await run(desk, order.id, now) is RefundRowState.WAITING
        now += PAUSES[-1]
    assert await matters_about(stores, payment.trade_number) == [("REFUND_ABNORMAL", "OPEN", "NOT_ENOUGH")]

    provider.refuses = None
    provider.refund_states = [RefundState.SUCCEEDED]
    assert await run(desk, order.id, now) is RefundRowState.DONE
    assert len(provider.refunds) == 1
    assert await matters_about(stores, payment.trade_number) == [("REFUND_ABNORMAL", "RESOLVED", "NOT_ENOUGH")]


async def test_what_a_cheaper_session_costs_less_goes_back_and_the_order_stays_paid(stores: Stores) -> None:
    provider = TestProvider(refund_states=[RefundState.SUCCEEDED])
    desk = desk_of(stores, provider)
    order, payment = await paid_order(desk, provider)
    await step(stores, order.id, OrderStep.RESCHEDULE, NOW, fee=Decimal("6.00"))

    assert await run(desk, order.id, NOW) is RefundRowState.DONE

    after = await row_of(stores, order.id)
    assert (after.state, after.paid_amount) == (OrderState.PAID, Decimal("6.00"))
    assert provider.given_back(payment.trade_number) == Decimal("3.67")
    await step(stores, order.id, OrderStep.CANCEL_PAID, NOW)
    assert await run(desk, order.id, NOW) is RefundRowState.PROCESSING
    assert provider.given_back(payment.trade_number) == FEE


@pytest.mark.parametrize("differs", ["amount", "trade"])
async def test_word_about_another_amount_or_trade_is_not_believed_but_shown_to_finance(
    stores: Stores, differs: str
) -> None:
    provider = TestProvider()
    desk = desk_of(stores, provider)
    order, payment = await paid_order(desk, provider)
    await step(stores, order.id, OrderStep.CANCEL_PAID, NOW)
    (row,) = await refund_rows(stores, order.id)
    amount = Decimal("9.66") if differs == "amount" else FEE
    trade = payment.trade_number if differs == "amount" else f"other{payment.trade_number[:20]}"

    said = Refund(trade, row.refund_number, RefundState.SUCCEEDED, "R1", amount)
    assert await word(stores, said) is RefundRowState.ABNORMAL

    assert await matters_about(stores, payment.trade_number) == [("REFUND_ABNORMAL", "OPEN", "DIFFERS")]
    assert (await row_of(stores, order.id)).state == OrderState.REFUNDING


async def test_a_refund_of_nobodys_is_shown_to_finance(stores: Stores) -> None:
    said = Refund("T_nobody_1", "R_nobody_1", RefundState.SUCCEEDED, "R2", FEE)

    assert await word(stores, said) is None
    assert await matters_about(stores, "T_nobody_1") == [("UNKNOWN_TRADE", "OPEN", "REFUND")]


async def test_the_worker_takes_what_is_due_at_each_provider_and_nothing_else(stores: Stores) -> None:
    wechat, alipay = TestProvider(), TestProvider(Provider.ALIPAY)
    desk = desk_of(stores, wechat, alipay)
    order, payment = await paid_order(desk, wechat)
    other = await new_order(stores)
    at_alipay = await offered(desk, other, Provider.ALIPAY)
    async with stores.sql.unit_of_work() as session:
        paid = alipay.pay(at_alipay.trade_number, NOW)
        await settle_trade(session, Provider.ALIPAY, paid, Actor.system("test", NOW))
    for each in order, other:
        await step(stores, each.id, OrderStep.CANCEL_PAID, NOW)
    long_ago = datetime(2001, 1, 1, tzinfo=UTC)
    async with stores.sql.unit_of_work() as session:
        # So that nothing of other tests is due.
        await (await session.connection()).execute(
            text("UPDATE refund SET next_at = :at WHERE order_id IN (:one, :other)"),
            {"at": long_ago, "one": order.id, "other": other.id},
        )
    wechat.down = True

    assert await run_due_refunds(desk, long_ago) == 2

    assert alipay.given_back(at_alipay.trade_number) == FEE
    assert wechat.given_back(payment.trade_number) == Decimal(0)
    assert [row.state for row in await refund_rows(stores, order.id)] == ["WAITING"]
    assert await run_due_refunds(desk, long_ago) == 0, "not due yet"

"""What holds at both simulated providers, through the channels that production uses."""

from datetime import timedelta
from decimal import Decimal

import pytest

from datasources.payments.channel import (
    ChannelDownError,
    ChannelRefusedError,
    NotifyReason,
    Provider,
    RefundNotice,
    RefundState,
    TradeNotice,
    TradeState,
)
from server.sandbox_payments.presses import Press
from server.sandbox_payments.simulator import PATH
from tests.server.sandbox_payments.market import NUMBER, PRICE, SITE, Market


async def test_a_payment_is_told_once_and_stays_what_it_was(market: Market) -> None:
    offer = await market.offer()
    assert offer.qr_text == f"{SITE}{PATH}/cashier/{(await market.entry()).token}"
    assert offer.code_text is not None
    assert offer.code_text != offer.qr_text
    await market.press()
    assert await market.later() == 1
    trade = await market.channel.query(NUMBER)
    assert (trade.state, trade.amount, trade.paid_at) == (TradeState.PAID, PRICE, market.clock.now)
    [notice] = market.told
    assert isinstance(notice, TradeNotice)
    assert notice.trade == trade
    assert await market.later(days=2) == 0


async def test_the_same_offer_is_the_same_trade_and_another_under_its_number_is_refused(market: Market) -> None:
    first = await market.offer()
    assert (await market.offer()).code_text == first.code_text
    with pytest.raises(ChannelRefusedError) as refused:
        await market.offer(amount=Decimal("9.68"))
    assert refused.value.code in {"OUT_TRADE_NO_USED", "ACQ.CONTEXT_INCONSISTENT"}
    await market.press()
    with pytest.raises(ChannelRefusedError) as refused:
        await market.offer()
    assert refused.value.code in {"ORDERPAID", "ACQ.TRADE_HAS_SUCCESS"}


async def test_a_closed_trade_takes_no_money_and_a_paid_one_is_not_closed(market: Market) -> None:
    await market.offer()
    await market.scan()
    await market.channel.close(NUMBER)
    await market.channel.close(NUMBER)
    await market.press()
    assert (await market.channel.query(NUMBER)).state is TradeState.CLOSED
    await market.offer("T000002")
    await market.press(number="T000002")
    with pytest.raises(ChannelRefusedError):
        await market.channel.close("T000002")
    assert (await market.channel.query("T000002")).state is TradeState.PAID


async def test_nobody_knows_a_trade_that_was_never_made(market: Market) -> None:
    assert (await market.channel.query("T999999")).state is TradeState.ABSENT
    await market.channel.close("T999999")
    assert (await market.channel.query_refund("T999999", "R999999")).state is RefundState.ABSENT


async def test_what_expired_takes_no_money(market: Market) -> None:
    await market.offer()
    await market.scan()
    market.clock.now += timedelta(minutes=15)
    await market.press()
    assert not (await market.channel.query(NUMBER)).state.was_paid


async def test_who_pays_late_pays_after_the_end(market: Market) -> None:
    await market.offer()
    await market.press(Press.PAY_LATE)
    assert await market.later(minutes=1) == 0
    await market.channel.close(NUMBER)
    assert await market.later() == 1
    [notice] = market.told
    assert isinstance(notice, TradeNotice)
    assert notice.trade.state is TradeState.PAID
    assert (await market.channel.query(NUMBER)).state is TradeState.PAID


async def test_a_refund_happens_once_and_is_told(market: Market) -> None:
    await market.offer()
    await market.press()
    await market.later()
    await market.give_back(amount=Decimal("3.67"))
    await market.give_back(amount=Decimal("3.67"))
    await market.later(minutes=1)
    refund = await market.channel.query_refund(NUMBER, "R000001")
    assert (refund.state, refund.amount) == (RefundState.SUCCEEDED, Decimal("3.67"))
    assert refund.finished_at is not None
    [_, notice] = market.told
    assert isinstance(notice, RefundNotice)
    assert (notice.refund.refund_number, notice.refund.state) == ("R000001", RefundState.SUCCEEDED)
    assert notice.refund.finished_at == refund.finished_at
    assert (await market.channel.query(NUMBER)).state.was_paid


async def test_no_more_is_given_back_than_was_paid(market: Market) -> None:
    await market.offer()
    with pytest.raises(ChannelRefusedError):
        await market.give_back()
    await market.press()
    await market.give_back("R000001", Decimal("3.67"))
    market.clock.now += timedelta(minutes=1)
    with pytest.raises(ChannelRefusedError):
        await market.give_back("R000002", Decimal("6.01"))
    with pytest.raises(ChannelRefusedError):
        await market.give_back("R000001", Decimal("3.68"))
    await market.give_back("R000003", Decimal("6.00"))
    await market.later(minutes=1)
    trade = await market.channel.query(NUMBER)
    assert (trade.state, trade.amount) == (TradeState.REFUNDED, PRICE)


async def test_a_message_is_repeated_until_it_is_taken(market: Market) -> None:
    await market.offer()
    await market.press()
    market.is_deaf = True
    assert await market.later() == 1
    assert await market.later(seconds=14) == 0
    assert await market.later(minutes=4) == 1
    market.is_deaf = False
    assert await market.later(minutes=10) == 1
    assert len(market.told) == 1
    assert await market.later(days=2) == 0


async def test_a_message_that_nobody_ever_takes_is_given_up(market: Market) -> None:
    await market.offer()
    await market.press()
    market.is_deaf = True
    sent = 0
    for _ in range(40):
        sent += await market.later(hours=15)
    assert sent == {Provider.WECHAT_PAY: 16, Provider.ALIPAY: 8}[market.provider]


async def test_a_lost_message_leaves_the_trade_paid(market: Market) -> None:
    await market.offer()
    await market.press(Press.PAY_LOSE)
    assert await market.later(days=2) == 0
    assert (await market.channel.query(NUMBER)).state is TradeState.PAID


async def test_a_message_sent_twice_has_one_number(market: Market) -> None:
    await market.offer()
    await market.press(Press.PAY_TWICE)
    assert await market.later() == 1
    assert await market.later(seconds=1) == 1
    assert len(market.told) == 2
    assert market.told[0].notice_id == market.told[1].notice_id


async def test_a_probe_has_a_wrong_signature_and_the_message_follows(market: Market) -> None:
    await market.offer()
    await market.press(Press.PAY_PROBE)
    await market.later()
    assert (market.told, market.refused) == ([], [NotifyReason.SIGNATURE])
    await market.later(seconds=1)
    assert len(market.told) == 1


async def test_who_pays_another_amount_is_told_as_it_was(market: Market) -> None:
    await market.offer()
    await market.press(Press.PAY_LESS)
    await market.later()
    [notice] = market.told
    assert isinstance(notice, TradeNotice)
    assert notice.trade.amount == Decimal("9.66")


@pytest.mark.parametrize(("fault", "is_done"), [("ERROR", False), ("LOST", True)])
async def test_a_provider_that_fails_has_or_has_not_done_it(market: Market, fault: str, is_done: bool) -> None:
    await market.turn("answers", fault, uses=2)
    with pytest.raises(ChannelDownError):
        await market.offer()
    market.clock.now += timedelta(seconds=1)
    await market.offer(amount=PRICE if is_done else Decimal("9.68"))


async def test_a_provider_that_fails_once_is_asked_once_more(market: Market) -> None:
    await market.turn("answers", "LOST", uses=1)
    offer = await market.offer()
    assert offer.qr_text is not None


async def test_the_books_outlive_the_process(market: Market) -> None:
    await market.offer()
    await market.press()
    again = Market(market.provider, market.folder, market.nonces, market.clock)
    assert (await again.channel.query(NUMBER)).state is TradeState.PAID
    assert await again.later() == 1
    assert await market.later() == 0
    await again.close()


async def test_messages_can_come_in_another_order(market: Market) -> None:
    await market.turn("notifies", "REORDERED")
    for number in ("T000001", "T000002"):
        await market.offer(number)
        await market.press(number=number)
    await market.later()
    await market.later(minutes=1)
    assert [notice.trade.trade_number for notice in market.told if isinstance(notice, TradeNotice)] == [
        "T000002",
        "T000001",
    ]

"""What the simulated WeChat Pay alone does."""

from datetime import timedelta
from decimal import Decimal

import httpx
import pytest

from datasources.payments.channel import (
    ChannelDownError,
    ClientKind,
    RefundNotice,
    RefundState,
    SignatureWrongError,
    TradeState,
)
from datasources.payments.wechat_pay import WeChatPay
from datasources.payments.wechat_signature import MOST_SECONDS_OFF, Signer
from server.sandbox_payments.keys import sandbox_keys
from server.sandbox_payments.merchant import WECHAT_KEY_SERIAL, WECHAT_MERCHANT
from server.sandbox_payments.simulator import PATH, WITHIN
from tests.server.sandbox_payments.market import NUMBER, SITE, Market

QUERY = f"/wechat-pay/v3/pay/transactions/out-trade-no/{NUMBER}?mchid={WECHAT_MERCHANT}"


async def answered(market: Market, authorization: str) -> httpx.Response:
    transport = httpx.ASGITransport(market.simulator.application)
    async with httpx.AsyncClient(transport=transport, base_url=WITHIN) as http:
        return await http.get(QUERY, headers={"authorization": authorization})


async def test_only_the_merchant_is_answered_and_only_now(wechat: Market) -> None:
    keys = sandbox_keys(wechat.folder)
    signer = Signer(WECHAT_MERCHANT, keys.wechat_merchant, WECHAT_KEY_SERIAL)
    genuine = signer.authorization("GET", QUERY, b"", wechat.clock.now)
    assert (await answered(wechat, genuine)).status_code == 404
    others = Signer(WECHAT_MERCHANT, keys.alipay_merchant, WECHAT_KEY_SERIAL)
    long_ago = wechat.clock.now - timedelta(seconds=MOST_SECONDS_OFF + 1)
    for forged in (
        "",
        others.authorization("GET", QUERY, b"", wechat.clock.now),
        signer.authorization("POST", QUERY, b"", wechat.clock.now),
        signer.authorization("GET", QUERY, b"", long_ago),
    ):
        answer = await answered(wechat, forged)
        assert (answer.status_code, answer.json()["code"]) == (401, "SIGN_ERROR")
        assert "wechatpay-signature" not in answer.headers


async def test_a_clock_that_is_off_is_as_if_nobody_answered(wechat: Market) -> None:
    channel, real = wechat.channel, wechat.clock.now
    assert isinstance(channel, WeChatPay)
    channel._clock = lambda: real - timedelta(hours=1)
    with pytest.raises(SignatureWrongError):
        await channel.query(NUMBER)


async def test_a_phone_is_led_to_the_cashier(wechat: Market) -> None:
    offer = await wechat.offer(kind=ClientKind.PHONE)
    assert offer.link == f"{SITE}{PATH}/cashier/{(await wechat.entry()).token}"
    await wechat.press()
    assert (await wechat.channel.query(NUMBER)).state is TradeState.PAID


@pytest.mark.parametrize(("outcome", "state"), [("ABNORMAL", RefundState.ABNORMAL), ("CLOSED", RefundState.CLOSED)])
async def test_a_refund_can_end_badly(wechat: Market, outcome: str, state: RefundState) -> None:
    await wechat.offer()
    await wechat.press()
    await wechat.turn("refunds", outcome, uses=1)
    assert (await wechat.give_back()).state is RefundState.PROCESSING
    await wechat.later(minutes=1)
    assert (await wechat.channel.query_refund(NUMBER, "R000001")).state is state
    notice = wechat.told[-1]
    assert isinstance(notice, RefundNotice)
    assert notice.refund.state is state


async def test_an_abnormal_refund_is_put_right_at_the_provider(wechat: Market) -> None:
    await wechat.offer()
    await wechat.press()
    await wechat.turn("refunds", "ABNORMAL")
    await wechat.give_back()
    await wechat.later(minutes=1)
    assert (await wechat.visit("POST", f"{PATH}/pay-out", refund="R000001")).status_code == 303
    await wechat.later()
    assert (await wechat.channel.query_refund(NUMBER, "R000001")).state is RefundState.SUCCEEDED
    assert [type(notice) for notice in wechat.told[-2:]] == [RefundNotice, RefundNotice]


async def test_two_refunds_of_a_trade_are_a_minute_apart(wechat: Market) -> None:
    await wechat.offer()
    await wechat.press()
    await wechat.give_back("R000001", Decimal("1.00"))
    with pytest.raises(ChannelDownError):
        await wechat.give_back("R000002", Decimal("1.00"))
    wechat.clock.now += timedelta(minutes=1)
    assert (await wechat.give_back("R000002", Decimal("1.00"))).state is RefundState.PROCESSING

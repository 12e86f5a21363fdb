"""What the simulated Alipay alone does."""

from datetime import timedelta
from decimal import Decimal
from urllib.parse import parse_qsl, urlsplit

import pytest

from datasources.payments.alipay import Alipay
from datasources.payments.channel import (
    ChannelRefusedError,
    ClientKind,
    RefundState,
    SignatureWrongError,
    TradeState,
)
from server.sandbox_payments.simulator import PATH
from tests.server.sandbox_payments.market import NUMBER, SITE, Market


async def test_a_trade_is_absent_until_its_code_is_scanned(alipay: Market) -> None:
    await alipay.offer()
    assert (await alipay.channel.query(NUMBER)).state is TradeState.ABSENT
    await alipay.channel.close(NUMBER)
    await alipay.scan()
    assert (await alipay.channel.query(NUMBER)).state is TradeState.NOT_PAID
    alipay.clock.now += timedelta(minutes=15)
    assert (await alipay.channel.query(NUMBER)).state is TradeState.CLOSED


@pytest.mark.parametrize("kind", [ClientKind.BROWSER, ClientKind.PHONE])
async def test_a_page_begins_the_trade_for_whoever_comes_with_a_signed_address(
    alipay: Market, kind: ClientKind
) -> None:
    offer = await alipay.offer(kind=kind)
    assert (offer.code_text, offer.qr_text) == (None, None)
    assert offer.link is not None
    parts = urlsplit(offer.link)
    assert f"{parts.scheme}://{parts.netloc}{parts.path}" == f"{SITE}{PATH}/alipay/gateway.do"
    assert dict(parse_qsl(parts.query))["return_url"] == f"{SITE}/orders"
    forged = offer.link.replace("9.67", "0.01")
    assert (await alipay.visit("GET", forged.removeprefix(SITE))).status_code == 400
    opened = await alipay.visit("GET", offer.link.removeprefix(SITE))
    assert opened.headers["location"] == f"../cashier/{(await alipay.entry()).token}"
    await alipay.press()
    assert (await alipay.channel.query(NUMBER)).state is TradeState.PAID


async def test_a_refund_for_which_the_balance_does_not_suffice_is_refused(alipay: Market) -> None:
    await alipay.offer()
    await alipay.press()
    await alipay.turn("refunds", "ABNORMAL", uses=1)
    with pytest.raises(ChannelRefusedError) as refused:
        await alipay.give_back()
    assert refused.value.code == "ACQ.SELLER_BALANCE_NOT_ENOUGH"
    assert (await alipay.give_back()).state is RefundState.SUCCEEDED


async def test_a_slow_refund_is_under_way_until_it_is_there(alipay: Market) -> None:
    await alipay.offer()
    await alipay.press()
    await alipay.turn("refunds", "SLOW", uses=1)
    assert (await alipay.give_back()).state is RefundState.PROCESSING
    assert (await alipay.give_back()).state is RefundState.PROCESSING
    alipay.clock.now += timedelta(hours=1)
    refund = await alipay.channel.query_refund(NUMBER, "R000001")
    assert (refund.state, refund.amount) == (RefundState.SUCCEEDED, Decimal("9.67"))


async def test_a_clock_that_is_off_is_as_if_nobody_answered(alipay: Market) -> None:
    channel, real = alipay.channel, alipay.clock.now
    assert isinstance(channel, Alipay)
    channel._clock = lambda: real - timedelta(hours=8)
    with pytest.raises(SignatureWrongError):
        await channel.query(NUMBER)

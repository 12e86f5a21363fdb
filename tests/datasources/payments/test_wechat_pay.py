"""The WeChat Pay channel against WeChat Pay's wire forms."""

import gzip
import hashlib
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import httpx
import orjson
import pytest

from datasources.cache.nonces import Nonces
from datasources.payments.channel import (
    BillNotReadyError,
    BillRow,
    ChannelDownError,
    ChannelRefusedError,
    ClientKind,
    RefundState,
    SignatureWrongError,
    TradeState,
)
from datasources.payments.wechat_pay import WeChatPay
from datasources.storage.circuit_breaker import FAILURES_TO_OPEN
from datasources.stores import Stores
from tests.datasources.payments.wechat_side import (
    APP,
    MERCHANT,
    MERCHANT_KEY,
    NOW,
    Answer,
    Provider,
    paid,
    refunded,
    said,
    signed_headers,
)

DAY = date(2026, 11, 20)
NAMES = (
    "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,"
    "应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率,"
    "订单金额,申请退款金额,费率备注"
)
BILL = (
    f"{NAMES}\r\n"
    "`2026-11-20 00:00:01,`wx,`19,`0,`,`420,`T000001,`o,`NATIVE,`SUCCESS,`OTHERS,`CNY,`9.67,`0.00,`0,`0,`0.00,`0.00,"
    "`,`,`挂号费, 内科,`,`0.06,`0.60%,`9.67,`0.00,`\r\n"
    "`2026-11-20 23:59:59,`wx,`19,`0,`,`420,`T000001,`o,`NATIVE,`REFUND,`OTHERS,`CNY,`0.00,`0.00,`500,`R000001,`3.67,"
    "`0.00,`ORIGINAL,`SUCCESS,`挂号费, 内科,`,`-0.02,`0.60%,`0.00,`3.67,`\r\n"
    "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额\r\n"
    "`2,`9.67,`3.67,`0.00,`0.04,`9.67,`3.67\r\n"
).encode()


@pytest.fixture
def nonces(open_stores: Stores) -> Nonces:
    return Nonces(open_stores.redis)


def bill(text: bytes, announced: bytes, place: str = "https://pay.test/v3/billdownload/file?token=a%2Fb") -> Provider:
    fields = {"hash_type": "SHA1", "hash_value": hashlib.sha1(announced).hexdigest(), "download_url": place}
    return Provider(said(fields), lambda _: httpx.Response(200, content=gzip.compress(text)))


async def asked_twice(channel: WeChatPay, error: type[Exception]) -> None:
    with pytest.raises(error):
        await channel.query("T000001")
    await channel.close_connections()


async def test_a_trade_is_offered_in_fen_and_beijing_time(nonces: Nonces) -> None:
    provider = Provider(said({"code_url": "weixin://wxpay/bizpayurl?pr=JyC91EIz1"}))
    channel = provider.channel(nonces)
    offer = await channel.create(
        "T000001", Decimal("9.67"), "挂号费", expires_at=NOW + timedelta(minutes=15), notify_url="https://a.test/n"
    )
    await channel.close_connections()
    assert (offer.code_text, offer.qr_text, offer.link) == (*["weixin://wxpay/bizpayurl?pr=JyC91EIz1"] * 2, None)
    assert orjson.loads(provider.asked[0].content) == {
        "appid": APP,
        "mchid": MERCHANT,
        "description": "挂号费",
        "out_trade_no": "T000001",
        "time_expire": "2026-11-21T12:15:00+08:00",
        "notify_url": "https://a.test/n",
        "amount": {"total": 967, "currency": "CNY"},
    }


async def test_a_phone_gets_the_page_that_opens_its_app(nonces: Nonces) -> None:
    page = "https://wx.tenpay.com/cgi-bin/mmpayweb-bin/checkmweb?prepay_id=wx20&package=1"
    provider = Provider(said({"h5_url": page}))
    channel = provider.channel(nonces)
    offer = await channel.create(
        "T000001",
        Decimal("9.67"),
        "挂号费",
        expires_at=NOW + timedelta(minutes=15),
        notify_url="https://a.test/n",
        client_kind=ClientKind.PHONE,
        return_url="https://a.test/orders?id=1",
        payer_address="203.0.113.7",
    )
    await channel.close_connections()
    assert (offer.code_text, offer.link) == (None, f"{page}&redirect_url=https%3A%2F%2Fa.test%2Forders%3Fid%3D1")
    assert provider.asked[0].url.path == "/v3/pay/transactions/h5"
    scene = {"payer_client_ip": "203.0.113.7", "h5_info": {"type": "Wap"}}
    assert orjson.loads(provider.asked[0].content)["scene_info"] == scene


async def test_a_paid_trade_is_told_in_yuan_with_its_payer_masked(nonces: Nonces) -> None:
    channel = Provider(said(paid())).channel(nonces)
    trade = await channel.query("T000001")
    await channel.close_connections()
    assert (trade.state, trade.amount, trade.provider_number) == (TradeState.PAID, Decimal("9.67"), "4200000001")
    assert (trade.paid_at, trade.payer, trade.means) == (NOW, "oUpF****eS6o", "OTHERS")


@pytest.mark.parametrize(
    ("word", "state"),
    [("NOTPAY", TradeState.NOT_PAID), ("CLOSED", TradeState.CLOSED), ("REFUND", TradeState.REFUNDED)],
)
async def test_each_state_has_its_meaning(nonces: Nonces, word: str, state: TradeState) -> None:
    channel = Provider(said(paid(trade_state=word))).channel(nonces)
    assert (await channel.query("T000001")).state is state
    await channel.close_connections()


async def test_what_the_provider_does_not_know_is_absent(nonces: Nonces) -> None:
    channel = Provider(said({"code": "ORDER_NOT_EXIST", "message": "no"}, 404)).channel(nonces)
    assert (await channel.query("T000001")).state is TradeState.ABSENT
    await channel.close("T000001")
    await channel.close_connections()
    channel = Provider(said({"code": "RESOURCE_NOT_EXISTS", "message": "no"}, 404)).channel(nonces)
    assert (await channel.query_refund("T000001", "R000001")).state is RefundState.ABSENT
    await channel.close_connections()


async def test_a_paid_trade_is_not_closed(nonces: Nonces) -> None:
    channel = Provider(said({"code": "ORDERPAID", "message": "paid"}, 400)).channel(nonces)
    with pytest.raises(ChannelRefusedError) as refused:
        await channel.close("T000001")
    await channel.close_connections()
    assert refused.value.code == "ORDERPAID"


async def test_a_refund_is_asked_for_with_its_number(nonces: Nonces) -> None:
    provider = Provider(said(refunded("PROCESSING")))
    channel = provider.channel(nonces)
    refund = await channel.refund(
        "T000001",
        "R000001",
        Decimal("3.67"),
        total=Decimal("9.67"),
        reason="改约",
        notify_url="https://a.test/n",
    )
    await channel.close_connections()
    assert (refund.state, refund.amount, refund.finished_at) == (RefundState.PROCESSING, Decimal("3.67"), None)
    asked = orjson.loads(provider.asked[0].content)
    assert (asked["out_refund_no"], asked["amount"]) == ("R000001", {"refund": 367, "total": 967, "currency": "CNY"})


def unsigned(_: httpx.Request) -> httpx.Response:
    return httpx.Response(200, json=paid())


def by_somebody_else(_: httpx.Request) -> httpx.Response:
    body = orjson.dumps(paid())
    return httpx.Response(200, content=body, headers=signed_headers(body, key=MERCHANT_KEY))


def changed_on_the_way(_: httpx.Request) -> httpx.Response:
    headers = signed_headers(orjson.dumps(paid()))
    return httpx.Response(200, content=orjson.dumps(paid(trade_state="NOTPAY")), headers=headers)


def of_yesterday(_: httpx.Request) -> httpx.Response:
    body = orjson.dumps(paid())
    return httpx.Response(200, content=body, headers=signed_headers(body, at=NOW - timedelta(days=1)))


def unsigned_refusal(_: httpx.Request) -> httpx.Response:
    return httpx.Response(404, json={"code": "ORDER_NOT_EXIST", "message": "no"})


@pytest.mark.parametrize("answer", [unsigned, by_somebody_else, changed_on_the_way, of_yesterday, unsigned_refusal])
async def test_an_answer_counts_only_with_a_fresh_signature(nonces: Nonces, answer: Answer) -> None:
    await asked_twice(Provider(answer).channel(nonces), SignatureWrongError)


@pytest.mark.parametrize(
    "answer", [said(paid(mchid="1900000002")), said(paid(appid="wx2")), said(paid(out_trade_no="T000002")), said({})]
)
async def test_an_answer_about_something_else_does_not_count(nonces: Nonces, answer: Answer) -> None:
    await asked_twice(Provider(answer).channel(nonces), ChannelDownError)


def timing_out(request: httpx.Request) -> httpx.Response:
    raise httpx.ReadTimeout("slow", request=request)


@pytest.mark.parametrize("trouble", [timing_out, lambda _: httpx.Response(500), lambda _: httpx.Response(429)])
async def test_trouble_is_tried_once_more(nonces: Nonces, trouble: Callable[[httpx.Request], httpx.Response]) -> None:
    provider = Provider(trouble, said(paid()))
    channel = provider.channel(nonces)
    assert (await channel.query("T000001")).state is TradeState.PAID
    first, second = (request.headers["authorization"] for request in provider.asked)
    assert first != second
    await asked_twice(Provider(trouble).channel(nonces), ChannelDownError)
    await channel.close_connections()


async def test_the_circuit_opens_after_failures_in_a_row(nonces: Nonces) -> None:
    provider = Provider(timing_out)
    channel = provider.channel(nonces)
    for _ in range(FAILURES_TO_OPEN):
        with pytest.raises(ChannelDownError):
            await channel.query("T000001")
    assert len(provider.asked) == FAILURES_TO_OPEN
    assert not channel.is_reachable
    await channel.close_connections()


async def test_the_bill_is_read_to_the_fen(nonces: Nonces) -> None:
    channel = bill(BILL, BILL).channel(nonces)
    rows = await channel.fetch_bill(DAY)
    await channel.close_connections()
    first = datetime(2026, 11, 19, 16, 0, 1, tzinfo=UTC)
    last = datetime(2026, 11, 20, 15, 59, 59, tzinfo=UTC)
    assert rows == (
        BillRow("T000001", "420", Decimal("9.67"), first),
        BillRow("T000001", "420", Decimal("3.67"), last, "R000001", "500"),
    )


async def test_a_bill_that_is_another_than_announced_does_not_count(nonces: Nonces) -> None:
    channel = bill(BILL, b"another").channel(nonces)
    with pytest.raises(SignatureWrongError):
        await channel.fetch_bill(DAY)
    await channel.close_connections()


@pytest.mark.parametrize("text", [BILL[:300], b"", NAMES.encode()])
async def test_a_bill_that_is_cut_off_does_not_count(nonces: Nonces, text: bytes) -> None:
    channel = bill(text, text).channel(nonces)
    with pytest.raises(ChannelDownError):
        await channel.fetch_bill(DAY)
    await channel.close_connections()


async def test_our_signature_goes_to_no_other_address(nonces: Nonces) -> None:
    provider = bill(BILL, BILL, place="https://pay.test.example/file")
    channel = provider.channel(nonces)
    with pytest.raises(ChannelDownError):
        await channel.fetch_bill(DAY)
    await channel.close_connections()
    assert len(provider.asked) == 1


async def test_a_missing_bill_is_awaited_until_noon(nonces: Nonces) -> None:
    provider = Provider(said({"code": "NO_STATEMENT_EXIST", "message": "no"}, 400))
    early = provider.channel(nonces, later=timedelta(minutes=-1))
    # Every answer is signed at NOW, which is noon in Beijing.
    with pytest.raises(BillNotReadyError):
        await early.fetch_bill(DAY + timedelta(days=1))
    noon = provider.channel(nonces)
    assert await noon.fetch_bill(DAY) == ()
    await early.close_connections()
    await noon.close_connections()


@pytest.mark.parametrize("number", ["short", "a" * 33, "T000001/close", "订单000001"])
async def test_a_number_that_the_wire_cannot_carry_is_not_sent(nonces: Nonces, number: str) -> None:
    channel = Provider(said(paid())).channel(nonces)
    with pytest.raises(ValueError, match="number"):
        await channel.query(number)
    await channel.close_connections()

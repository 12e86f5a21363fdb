"""The Alipay channel against Alipay's wire forms."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl, urlencode

import httpx
import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from datasources.cache.nonces import Nonces
from datasources.payments.alipay import Alipay, AlipayAccount
from datasources.payments.alipay_bill import bill_rows
from datasources.payments.alipay_signature import is_signed_request, signed_notify, verbatim_members
from datasources.payments.channel import (
    ChannelDownError,
    ChannelRefusedError,
    NotifyReason,
    NotifyRefusedError,
    RefundNotice,
    RefundState,
    SignatureWrongError,
    TradeNotice,
    TradeState,
)
from datasources.payments.provider_http import ProviderHttp
from datasources.payments.rsa_signatures import signature_of
from datasources.stores import Stores

NOW = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)
APP, SELLER = "2014072300007148", "2088102122524333"
MERCHANT_KEY = rsa.generate_private_key(65537, 2048)
PROVIDER_KEY = rsa.generate_private_key(65537, 2048)
PAID = {
    "code": "10000",
    "msg": "Success",
    "out_trade_no": "T000001",
    "trade_no": "2026112122001400000001",
    "trade_status": "TRADE_SUCCESS",
    "total_amount": "9.67",
    "send_pay_date": "2026-11-21 12:00:00",
    "buyer_logon_id": "138****0000",
    "fund_bill_list": [{"amount": "9.67", "fund_channel": "ALIPAYACCOUNT"}],
}
TOLD = {
    "notify_type": "trade_status_sync",
    "notify_id": "N1",
    "notify_time": "2026-11-21 12:00:00",
    "app_id": APP,
    "seller_id": SELLER,
    "out_trade_no": "T000001",
    "trade_no": "2026112122001400000001",
    "trade_status": "TRADE_SUCCESS",
    "total_amount": "9.67",
    "gmt_payment": "2026-11-21 11:59:58",
    "subject": "挂号 & 费用=1",
    "body": "",
    "fund_bill_list": '[{"amount":"9.67","fundChannel":"ALIPAYACCOUNT"}]',
}
Written = Callable[[str, str], str]


def signed(method: str, text: str) -> str:
    """An answer, its spaces as odd as the real one's may be."""
    name = f"{method.replace('.', '_')}_response"
    return f'{{ "{name}" : {text} ,"sign":"{signature_of(PROVIDER_KEY, text.encode())}"}}'


@dataclass
class Gateway:
    """Alipay's: proves each request, and answers with these texts by their methods."""

    texts: dict[str, str]
    written: Written = signed
    asked: list[dict[str, str]] = field(default_factory=list)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        parameters = dict(parse_qsl(request.content.decode(), keep_blank_values=True))
        assert is_signed_request(parameters, MERCHANT_KEY.public_key())
        self.asked.append(parameters)
        method = parameters["method"]
        return httpx.Response(200, text=self.written(method, self.texts[method]))

    def channel(self, nonces: Nonces) -> Alipay:
        account = AlipayAccount(APP, SELLER, MERCHANT_KEY, PROVIDER_KEY.public_key())
        http = ProviderHttp("alipay", transport=httpx.MockTransport(self))
        return Alipay(account, nonces, lambda: NOW, http=http, api_url="https://alipay.test/gateway.do")


@pytest.fixture
def nonces(open_stores: Stores) -> Nonces:
    return Nonces(open_stores.redis)


@pytest.fixture
async def channel(nonces: Nonces) -> AsyncIterator[Alipay]:
    channel = Gateway({}).channel(nonces)
    yield channel
    await channel.close_connections()


def told(*, key: rsa.RSAPrivateKey = PROVIDER_KEY, **other: str) -> bytes:
    return urlencode(signed_notify({**TOLD, **other}, key)).encode()


async def refusal(channel: Alipay, body: bytes) -> NotifyReason:
    with pytest.raises(NotifyRefusedError) as refused:
        await channel.parse_notify({}, body)
    return refused.value.reason


def text_of(fields: dict[str, Any]) -> str:
    return orjson.dumps(fields, option=orjson.OPT_INDENT_2).decode()


async def test_a_request_says_its_time_in_beijing_and_its_amount_in_yuan(nonces: Nonces) -> None:
    answer = {"code": "10000", "out_trade_no": "T000001", "qr_code": "https://qr.alipay.com/bax1"}
    gateway = Gateway({"alipay.trade.precreate": text_of(answer)})
    channel = gateway.channel(nonces)
    offer = await channel.create(
        "T000001", Decimal("9.67"), "挂号费", expires_at=NOW + timedelta(minutes=15), notify_url="https://a.test/n"
    )
    await channel.close_connections()
    assert (offer.code_text, offer.qr_text, offer.link) == ("https://qr.alipay.com/bax1",) * 3
    [asked] = gateway.asked
    assert (asked["timestamp"], asked["notify_url"]) == ("2026-11-21 12:00:00", "https://a.test/n")
    assert orjson.loads(asked["biz_content"]) == {
        "out_trade_no": "T000001",
        "total_amount": "9.67",
        "subject": "挂号费",
        "time_expire": "2026-11-21 12:15:00",
        "seller_id": SELLER,
    }


async def test_an_answer_counts_as_it_is_written(nonces: Nonces) -> None:
    channel = Gateway({"alipay.trade.query": text_of(PAID)}).channel(nonces)
    trade = await channel.query("T000001")
    await channel.close_connections()
    assert (trade.state, trade.amount, trade.paid_at) == (TradeState.PAID, Decimal("9.67"), NOW)
    assert (trade.payer, trade.means) == ("138****0000", "ALIPAYACCOUNT")


def unsigned(method: str, text: str) -> str:
    return f'{{"{method.replace(".", "_")}_response":{text}}}'


def of_another(method: str, text: str) -> str:
    return signed(method, text).replace("9.67", "0.01")


def twice(method: str, text: str) -> str:
    """The signed object first, and a forged one of the same name after it."""
    forged = text.replace("9.67", "0.01")
    return signed(method, text)[:-1] + f',"{method.replace(".", "_")}_response":{forged}}}'


@pytest.mark.parametrize("written", [unsigned, of_another, twice, lambda _, text: text, lambda *_: "<html>"])
async def test_an_answer_counts_only_with_its_signature(nonces: Nonces, written: Written) -> None:
    channel = Gateway({"alipay.trade.query": text_of(PAID)}, written).channel(nonces)
    with pytest.raises(SignatureWrongError):
        await channel.query("T000001")
    await channel.close_connections()


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"code": "20000", "sub_code": "isp.unknow-error"}, ChannelDownError),
        ({"code": "40004", "sub_code": "ACQ.SYSTEM_ERROR"}, ChannelDownError),
        ({"code": "40004", "sub_code": "ACQ.ACCESS_FORBIDDEN"}, ChannelRefusedError),
        ({"code": "40002", "sub_code": "isv.invalid-app-id"}, ChannelRefusedError),
        ({**PAID, "out_trade_no": "T000002"}, ChannelDownError),
        ({**PAID, "total_amount": "9.675"}, ChannelDownError),
    ],
)
async def test_each_refusal_has_its_meaning(nonces: Nonces, fields: dict[str, Any], error: type[Exception]) -> None:
    channel = Gateway({"alipay.trade.query": text_of(fields)}).channel(nonces)
    with pytest.raises(error) as raised:
        await channel.query("T000001")
    await channel.close_connections()
    assert type(raised.value) is error


@pytest.mark.parametrize(
    ("fields", "state"),
    [
        ({"trade_status": "WAIT_BUYER_PAY", "send_pay_date": ""}, TradeState.NOT_PAID),
        ({"trade_status": "TRADE_FINISHED"}, TradeState.PAID),
        ({"trade_status": "TRADE_CLOSED"}, TradeState.REFUNDED),
        ({"trade_status": "TRADE_CLOSED", "send_pay_date": ""}, TradeState.CLOSED),
        ({"code": "40004", "sub_code": "ACQ.TRADE_NOT_EXIST"}, TradeState.ABSENT),
    ],
)
async def test_each_state_has_its_meaning(nonces: Nonces, fields: dict[str, Any], state: TradeState) -> None:
    channel = Gateway({"alipay.trade.query": text_of({**PAID, **fields})}).channel(nonces)
    assert (await channel.query("T000001")).state is state
    await channel.close_connections()


async def test_a_refund_that_nobody_confirms_is_not_there(nonces: Nonces) -> None:
    done = {"code": "10000", "out_trade_no": "T000001", "fund_change": "N"}
    texts = {"alipay.trade.refund": text_of(done), "alipay.trade.fastpay.refund.query": text_of({"code": "10000"})}
    channel = Gateway(texts).channel(nonces)
    asked = {"total": Decimal("9.67"), "reason": "退号", "notify_url": ""}
    refund = await channel.refund("T000001", "R000001", Decimal("9.67"), **asked)  # type: ignore[arg-type]
    assert refund.state is RefundState.PROCESSING
    assert (await channel.query_refund("T000001", "R000001")).state is RefundState.ABSENT
    await channel.close_connections()


async def test_a_payment_is_told(channel: Alipay) -> None:
    notice = await channel.parse_notify({}, told(notify_id="N2"))
    assert isinstance(notice, TradeNotice)
    assert (notice.notice_id, notice.trade.state, notice.trade.amount) == ("N2", TradeState.PAID, Decimal("9.67"))


async def test_a_refund_is_told_without_its_amount(channel: Alipay) -> None:
    body = told(trade_status="TRADE_CLOSED", refund_fee="9.67", gmt_refund="2026-11-21 12:00:00.000", out_biz_no="R1")
    notice = await channel.parse_notify({}, body)
    assert isinstance(notice, RefundNotice)
    assert (notice.refund.refund_number, notice.refund.amount, notice.refund.finished_at) == ("R1", None, NOW)


async def test_what_is_not_alipays_word_about_us_and_now_is_refused(channel: Alipay) -> None:
    genuine = told(notify_id="N3")
    assert await refusal(channel, genuine.replace(b"9.67", b"0.01")) is NotifyReason.SIGNATURE
    assert await refusal(channel, told(key=MERCHANT_KEY)) is NotifyReason.SIGNATURE
    assert await refusal(channel, genuine.replace(b"RSA2", b"RSA")) is NotifyReason.SIGNATURE
    assert await refusal(channel, genuine + b"&total_amount=0.01") is NotifyReason.UNREADABLE
    assert await refusal(channel, b"\xff\xfe") is NotifyReason.UNREADABLE
    assert await refusal(channel, told(notify_time="2026-11-21 12:05:01")) is NotifyReason.STALE
    assert await refusal(channel, told(app_id="2014072300007149")) is NotifyReason.OTHER_MERCHANT
    assert await refusal(channel, told(seller_id="2088102122524334")) is NotifyReason.OTHER_MERCHANT
    assert await refusal(channel, told(notify_type="other")) is NotifyReason.NOT_OURS
    assert await refusal(channel, told(trade_status="WAIT_BUYER_PAY")) is NotifyReason.NOT_OURS
    assert await refusal(channel, told(total_amount="nine")) is NotifyReason.UNREADABLE
    assert await channel.parse_notify({}, genuine)
    assert await refusal(channel, genuine) is NotifyReason.REPLAYED


def test_each_outcome_has_its_answer(channel: Alipay) -> None:
    assert channel.acknowledge(ok=True).body == b"success"
    assert channel.acknowledge(ok=False, reason=NotifyReason.NOT_OURS).body == b"success"
    assert channel.acknowledge(ok=False).status == 500
    assert channel.acknowledge(ok=False, reason=NotifyReason.SIGNATURE).status == 401


@pytest.mark.parametrize("text", ["", "[]", "{", '{"a":1', '{"a":1}x', '{"a":1,"a":2}', "{1:2}", '{"a" 1}'])
def test_what_is_no_object_has_no_members(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        verbatim_members(text)


def test_members_are_taken_as_they_are_written() -> None:
    text = ' {"a" : { "b":"}\\u4e2d" , "c":1.10} , "sign":"x"} '
    assert verbatim_members(text) == {"a": '{ "b":"}\\u4e2d" , "c":1.10}', "sign": '"x"'}
    assert verbatim_members("{}") == {}


@pytest.mark.parametrize("packed", [b"", b"PK\x03\x04", b"PK\x05\x06" + bytes(18)])
def test_what_is_no_bill_does_not_count(packed: bytes) -> None:
    with pytest.raises(ValueError, match="bill"):
        bill_rows(packed)

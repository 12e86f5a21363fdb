"""Which of WeChat Pay's notifies count."""

import base64
from collections.abc import AsyncIterator
from datetime import timedelta
from decimal import Decimal

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from datasources.cache.nonces import Nonces
from datasources.payments.channel import (
    NotifyReason,
    NotifyRefusedError,
    RefundNotice,
    RefundState,
    TradeNotice,
    TradeState,
)
from datasources.payments.rsa_signatures import public_key_of
from datasources.payments.wechat_pay import WeChatPay
from datasources.payments.wechat_signature import Stamp
from datasources.stores import Stores
from tests.datasources.payments.wechat_side import (
    MERCHANT_KEY,
    NOW,
    Provider,
    notify,
    paid,
    refunded,
    said,
    signed_headers,
)

# The worked example of WeChat Pay's page on checking signatures. It prints the body shortened ("..."), so the example
# shows scheme, key and padding, and that a shortened body is refused; it cannot show the whole message.
EXAMPLE_KEY = """-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA4zej1cqugGQtVSY2Ah8R
MCKcr2UpZ8Npo+5Ja9xpFPYkWHaF1Gjrn3d5kcwAFuHHcfdc3yxDYx6+9grvJnCA
2zQzWjzVRa3BJ5LTMj6yqvhEmtvjO9D1xbFTA2m3kyjxlaIar/RYHZSslT4VmjIa
tW9KJCDKkwpM6x/RIWL8wwfFwgz2q3Zcrff1y72nB8p8P12ndH7GSLoY6d2Tv0OB
2+We2Kyy2+QzfGXOmLp7UK/pFQjJjzhSf9jxaWJXYKIBxpGlddbRZj9PqvFPTiep
8rvfKGNZF9Q6QaMYTpTp/uKQ3YvpDlyeQlYe4rRFauH3mOE6j56QlYQWivknDX9V
rwIDAQAB
-----END PUBLIC KEY-----
"""
EXAMPLE_STAMP = Stamp(
    timestamp="1554209980",
    nonce="c5ac7061fccab6bf3e254dcf98995b8c",
    signature="CtcbzwtQjN8rnOXItEBJ5aQFSnIXESeV28Pr2YEmf9wsDQ8Nx25ytW6FXBCAFdrr0mgqngX3AD9gNzjnNHzSGTPBSsaEkIfhPF4b8YRRTpn"
    "y88tNLyprXA0GU5ID3DkZHpjFkX1hAp/D0fva2GKjGRLtvYbtUk/OLYqFuzbjt3yOBzJSKQqJsvbXILffgAmX4pKql+Ln+6UPvSCeKwznvtPaEx+9nMBm"
    "Ku7Wpbqm/+2ksc0XwjD+xlvlECkCxfD/OJ4gN3IurE0fpjxIkvHDiinQmk51BI7zQD8k1znU7r/spPqB+vZjc5ep6DC5wZUpFu5vJ8MoNKjCu8wnzyCFdA"
    "==",
    serial="5157F09EFDC096DE15EBE81A47057A7232F1B8E1",
)
EXAMPLE_BODY = (
    b'{"data":[{"serial_no":"5157F09EFDC096DE15EBE81A47057A7232F1B8E1","effective_time":"2018-03-26T11:39:50+08:00",'
    b'"expire_time":"2023-03-25T11:39:50+08:00","encrypt_certificate":{"algorithm":"AEAD_AES_256_GCM",'
    b'"nonce":"d215b0511e9c","associated_data":"certificate","ciphertext":"..."}}]}'
)


@pytest.fixture
async def channel(open_stores: Stores) -> AsyncIterator[WeChatPay]:
    channel = Provider(said({})).channel(Nonces(open_stores.redis))
    yield channel
    await channel.close_connections()


async def refusal(channel: WeChatPay, headers: dict[str, str], body: bytes) -> NotifyReason:
    with pytest.raises(NotifyRefusedError) as refused:
        await channel.parse_notify(headers, body)
    return refused.value.reason


def test_the_providers_own_example_uses_this_scheme_and_is_not_believed_shortened() -> None:
    key = public_key_of(EXAMPLE_KEY)
    digest = key.recover_data_from_signature(
        base64.b64decode(EXAMPLE_STAMP.signature), padding.PKCS1v15(), hashes.SHA256()
    )
    assert digest.hex() == "6c6ff511e37ae92be758da061a925990e3f205de989f3934511930d2920576ff"
    assert not EXAMPLE_STAMP.is_of(key, EXAMPLE_STAMP.serial, EXAMPLE_BODY)


async def test_a_payment_is_told(channel: WeChatPay) -> None:
    body = notify(paid())
    notice = await channel.parse_notify(signed_headers(body), body)
    assert isinstance(notice, TradeNotice)
    assert (notice.notice_id, notice.trade.state, notice.trade.amount) == ("EV-1", TradeState.PAID, Decimal("9.67"))


@pytest.mark.parametrize(
    ("word", "state"),
    [("SUCCESS", RefundState.SUCCEEDED), ("ABNORMAL", RefundState.ABNORMAL), ("CLOSED", RefundState.CLOSED)],
)
async def test_a_refund_is_told(channel: WeChatPay, word: str, state: RefundState) -> None:
    body = notify(refunded(word, "refund_status", mchid="1900000001"), f"REFUND.{word}")
    notice = await channel.parse_notify(signed_headers(body), body)
    assert isinstance(notice, RefundNotice)
    assert (notice.refund.state, notice.refund.amount) == (state, Decimal("3.67"))


async def test_a_forged_notify_is_refused(channel: WeChatPay) -> None:
    body = notify(paid())
    genuine = signed_headers(body)
    assert await refusal(channel, {}, body) is NotifyReason.SIGNATURE
    assert await refusal(channel, signed_headers(body, key=MERCHANT_KEY), body) is NotifyReason.SIGNATURE
    assert await refusal(channel, signed_headers(body, serial="PUB_KEY_ID_2"), body) is NotifyReason.SIGNATURE
    assert await refusal(channel, genuine, body + b" ") is NotifyReason.SIGNATURE
    probe = {**genuine, "Wechatpay-Signature": "WECHATPAY/SIGNTEST/" + genuine["Wechatpay-Signature"]}
    assert await refusal(channel, probe, body) is NotifyReason.SIGNATURE
    assert await channel.parse_notify(genuine, body)


@pytest.mark.parametrize("off", [timedelta(seconds=-301), timedelta(seconds=301)])
async def test_a_stale_notify_is_refused(channel: WeChatPay, off: timedelta) -> None:
    body = notify(paid())
    assert await refusal(channel, signed_headers(body, at=NOW + off), body) is NotifyReason.STALE


async def test_the_same_message_counts_once_and_its_repetition_again(channel: WeChatPay) -> None:
    body = notify(paid())
    headers = signed_headers(body)
    assert await channel.parse_notify(headers, body)
    assert await refusal(channel, headers, body) is NotifyReason.REPLAYED
    assert await channel.parse_notify(signed_headers(body), body)


@pytest.mark.parametrize("other", [{"mchid": "1900000002"}, {"appid": "wx2"}])
async def test_a_notify_for_somebody_else_is_refused(channel: WeChatPay, other: dict[str, str]) -> None:
    body = notify(paid(**other))
    assert await refusal(channel, signed_headers(body), body) is NotifyReason.OTHER_MERCHANT


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"{}", NotifyReason.UNREADABLE),
        (b"no json", NotifyReason.UNREADABLE),
        (notify(paid()).replace(b'"ciphertext":"', b'"ciphertext":"AAAA'), NotifyReason.UNREADABLE),
        (notify(paid(amount={"total": 9.67})), NotifyReason.UNREADABLE),
        (notify(paid(amount={"total": 967, "currency": "USD"})), NotifyReason.UNREADABLE),
        (notify(paid(), "COUPON.USE"), NotifyReason.NOT_OURS),
    ],
)
async def test_what_cannot_be_used_is_refused(channel: WeChatPay, body: bytes, reason: NotifyReason) -> None:
    assert await refusal(channel, signed_headers(body), body) is reason


def test_each_outcome_has_its_answer(channel: WeChatPay) -> None:
    taken, later = channel.acknowledge(ok=True), channel.acknowledge(ok=False)
    assert (taken.status, taken.body, later.status) == (204, b"", 500)
    assert channel.acknowledge(ok=False, reason=NotifyReason.SIGNATURE).status == 401
    assert channel.acknowledge(ok=False, reason=NotifyReason.STALE).status == 400
    assert channel.acknowledge(ok=False, reason=NotifyReason.NOT_OURS).status == 204

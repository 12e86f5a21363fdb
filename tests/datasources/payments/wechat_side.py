"""WeChat Pay's side of its wire: checks what it is sent, and signs what it says."""

import re
import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import orjson
from cryptography.hazmat.primitives.asymmetric import rsa

from datasources.cache.nonces import Nonces
from datasources.payments.provider_http import ProviderHttp
from datasources.payments.rsa_signatures import is_signed, signature_of
from datasources.payments.wechat_pay import WeChatPay, WeChatPayAccount
from datasources.payments.wechat_signature import (
    MOST_SECONDS_OFF,
    SCHEME,
    Signer,
    answer_message,
    request_message,
    sealed,
)

NOW = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)
MERCHANT, APP, KEY_ID = "1900000001", "wx0000000000000001", "PUB_KEY_ID_0000000000000001"
API_KEY = b"0123456789abcdef0123456789abcdef"
MERCHANT_KEY = rsa.generate_private_key(65537, 2048)
PROVIDER_KEY = rsa.generate_private_key(65537, 2048)

Answer = Callable[[httpx.Request], httpx.Response]


def account() -> WeChatPayAccount:
    return WeChatPayAccount(APP, Signer(MERCHANT, MERCHANT_KEY, "SERIAL1"), API_KEY, PROVIDER_KEY.public_key(), KEY_ID)


def signed_headers(
    body: bytes, *, at: datetime = NOW, key: rsa.RSAPrivateKey = PROVIDER_KEY, serial: str = KEY_ID
) -> dict[str, str]:
    timestamp, nonce = str(int(at.timestamp())), secrets.token_hex(16)
    return {
        "Wechatpay-Timestamp": timestamp,
        "Wechatpay-Nonce": nonce,
        "Wechatpay-Signature": signature_of(key, answer_message(timestamp, nonce, body)),
        "Wechatpay-Serial": serial,
        "Wechatpay-Signature-Type": SCHEME,
    }


def said(fields: dict[str, Any] | None, status: int = 200) -> Answer:
    body = b"" if fields is None else orjson.dumps(fields)
    return lambda _: httpx.Response(status, content=body, headers=signed_headers(body))


def notify(fields: dict[str, Any], event: str = "TRANSACTION.SUCCESS") -> bytes:
    about = "transaction" if event.startswith("TRANSACTION") else "refund"
    resource = sealed(fields, API_KEY, about=about, nonce=secrets.token_hex(6))
    return orjson.dumps({"id": "EV-1", "event_type": event, "resource_type": "encrypt-resource", "resource": resource})


def paid(**other: Any) -> dict[str, Any]:
    return {
        "appid": APP,
        "mchid": MERCHANT,
        "out_trade_no": "T000001",
        "transaction_id": "4200000001",
        "trade_state": "SUCCESS",
        "bank_type": "OTHERS",
        "success_time": "2026-11-21T12:00:00+08:00",
        "payer": {"openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"},
        "amount": {"total": 967, "payer_total": 967, "currency": "CNY"},
        **other,
    }


def refunded(status: str, name: str = "status", **other: Any) -> dict[str, Any]:
    return {
        name: status,
        "out_trade_no": "T000001",
        "out_refund_no": "R000001",
        "refund_id": "5000000001",
        "success_time": "2026-11-21T12:00:01+08:00",
        "amount": {"refund": 367, "total": 967},
        **other,
    }


class Provider:
    """Answers in turn as told (the last answer again and again), after proof of each request's signature."""

    def __init__(self, *answers: Answer) -> None:
        self._answers = list(answers)
        self.asked: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        found = re.fullmatch(
            rf'{SCHEME} mchid="(.*)",nonce_str="(.*)",signature="(.*)",timestamp="(.*)",serial_no="(.*)"',
            request.headers["authorization"],
        )
        assert found is not None
        merchant, nonce, signature, timestamp, serial = found.groups()
        target = request.url.raw_path.decode()
        message = request_message(request.method, target, timestamp, nonce, request.content)
        assert is_signed(MERCHANT_KEY.public_key(), message, signature)
        assert (merchant, serial) == (MERCHANT, "SERIAL1")
        assert abs(int(timestamp) - NOW.timestamp()) <= MOST_SECONDS_OFF
        self.asked.append(request)
        return (self._answers.pop(0) if len(self._answers) > 1 else self._answers[0])(request)

    def channel(self, nonces: Nonces, *, later: timedelta = timedelta()) -> WeChatPay:
        http = ProviderHttp("wechat-pay", transport=httpx.MockTransport(self))
        return WeChatPay(account(), nonces, lambda: NOW + later, http=http, api_url="https://pay.test")

"""Signatures on the simulated WeChat Pay's side: of the merchant's requests, and its own."""

import re
import secrets

from starlette.requests import Request

from datasources.payments.rsa_signatures import is_signed, signature_of
from datasources.payments.wechat_signature import MOST_SECONDS_OFF, SCHEME, answer_message, request_message
from server.sandbox_payments.keys import SandboxKeys
from server.sandbox_payments.merchant import WECHAT_KEY_SERIAL, WECHAT_MERCHANT, WECHAT_PUBLIC_KEY_ID

_STAMP = re.compile(rf'{SCHEME} mchid="(.*)",nonce_str="(.*)",signature="(.*)",timestamp="(\d+)",serial_no="(.*)"')


def is_proved(request: Request, body: bytes, keys: SandboxKeys, now: float) -> bool:
    """Whether the merchant signed exactly this request about now."""
    found = _STAMP.fullmatch(request.headers.get("authorization", ""))
    if found is None:
        return False
    merchant, nonce, signature, timestamp, serial = found.groups()
    target = request.scope["raw_path"].decode() + (f"?{request.url.query}" if request.url.query else "")
    message = request_message(request.method, target, timestamp, nonce, body)
    return (
        (merchant, serial) == (WECHAT_MERCHANT, WECHAT_KEY_SERIAL)
        and request.headers.get("wechatpay-serial", WECHAT_PUBLIC_KEY_ID) == WECHAT_PUBLIC_KEY_ID
        and abs(int(timestamp) - now) <= MOST_SECONDS_OFF
        and is_signed(keys.wechat_merchant.public_key(), message, signature)
    )


def signed_headers(keys: SandboxKeys, body: bytes, now: float) -> dict[str, str]:
    """The stamp of an answer or a notify."""
    timestamp, nonce = str(int(now)), secrets.token_hex(16)
    return {
        "wechatpay-timestamp": timestamp,
        "wechatpay-nonce": nonce,
        "wechatpay-signature": signature_of(keys.wechat_provider, answer_message(timestamp, nonce, body)),
        "wechatpay-serial": WECHAT_PUBLIC_KEY_ID,
        "wechatpay-signature-type": SCHEME,
        "request-id": secrets.token_hex(12).upper(),
    }

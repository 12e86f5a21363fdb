"""WeChat Pay's API v3 signatures, of requests, answers and notifies, and its sealed resources.

https://pay.weixin.qq.com/doc/v3/merchant/4012365342 (requests), .../4012365350 and .../4013053420 (answers, notifies)
"""

import base64
import binascii
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from datasources.payments.rsa_signatures import is_signed, signature_of

SCHEME = "WECHATPAY2-SHA256-RSA2048"
MOST_SECONDS_OFF = 300
"""A message counts within so many seconds of the clock, either way."""


@dataclass(frozen=True, slots=True)
class Signer:
    """Who signs as the merchant."""

    merchant_id: str
    key: rsa.RSAPrivateKey = field(repr=False)
    key_serial: str
    """Serial number of the merchant's API certificate."""

    def authorization(self, method: str, target: str, body: bytes, now: datetime) -> str:
        """The `Authorization` of a request; `target` is path and query as they are sent."""
        timestamp, nonce = str(int(now.timestamp())), secrets.token_hex(16).upper()
        signature = signature_of(self.key, request_message(method, target, timestamp, nonce, body))
        return (
            f'{SCHEME} mchid="{self.merchant_id}",nonce_str="{nonce}",signature="{signature}",'
            f'timestamp="{timestamp}",serial_no="{self.key_serial}"'
        )


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a signed answer or notify says of its signature."""

    timestamp: str
    nonce: str
    signature: str
    serial: str

    @classmethod
    def of(cls, headers: Mapping[str, str]) -> "Stamp | None":
        """From the headers (lower-case names); None when one is missing or the scheme is another."""
        names = ("timestamp", "nonce", "signature", "serial")
        values = [headers.get(f"wechatpay-{name}", "") for name in names]
        if not all(values) or headers.get("wechatpay-signature-type", SCHEME) != SCHEME:
            return None
        return cls(*values)

    def is_of(self, key: rsa.RSAPublicKey, key_id: str, body: bytes) -> bool:
        """Whether the owner of the key signed exactly this body."""
        return self.serial == key_id and is_signed(
            key, answer_message(self.timestamp, self.nonce, body), self.signature
        )

    def is_fresh(self, now: datetime) -> bool:
        """Whether it was signed about now."""
        return self.timestamp.isdecimal() and abs(int(self.timestamp) - now.timestamp()) <= MOST_SECONDS_OFF


def request_message(method: str, target: str, timestamp: str, nonce: str, body: bytes) -> bytes:
    """What a request's signature covers."""
    return f"{method}\n{target}\n{timestamp}\n{nonce}\n".encode() + body + b"\n"


def answer_message(timestamp: str, nonce: str, body: bytes) -> bytes:
    """What the signature of an answer or notify covers."""
    return f"{timestamp}\n{nonce}\n".encode() + body + b"\n"


def opened(resource: Mapping[str, Any], api_key: bytes) -> dict[str, Any]:
    """The fields of a notify's sealed resource (AES-256-GCM). Raises ValueError when the key does not open it."""
    try:
        if resource["algorithm"] != "AEAD_AES_256_GCM":
            raise ValueError("the resource is sealed in an unknown way")
        text = AESGCM(api_key).decrypt(
            resource["nonce"].encode(),
            base64.b64decode(resource["ciphertext"], validate=True),
            (resource.get("associated_data") or "").encode(),
        )
        fields = orjson.loads(text)
    except (KeyError, AttributeError, TypeError, binascii.Error, InvalidTag) as error:
        raise ValueError("the resource cannot be opened") from error
    if not isinstance(fields, dict):
        raise ValueError("the resource holds no object")  # noqa: TRY004 - a wrong message is a wrong value
    return fields


def sealed(fields: Mapping[str, Any], api_key: bytes, *, about: str, nonce: str) -> dict[str, str]:
    """The reverse of `opened`; the provider's side of it."""
    ciphertext = AESGCM(api_key).encrypt(nonce.encode(), orjson.dumps(fields), about.encode())
    return {
        "algorithm": "AEAD_AES_256_GCM",
        "ciphertext": base64.b64encode(ciphertext).decode(),
        "associated_data": about,
        "nonce": nonce,
    }

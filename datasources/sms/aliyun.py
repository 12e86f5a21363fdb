"""Aliyun's SMS service (dysmsapi, 2017-05-25): SendSms, the one call that is needed, over httpx.

https://help.aliyun.com/zh/sms/developer-reference/api-dysmsapi-2017-05-25-sendsms
"""

import hashlib
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import httpx
import structlog
from pydantic import SecretStr

from datasources.sms.aliyun_signature import authorization, canonical_query
from datasources.sms.provider import Fate, Handed, OutgoingSms

ENDPOINT = "https://dysmsapi.aliyuncs.com"
TIMEOUT_SECONDS = 10.0

_REFUSED = frozenset({"isv.MOBILE_NUMBER_ILLEGAL", "isv.MOBILE_COUNT_OVER_LIMIT", "isv.DENY_IP_RANGE"})
"""Wrong with this message for good."""
_LATER = frozenset({"isv.BUSINESS_LIMIT_CONTROL", "isv.DAY_LIMIT_CONTROL", "isv.MONTH_LIMIT_CONTROL"})
"""Too many to this number, or to all."""
_UNABLE = frozenset(
    {
        "isv.OUT_OF_SERVICE",
        "isv.AMOUNT_NOT_ENOUGH",
        "isv.ACCOUNT_NOT_EXISTS",
        "isv.ACCOUNT_ABNORMAL",
        "isv.PRODUCT_UN_SUBSCRIPT",
        "isv.PRODUCT_UNSUBSCRIBE",
        "isp.RAM_PERMISSION_DENY",
        "SignatureDoesNotMatch",
        "InvalidAccessKeyId.NotFound",
        "InvalidAccessKeyId.Inactive",
    }
)
"""Wrong with the account: nothing can be sent until somebody mends it."""

_log = structlog.get_logger(component="sms")


@dataclass(frozen=True, slots=True)
class AliyunAccount:
    """With which account and under which signature messages are sent."""

    access_key_id: str
    access_key_secret: SecretStr
    sign_name: str
    endpoint: str = ENDPOINT


class AliyunSms:
    """Hands messages to Aliyun. A time-out is UNKNOWN: whether it was sent can't be told, so nobody repeats it."""

    def __init__(
        self, account: AliyunAccount, clock: Callable[[], datetime], *, timeout_seconds: float = TIMEOUT_SECONDS
    ) -> None:
        self._account = account
        self._clock = clock
        self._http = httpx.AsyncClient(timeout=timeout_seconds)

    async def send(self, message: OutgoingSms) -> Handed:
        """SendSms, once."""
        query = canonical_query(self._parameters(message))
        try:
            answer = await self._http.post(f"{self._account.endpoint}/?{query}", headers=self._headers(query))
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            return Handed(Fate.NOT_SENT, type(error).__name__)
        except httpx.HTTPError as error:
            return Handed(Fate.UNKNOWN, type(error).__name__)
        handed = _handed(answer)
        if handed.fate is Fate.UNABLE:
            _log.error("Aliyun sends no text messages until its account is mended", code=handed.reason)
        return handed

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    def _parameters(self, message: OutgoingSms) -> dict[str, str]:
        # Every value must be a string, numbers too: {"code":"123456"}.
        variables = {name: value.get_secret_value() for name, value in message.variables.items()}
        return {
            "PhoneNumbers": message.phone.get_secret_value().removeprefix("+86"),
            "SignName": self._account.sign_name,
            "TemplateCode": message.template,
            "TemplateParam": json.dumps(variables, ensure_ascii=False, separators=(",", ":")),
            "OutId": message.id,
        }

    def _headers(self, query: str) -> dict[str, str]:
        headers = {
            "host": urlsplit(self._account.endpoint).netloc,
            "x-acs-action": "SendSms",
            "x-acs-version": "2017-05-25",
            "x-acs-date": self._clock().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "x-acs-signature-nonce": secrets.token_hex(16),
            "x-acs-content-sha256": hashlib.sha256(b"").hexdigest(),
        }
        secret = self._account.access_key_secret.get_secret_value()
        return headers | {"authorization": authorization(query, headers, self._account.access_key_id, secret)}


def _handed(answer: httpx.Response) -> Handed:
    try:
        said: dict[str, Any] = answer.json()
        code = str(said.get("Code", ""))
        number = said.get("BizId")
    except (ValueError, AttributeError):
        code, number = "", None
    if code == "OK":
        return Handed(Fate.ACCEPTED, "", None if number is None else str(number))
    if not code or answer.status_code >= 500:
        # A gateway that answers in the service's place knows nothing of the message.
        return Handed(Fate.UNKNOWN, code or f"HTTP_{answer.status_code}")
    if code in _REFUSED:
        return Handed(Fate.REFUSED, code)
    if code in _LATER:
        return Handed(Fate.LATER, code)
    return Handed(Fate.UNABLE if code in _UNABLE else Fate.NOT_SENT, code)

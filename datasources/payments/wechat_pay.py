"""WeChat Pay, API v3: Native and H5 trades, refunds and bills.

https://pay.weixin.qq.com/doc/v3/merchant/4012791874 (Native), .../4012791832 (H5)
"""

import hashlib
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx
import orjson
from cryptography.hazmat.primitives.asymmetric import rsa

from datasources.cache.nonces import Nonces
from datasources.payments.beijing import ZONE, Clock, bill_must_exist
from datasources.payments.channel import (
    Acknowledgement,
    BillNotReadyError,
    BillRow,
    ChannelDownError,
    ChannelRefusedError,
    ClientKind,
    HowToPay,
    Notice,
    NotifyReason,
    Provider,
    Refund,
    RefundState,
    SignatureWrongError,
    Trade,
    TradeState,
)
from datasources.payments.provider_http import MOST_ANSWER_BYTES, ProviderHttp
from datasources.payments.trade_numbers import checked
from datasources.payments.wechat_bill import bill_rows
from datasources.payments.wechat_notify import acknowledgement, notice_of
from datasources.payments.wechat_signature import Signer, Stamp
from datasources.payments.wechat_values import refund_of, trade_of
from datasources.payments.yuan import fen_of

API_URL = "https://api.mch.weixin.qq.com"
ORDER_PATH = "/v3/pay/transactions/native"
PHONE_ORDER_PATH = "/v3/pay/transactions/h5"
TRADE_PATH = "/v3/pay/transactions/out-trade-no"
REFUND_PATH = "/v3/refund/domestic/refunds"
BILL_PATH = "/v3/bill/tradebill"

_NO_TRADE = frozenset({"ORDER_NOT_EXIST", "ORDERNOTEXIST"})
_NO_REFUND = frozenset({"RESOURCE_NOT_EXISTS"})
_CLOSED_ALREADY = frozenset({"ORDER_CLOSED", "ORDERCLOSED"})
_NO_BILL, _BILL_IN_THE_MAKING = "NO_STATEMENT_EXIST", "STATEMENT_CREATING"
_BUSY = frozenset({"SYSTEM_ERROR", "SYSTEMERROR", "FREQUENCY_LIMITED", "RATELIMIT_EXCEEDED", "BANK_ERROR", "BANKERROR"})


@dataclass(frozen=True, slots=True)
class WeChatPayAccount:
    """A merchant's account: who signs for us, and by what WeChat Pay is known."""

    app_id: str
    signer: Signer
    api_key: bytes = field(repr=False)
    """The 32 bytes of the APIv3 key, which open notifies."""
    public_key: rsa.RSAPublicKey
    public_key_id: str
    """`PUB_KEY_ID_…`; or, with a platform certificate, its serial number."""


class WeChatPay:
    """A PaymentChannel. `cashier` gives the sandbox's page for a code; the real WeChat has none for browsers."""

    def __init__(
        self,
        account: WeChatPayAccount,
        nonces: Nonces,
        clock: Clock,
        *,
        http: ProviderHttp | None = None,
        api_url: str = API_URL,
        cashier: Callable[[str], str] | None = None,
    ) -> None:
        self._account = account
        self._nonces = nonces
        self._clock = clock
        self._http = http or ProviderHttp("wechat-pay")
        self._api_url = api_url.rstrip("/")
        self._cashier = cashier

    @property
    def provider(self) -> Provider:
        """WeChat Pay."""
        return Provider.WECHAT_PAY

    @property
    def is_reachable(self) -> bool:
        """Whether a call would be tried at all now."""
        return self._http.is_reachable

    @property
    def retry_after_seconds(self) -> int:
        """How long it is left alone when it is down."""
        return self._http.retry_after_seconds

    async def create(
        self,
        trade_number: str,
        amount: Decimal,
        description: str,
        *,
        expires_at: datetime,
        notify_url: str,
        client_kind: ClientKind = ClientKind.SCAN,
        return_url: str | None = None,
        payer_address: str | None = None,
    ) -> HowToPay:
        """A Native trade, whose code is good for two hours at most; for a PHONE an H5 trade, whose link is good for
        five minutes. Create it again for a fresh one."""
        asked: dict[str, Any] = {
            "appid": self._account.app_id,
            "mchid": self._account.signer.merchant_id,
            "description": description[:127],
            "out_trade_no": checked(trade_number),
            "time_expire": expires_at.astimezone(ZONE).isoformat(timespec="seconds"),
            "notify_url": notify_url,
            "amount": {"total": fen_of(amount), "currency": "CNY"},
        }
        if client_kind is ClientKind.PHONE and payer_address is not None:
            asked["scene_info"] = {"payer_client_ip": payer_address, "h5_info": {"type": "Wap"}}
            page = _told(await self._post(PHONE_ORDER_PATH, asked), "h5_url")
            if self._cashier:
                page = self._cashier(page)
            elif return_url is not None:
                page = f"{page}&{urlencode({'redirect_url': return_url})}"
            return HowToPay(code_text=None, qr_text=None, link=page, expires_at=expires_at)
        code = _told(await self._post(ORDER_PATH, asked), "code_url")
        link = self._cashier(code) if self._cashier else None
        return HowToPay(code_text=code, qr_text=link or code, link=link, expires_at=expires_at)

    async def query(self, trade_number: str) -> Trade:
        """The trade by our number."""
        path = f"{TRADE_PATH}/{checked(trade_number)}?mchid={self._account.signer.merchant_id}"
        try:
            fields = await self._get(path)
        except ChannelRefusedError as error:
            if error.code in _NO_TRADE:
                return Trade(trade_number, TradeState.ABSENT)
            raise
        self._must_be_ours(fields)
        return _trade(fields, trade_number)

    async def close(self, trade_number: str) -> None:
        """End an unpaid trade; ORDERPAID refuses it."""
        path = f"{TRADE_PATH}/{checked(trade_number)}/close"
        try:
            await self._post(path, {"mchid": self._account.signer.merchant_id})
        except ChannelRefusedError as error:
            if error.code not in _NO_TRADE | _CLOSED_ALREADY:
                raise

    async def refund(
        self,
        trade_number: str,
        refund_number: str,
        amount: Decimal,
        *,
        total: Decimal,
        reason: str,
        notify_url: str,
    ) -> Refund:
        """Ask for the refund; its answer says only that it was accepted."""
        asked = {
            "out_trade_no": checked(trade_number),
            "out_refund_no": checked(refund_number),
            "reason": reason[:80],
            "notify_url": notify_url,
            "amount": {"refund": fen_of(amount), "total": fen_of(total), "currency": "CNY"},
        }
        fields = await self._post(REFUND_PATH, asked)
        return _refund(fields, trade_number, refund_number)

    async def query_refund(self, trade_number: str, refund_number: str) -> Refund:
        """The refund by our number."""
        try:
            fields = await self._get(f"{REFUND_PATH}/{checked(refund_number)}")
        except ChannelRefusedError as error:
            if error.code in _NO_REFUND:
                return Refund(trade_number, refund_number, RefundState.ABSENT)
            raise
        return _refund(fields, trade_number, refund_number)

    async def parse_notify(self, headers: Mapping[str, str], body: bytes) -> Notice:
        """A proved notify; each signed message counts once."""
        account = self._account
        return await notice_of(
            headers,
            body,
            public_key=account.public_key,
            public_key_id=account.public_key_id,
            api_key=account.api_key,
            app_id=account.app_id,
            merchant_id=account.signer.merchant_id,
            nonces=self._nonces,
            now=self._clock(),
        )

    def acknowledge(self, *, ok: bool, reason: NotifyReason | None = None) -> Acknowledgement:
        """204 for what was taken, 401 for a wrong signature, else 400 or 500."""
        return acknowledgement(ok=ok, reason=reason)

    async def fetch_bill(self, day: date) -> tuple[BillRow, ...]:
        """The trade bill of all movements."""
        query = urlencode({"bill_date": day.isoformat(), "bill_type": "ALL", "tar_type": "GZIP"})
        try:
            place = await self._get(f"{BILL_PATH}?{query}")
        except ChannelRefusedError as error:
            if error.code == _BILL_IN_THE_MAKING:
                raise BillNotReadyError(str(day)) from error
            if error.code != _NO_BILL:
                raise
            if bill_must_exist(day, self._clock()):
                return ()
            raise BillNotReadyError(str(day)) from error
        text = await self._bill_file(str(place.get("download_url", "")), str(place.get("hash_value", "")))
        try:
            return bill_rows(text.decode("utf-8"))
        except (ValueError, KeyError) as error:
            raise ChannelDownError(f"its bill cannot be read: {error}") from error

    async def close_connections(self) -> None:
        """Let go of the connections."""
        await self._http.close()

    async def _bill_file(self, address: str, expected: str) -> bytes:
        # The request carries our signature, so it goes to WeChat Pay alone.
        if not address.startswith(f"{self._api_url}/"):
            raise ChannelDownError("its bill is somewhere else than at its own address")
        response = await self._http.send(lambda: self._request("GET", address, b""))
        if not response.is_success:
            raise ChannelDownError(f"it answered {response.status_code} instead of the bill")
        try:
            text = _unpacked(response.content)
        except (OSError, zlib.error, EOFError) as error:
            raise ChannelDownError("its bill cannot be unpacked") from error
        # The file is not signed; its digest stands in the signed answer.
        if hashlib.sha1(text, usedforsecurity=False).hexdigest() != expected.lower():
            raise SignatureWrongError("its bill is another than it announced")
        return text

    async def _get(self, target: str) -> dict[str, Any]:
        return self._answer(await self._http.send(lambda: self._request("GET", self._api_url + target, b"")))

    async def _post(self, target: str, fields: dict[str, Any]) -> dict[str, Any]:
        body = orjson.dumps(fields)
        return self._answer(await self._http.send(lambda: self._request("POST", self._api_url + target, body)))

    def _request(self, method: str, address: str, body: bytes) -> httpx.Request:
        parts = urlsplit(address)
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        headers = {
            "accept": "application/json",
            "user-agent": "HTBooking",
            "authorization": self._account.signer.authorization(method, target, body, self._clock()),
            "wechatpay-serial": self._account.public_key_id,
        }
        if body:
            headers["content-type"] = "application/json"
        return httpx.Request(method, address, headers=headers, content=body)

    def _answer(self, response: httpx.Response) -> dict[str, Any]:
        """The fields of a proved answer. Raises ChannelRefusedError, SignatureWrongError or ChannelDownError."""
        stamp = Stamp.of(response.headers)
        account = self._account
        if stamp is None or not stamp.is_of(account.public_key, account.public_key_id, response.content):
            # A refusal counts no more than a success unless it is proved; one of our own signature is not signed.
            raise SignatureWrongError(f"its answer ({response.status_code}) is not signed by it")
        if not stamp.is_fresh(self._clock()):
            raise SignatureWrongError("its answer was signed at another time; is this machine's clock right?")
        fields = _object(response.content)
        if response.is_success:
            return fields
        code, message = str(fields.get("code", response.status_code)), str(fields.get("message", ""))[:200]
        if code in _BUSY:
            raise ChannelDownError(f"{code}: {message}")
        raise ChannelRefusedError(code, message)

    def _must_be_ours(self, fields: Mapping[str, Any]) -> None:
        if fields.get("mchid") != self._account.signer.merchant_id or fields.get("appid") not in {
            None,
            self._account.app_id,
        }:
            raise ChannelDownError("the answer is about another merchant or app")


def _trade(fields: Mapping[str, Any], number: str) -> Trade:
    try:
        trade = trade_of(fields)
    except ValueError as error:
        raise ChannelDownError(f"its answer cannot be read: {error}") from error
    if trade.trade_number != number:
        raise ChannelDownError("the answer is about another trade")
    return trade


def _refund(fields: Mapping[str, Any], trade_number: str, number: str) -> Refund:
    try:
        refund = refund_of(fields)
    except ValueError as error:
        raise ChannelDownError(f"its answer cannot be read: {error}") from error
    if (refund.trade_number, refund.refund_number) != (trade_number, number):
        raise ChannelDownError("the answer is about another refund")
    return refund


def _object(body: bytes) -> dict[str, Any]:
    if not body:
        return {}
    try:
        fields = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise ChannelDownError("its answer is no JSON") from error
    if not isinstance(fields, dict):
        raise ChannelDownError("its answer is no JSON object")
    return fields


def _told(fields: Mapping[str, Any], name: str) -> str:
    value = fields.get(name)
    if not isinstance(value, str) or not value:
        raise ChannelDownError(f"the answer holds no {name}")
    return value


def _unpacked(content: bytes) -> bytes:
    unpacking = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    text = unpacking.decompress(content, MOST_ANSWER_BYTES)
    if not unpacking.eof:
        raise EOFError
    return text

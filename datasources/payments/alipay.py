"""Alipay: trades by QR code and by its own pages, refunds and bills, through its one gateway.

https://opendocs.alipay.com/open/270/105898 (pages), /open/194/105170 (codes)
"""

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
from datasources.payments.alipay_bill import bill_rows
from datasources.payments.alipay_notify import acknowledgement, notice_of
from datasources.payments.alipay_signature import SIGN_TYPE, signed_parameters, verbatim_members
from datasources.payments.alipay_values import queried_refund_of, trade_of
from datasources.payments.beijing import Clock, beijing_text, bill_must_exist
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
from datasources.payments.provider_http import ProviderHttp
from datasources.payments.rsa_signatures import is_signed
from datasources.payments.trade_numbers import checked
from datasources.payments.yuan import yuan_text

API_URL = "https://openapi.alipay.com/gateway.do"

PRECREATE = "alipay.trade.precreate"
QUERY = "alipay.trade.query"
CLOSE = "alipay.trade.close"
REFUND = "alipay.trade.refund"
REFUND_QUERY = "alipay.trade.fastpay.refund.query"
BILL = "alipay.data.dataservice.bill.downloadurl.query"
PAGE = "alipay.trade.page.pay"
PHONE_PAGE = "alipay.trade.wap.pay"
_PRODUCTS = {PAGE: "FAST_INSTANT_TRADE_PAY", PHONE_PAGE: "QUICK_WAP_WAY"}
_PAGES = {ClientKind.BROWSER: PAGE, ClientKind.PHONE: PHONE_PAGE}

DONE = "10000"
_UNKNOWN_OUTCOME = frozenset({"20000", "40005"})
"""The gateway failed, or the app called too often."""
_BUSY = frozenset({"ACQ.SYSTEM_ERROR", "AOP.ACQ.SYSTEM_ERROR", "SYSTEM_ERROR", "UNKNOW_ERROR", "UNKNOWN_ERROR"})
_NO_TRADE = frozenset({"ACQ.TRADE_NOT_EXIST", "TRADE_NOT_EXIST"})
_NOT_OPEN = frozenset({"ACQ.TRADE_STATUS_ERROR", "ACQ.REASON_TRADE_STATUS_INVALID"})
_NO_BILL = frozenset({"BILL_NOT_EXIST", "ISP.BILL_NOT_EXIST"})


@dataclass(frozen=True, slots=True)
class AlipayAccount:
    """A merchant's app: who signs for us, and by what Alipay is known."""

    app_id: str
    seller_id: str
    """The merchant's own account, 2088…; notifies name it."""
    key: rsa.RSAPrivateKey = field(repr=False)
    public_key: rsa.RSAPublicKey
    """Alipay's, not the app's own."""


class Alipay:
    """A PaymentChannel. `page_url` is the gateway as browsers reach it; `cashier` gives the sandbox's page for a
    code, which for the real one is an address already."""

    def __init__(
        self,
        account: AlipayAccount,
        nonces: Nonces,
        clock: Clock,
        *,
        http: ProviderHttp | None = None,
        api_url: str = API_URL,
        page_url: str | None = None,
        cashier: Callable[[str], str] | None = None,
    ) -> None:
        self._account = account
        self._nonces = nonces
        self._clock = clock
        self._http = http or ProviderHttp("alipay")
        self._api_url = api_url
        self._page_url = page_url or api_url
        self._cashier = cashier

    @property
    def provider(self) -> Provider:
        """Alipay."""
        return Provider.ALIPAY

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
        """A code, or a signed address of Alipay's page. Either way the trade is absent until somebody goes there."""
        asked = {
            "out_trade_no": checked(trade_number),
            "total_amount": yuan_text(amount),
            "subject": description[:256],
            "time_expire": beijing_text(expires_at),
        }
        page = _PAGES.get(client_kind)
        if page is not None:
            asked["product_code"] = _PRODUCTS[page]
            extra = {"notify_url": notify_url, **({"return_url": return_url} if return_url else {})}
            link = f"{self._page_url}?{urlencode(self._parameters(page, asked, extra))}"
            return HowToPay(code_text=None, qr_text=None, link=link, expires_at=expires_at)
        asked["seller_id"] = self._account.seller_id
        fields = await self._call(PRECREATE, asked, {"notify_url": notify_url})
        code = fields.get("qr_code")
        if not isinstance(code, str) or not code:
            raise ChannelDownError("the answer holds no qr_code")
        link = self._cashier(code) if self._cashier else code
        return HowToPay(code_text=code, qr_text=link, link=link, expires_at=expires_at)

    async def query(self, trade_number: str) -> Trade:
        """The trade by our number."""
        try:
            fields = await self._call(QUERY, {"out_trade_no": checked(trade_number)})
        except ChannelRefusedError as error:
            if error.code in _NO_TRADE:
                return Trade(trade_number, TradeState.ABSENT)
            raise
        try:
            trade = trade_of(fields)
        except ValueError as error:
            raise ChannelDownError(f"its answer cannot be read: {error}") from error
        if trade.trade_number != trade_number:
            raise ChannelDownError("the answer is about another trade")
        return trade

    async def close(self, trade_number: str) -> None:
        """End an unpaid trade. Alipay refuses a paid one and a closed one by the same code."""
        try:
            await self._call(CLOSE, {"out_trade_no": checked(trade_number)})
        except ChannelRefusedError as error:
            if error.code in _NO_TRADE:
                return
            if error.code in _NOT_OPEN and (await self.query(trade_number)).state is TradeState.CLOSED:
                return
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
        """Give back. It usually happens at once; whether it did, Alipay wants to be asked if it was no news."""
        asked = {
            "out_trade_no": checked(trade_number),
            "out_request_no": checked(refund_number),
            "refund_amount": yuan_text(amount),
            "refund_reason": reason[:80],
        }
        fields = await self._call(REFUND, asked)
        if fields.get("out_trade_no") != trade_number:
            raise ChannelDownError("the answer is about another trade")
        refund = await self.query_refund(trade_number, refund_number)
        if refund.state is RefundState.ABSENT:
            return Refund(trade_number, refund_number, RefundState.PROCESSING)
        return refund

    async def query_refund(self, trade_number: str, refund_number: str) -> Refund:
        """The refund by our number."""
        asked = {
            "out_trade_no": checked(trade_number),
            "out_request_no": checked(refund_number),
            "query_options": ["gmt_refund_pay"],
        }
        try:
            fields = await self._call(REFUND_QUERY, asked)
        except ChannelRefusedError as error:
            if error.code in _NO_TRADE:
                return Refund(trade_number, refund_number, RefundState.ABSENT)
            raise
        try:
            refund = queried_refund_of(fields, trade_number, refund_number)
        except ValueError as error:
            raise ChannelDownError(f"its answer cannot be read: {error}") from error
        if (refund.trade_number, refund.refund_number) != (trade_number, refund_number):
            raise ChannelDownError("the answer is about another refund")
        return refund

    async def parse_notify(self, headers: Mapping[str, str], body: bytes) -> Notice:
        """A proved notify; each signed message counts once."""
        account = self._account
        return await notice_of(
            body,
            public_key=account.public_key,
            app_id=account.app_id,
            seller_id=account.seller_id,
            nonces=self._nonces,
            now=self._clock(),
        )

    def acknowledge(self, *, ok: bool, reason: NotifyReason | None = None) -> Acknowledgement:
        """`success` for what was taken."""
        return acknowledgement(ok=ok, reason=reason)

    async def fetch_bill(self, day: date) -> tuple[BillRow, ...]:
        """The business bill of all movements."""
        try:
            place = await self._call(BILL, {"bill_type": "trade", "bill_date": day.isoformat()})
        except ChannelRefusedError as error:
            if error.code.upper() not in _NO_BILL:
                raise
            if bill_must_exist(day, self._clock()):
                return ()
            raise BillNotReadyError(str(day)) from error
        address = str(place.get("bill_download_url", ""))
        # Where the file lies is said in a signed answer, and the address alone opens it: nothing of ours goes along.
        if urlsplit(address).scheme not in {"https", urlsplit(self._api_url).scheme}:
            raise ChannelDownError("its bill has no address")
        response = await self._http.send(lambda: httpx.Request("GET", address))
        if not response.is_success:
            raise ChannelDownError(f"it answered {response.status_code} instead of the bill")
        try:
            return bill_rows(response.content)
        except (ValueError, KeyError) as error:
            raise ChannelDownError(f"its bill cannot be read: {error}") from error

    async def close_connections(self) -> None:
        """Let go of the connections."""
        await self._http.close()

    async def _call(
        self, method: str, content: Mapping[str, object], extra: Mapping[str, str] | None = None
    ) -> dict[str, Any]:
        """The fields of a proved answer. Raises ChannelRefusedError, SignatureWrongError or ChannelDownError."""
        response = await self._http.send(lambda: self._request(method, content, extra or {}))
        name = f"{method.replace('.', '_')}_response"
        try:
            members = verbatim_members(response.text)
            text, signature = members[name], orjson.loads(members["sign"])
        except (ValueError, KeyError) as error:
            # A refusal of our own signature is not signed, and counts no more than silence.
            raise SignatureWrongError(f"its answer ({response.status_code}) is not signed by it") from error
        if not isinstance(signature, str) or not is_signed(self._account.public_key, text.encode(), signature):
            raise SignatureWrongError(f"its answer ({response.status_code}) is not signed by it")
        fields = orjson.loads(text)
        if not isinstance(fields, dict):
            raise ChannelDownError("its answer holds no object")
        if fields.get("code") == DONE:
            return fields
        code = str(fields.get("sub_code") or fields.get("code"))
        message = str(fields.get("sub_msg") or fields.get("msg") or "")[:200]
        if fields.get("code") in _UNKNOWN_OUTCOME or code.upper() in _BUSY:
            raise ChannelDownError(f"{code}: {message}")
        raise ChannelRefusedError(code, message)

    def _request(self, method: str, content: Mapping[str, object], extra: Mapping[str, str]) -> httpx.Request:
        # The charset stands in the address too: what reads the form must know it before reading.
        address = f"{self._api_url}?charset=utf-8"
        return httpx.Request("POST", address, data=self._parameters(method, content, extra))

    def _parameters(self, method: str, content: Mapping[str, object], extra: Mapping[str, str]) -> dict[str, str]:
        parameters = {
            "app_id": self._account.app_id,
            "method": method,
            "format": "JSON",
            "charset": "utf-8",
            "sign_type": SIGN_TYPE,
            "timestamp": beijing_text(self._clock()),
            "version": "1.0",
            **extra,
            "biz_content": orjson.dumps(content).decode(),
        }
        return signed_parameters(parameters, self._account.key)

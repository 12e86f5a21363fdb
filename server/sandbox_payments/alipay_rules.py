"""What the simulated Alipay does with trades, refunds and bills, and what it refuses by which code."""

import re
import sqlite3
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request

from datasources.payments import alipay
from datasources.payments.beijing import Clock, moment_of_text
from datasources.payments.channel import Provider
from datasources.payments.rsa_signatures import signature_of
from datasources.payments.yuan import fen_of, yuan_of_text
from server.sandbox_payments.alipay_fields import BUYER, BUYER_NAME, text_of, trade_fields, yuan
from server.sandbox_payments.bills import bill_is_made, movements_of
from server.sandbox_payments.happenings import Happenings
from server.sandbox_payments.keys import SandboxKeys
from server.sandbox_payments.merchant import ALIPAY_SELLER
from server.sandbox_payments.refunds import RefundStep, asked, given_back, refunds_of
from server.sandbox_payments.switches import Refunds, used
from server.sandbox_payments.trades import Kind, Offer, Trade, TradeStep, closed, offered, see, trade

GATEWAY_PATH = "/gateway.do"
FILE_PATH = "/downloadBillFile.resource"
CODE_LIFETIME = timedelta(hours=2)
TICKET_SECONDS = 30

_ALIPAY = Provider.ALIPAY

Fields = dict[str, Any]
Method = Callable[[sqlite3.Connection, Request, Fields, Fields], Fields]
"""The books within one transaction, the request, its parameters, its `biz_content`."""


class RefusedError(Exception):
    """What Alipay will not do."""

    def __init__(self, sub_code: str, message: str, code: str = "40004") -> None:
        super().__init__(sub_code)
        self.fields = {
            "code": code,
            "msg": "Business Failed" if code == "40004" else "Invalid Arguments",
            "sub_code": sub_code,
            "sub_msg": message,
        }


class AlipayRules:
    """The gateway's methods."""

    def __init__(self, keys: SandboxKeys, happenings: Happenings, clock: Clock) -> None:
        self._keys = keys
        self._happenings = happenings
        self._clock = clock
        self.methods: dict[str, Method] = {
            alipay.PRECREATE: self._precreate,
            alipay.QUERY: self._query,
            alipay.CLOSE: self._close,
            alipay.REFUND: self._refund,
            alipay.REFUND_QUERY: self._query_refund,
            alipay.BILL: self._bill,
        }
        """By name."""

    @property
    def _now(self) -> float:
        return self._clock().timestamp()

    def ticket(self, day: str, until: str) -> str:
        """What opens a bill's address until then."""
        return signature_of(self._keys.alipay_provider, f"{day} {until}".encode())

    def _precreate(self, books: sqlite3.Connection, _request: Request, parameters: Fields, content: Fields) -> Fields:
        if content.get("seller_id", ALIPAY_SELLER) != ALIPAY_SELLER:
            raise RefusedError("ACQ.INVALID_PARAMETER", "seller_id")
        found = self._offered(books, self._offer(parameters, content, Kind.CODE))
        return {"out_trade_no": found.number, "qr_code": f"https://qr.alipay.com/{found.token}"}

    def open_page(self, books: sqlite3.Connection, parameters: dict[str, str], content: Fields, kind: Kind) -> Trade:
        """A browser comes with a signed address: the trade begins."""
        if content.get("product_code") not in {"FAST_INSTANT_TRADE_PAY", "QUICK_WAP_WAY"}:
            raise RefusedError("ACQ.INVALID_PARAMETER", "product_code")
        offer = self._offer(parameters, content, kind)
        found = trade(books, _ALIPAY, offer.number)
        if found is None or found.digest != offer.digest:
            found = self._offered(books, offer)
        # What has ended is shown as ended, rather than refused.
        see(books, found.token)
        return found

    def _query(self, books: sqlite3.Connection, _request: Request, _parameters: Fields, content: Fields) -> Fields:
        found = _known(books, content)
        return trade_fields(found, refunds_of(books, found))

    def _close(self, books: sqlite3.Connection, _request: Request, _parameters: Fields, content: Fields) -> Fields:
        found = _known(books, content)
        if not closed(books, found, self._now):
            raise RefusedError("ACQ.TRADE_STATUS_ERROR", "交易状态不合法")
        return {"out_trade_no": found.number, "trade_no": found.provider_number}

    def _refund(self, books: sqlite3.Connection, _request: Request, _parameters: Fields, content: Fields) -> Fields:
        found, number = _known(books, content), content["out_request_no"]
        amount = fen_of(Decimal(content["refund_amount"]))
        refunds = refunds_of(books, found)
        before = next((each for each in refunds if each.number == number), None)
        if before is not None and before.amount != amount:
            raise RefusedError("ACQ.DISCORDANT_REPEAT_REQUEST", "不一致的请求")
        news = False
        if before is None:
            if found.state is not TradeStep.PAID:
                raise RefusedError("ACQ.TRADE_STATUS_ERROR", "交易状态不合法")
            if given_back(refunds) + amount > (found.paid_amount or 0):
                raise RefusedError("ACQ.REFUND_AMT_NOT_EQUAL_TOTAL", "退款金额超限")
            how = Refunds(used(books, _ALIPAY, "refunds"))
            if how in {Refunds.ABNORMAL, Refunds.CLOSED}:
                raise RefusedError("ACQ.SELLER_BALANCE_NOT_ENOUGH", "卖家余额不足")
            made = asked(
                books,
                found,
                number,
                amount,
                reason=content.get("refund_reason", ""),
                notify_url=found.notify_url,
                how=how,
                at_once=True,
                now=self._now,
                hurry=self._happenings.hurry,
            )
            refunds.append(made)
            news = made.state is RefundStep.SUCCESS
            if news:
                self._happenings.tell_refund(books, made, self._now)
        return {
            "buyer_logon_id": BUYER_NAME,
            "buyer_user_id": BUYER,
            "fund_change": "Y" if news else "N",
            "out_trade_no": found.number,
            "trade_no": found.provider_number,
            "refund_fee": yuan(given_back(refunds)),
            "send_back_fee": yuan(amount) if news else "0.00",
        }

    def _query_refund(
        self, books: sqlite3.Connection, _request: Request, _parameters: Fields, content: Fields
    ) -> Fields:
        found, number = _known(books, content), content["out_request_no"]
        refund = next((each for each in refunds_of(books, found) if each.number == number), None)
        if refund is None or refund.state is not RefundStep.SUCCESS:
            # As the real one: success of the question, and nothing about the refund.
            return {}
        when = {"gmt_refund_pay": text_of(refund.finished_at)} if refund.finished_at else {}
        return {
            "out_trade_no": found.number,
            "trade_no": found.provider_number,
            "out_request_no": number,
            "refund_status": "REFUND_SUCCESS",
            "refund_reason": refund.reason,
            "total_amount": yuan(found.paid_amount or 0),
            "refund_amount": yuan(refund.amount),
            **(when if "gmt_refund_pay" in content.get("query_options", ()) else {}),
        }

    def _bill(self, books: sqlite3.Connection, request: Request, _parameters: Fields, content: Fields) -> Fields:
        day = date.fromisoformat(content["bill_date"])
        if content["bill_type"] != "trade":
            raise RefusedError("INVAILID_ARGUMENTS", "入参不合法")
        if not bill_is_made(day, self._clock()) or not movements_of(books, _ALIPAY, day):
            raise RefusedError("isp.bill_not_exist", "账单不存在")
        until = f"{self._now + TICKET_SECONDS:.0f}"
        ticket = urlencode({"bizDates": str(day), "until": until, "ticket": self.ticket(str(day), until)})
        return {"bill_download_url": f"{str(request.url).partition(GATEWAY_PATH)[0]}{FILE_PATH}?{ticket}"}

    def _offer(self, parameters: dict[str, str], content: Fields, kind: Kind) -> Offer:
        number = content["out_trade_no"]
        if not re.fullmatch(r"[0-9A-Za-z_]{1,64}", number) or not 0 < len(content["subject"]) <= 256:
            raise RefusedError("ACQ.INVALID_PARAMETER", "参数无效")
        expires = moment_of_text(content["time_expire"])
        longest = self._now + CODE_LIFETIME.total_seconds()
        return Offer(
            provider=_ALIPAY,
            number=number,
            kind=kind,
            description=content["subject"],
            amount=fen_of(yuan_of_text(content["total_amount"])),
            notify_url=parameters.get("notify_url", ""),
            return_url=parameters.get("return_url", ""),
            expires_at=min(expires.timestamp(), longest) if kind is Kind.CODE else expires.timestamp(),
        )

    def _offered(self, books: sqlite3.Connection, offer: Offer) -> Trade:
        found = offered(books, offer, self._now)
        if found.state is TradeStep.PAID:
            raise RefusedError("ACQ.TRADE_HAS_SUCCESS", "交易已被支付")
        if found.state is TradeStep.CLOSED:
            raise RefusedError("ACQ.TRADE_HAS_CLOSE", "交易已经关闭")
        if found.digest != offer.digest:
            raise RefusedError("ACQ.CONTEXT_INCONSISTENT", "交易信息被篡改")
        return found


def _known(books: sqlite3.Connection, content: Fields) -> Trade:
    found = trade(books, _ALIPAY, content["out_trade_no"])
    if found is None or not found.seen:
        raise RefusedError("ACQ.TRADE_NOT_EXIST", "交易不存在")
    return found

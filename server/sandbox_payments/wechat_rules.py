"""What the simulated WeChat Pay does with orders, refunds and bills, and what it refuses by which code."""

import re
import secrets
import sqlite3
from datetime import date, datetime, timedelta
from typing import Any

from datasources.payments.beijing import Clock
from datasources.payments.channel import Provider
from server.sandbox_payments.bills import bill_is_made, movements_of
from server.sandbox_payments.happenings import Happenings
from server.sandbox_payments.merchant import WECHAT_APP, WECHAT_MERCHANT
from server.sandbox_payments.refunds import asked, given_back, refund_numbered, refunds_of
from server.sandbox_payments.switches import Refunds, used
from server.sandbox_payments.trades import Kind, Offer, Trade, TradeStep, closed, offered, trade
from server.sandbox_payments.wechat_bill import bill_text
from server.sandbox_payments.wechat_fields import refund_fields, trade_fields

MOST_REFUNDS = 50
BETWEEN_REFUNDS = timedelta(minutes=1)
LONGEST = timedelta(hours=2)

_WECHAT = Provider.WECHAT_PAY
Fields = dict[str, Any]


class RefusedError(Exception):
    """What WeChat Pay will not do."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.message = message


def must(holds: bool, name: str) -> None:
    """Raise RefusedError for a field that is wrong."""
    if not holds:
        raise RefusedError(400, "PARAM_ERROR", f"参数错误 {name}")


class WeChatRules:
    """Each takes the books within one transaction."""

    def __init__(self, happenings: Happenings, clock: Clock) -> None:
        self._happenings = happenings
        self._clock = clock

    @property
    def _now(self) -> float:
        return self._clock().timestamp()

    def order(self, books: sqlite3.Connection, fields: Fields, kind: Kind) -> Fields:
        """Native and H5 trades. The same offer again is the same trade."""
        offer = self._offer(fields, kind)
        if offer.expires_at <= self._now and trade(books, _WECHAT, offer.number) is None:
            raise RefusedError(400, "PARAM_ERROR", "time_expire 已过")
        found = offered(books, offer, self._now)
        if found.state is TradeStep.PAID:
            raise RefusedError(400, "ORDERPAID", "该订单已支付")
        if found.state is TradeStep.CLOSED:
            raise RefusedError(400, "ORDER_CLOSED", "该订单已关闭")
        if found.digest != offer.digest:
            raise RefusedError(403, "OUT_TRADE_NO_USED", "商户订单号重复")
        if found.kind is Kind.PHONE_PAGE:
            prepaid = f"wx{secrets.token_hex(16)}"
            page = "https://wx.tenpay.com/cgi-bin/mmpayweb-bin/checkmweb"
            return {"h5_url": f"{page}?prepay_id={prepaid}&package={found.token}"}
        return {"code_url": f"weixin://wxpay/bizpayurl?pr={found.token}"}

    def query(self, books: sqlite3.Connection, number: str, merchant: str | None) -> Fields:
        """A trade by the merchant's number."""
        must(merchant == WECHAT_MERCHANT, "mchid")
        found = _known(books, number)
        return trade_fields(found, refunded=given_back(refunds_of(books, found)) > 0)

    def close(self, books: sqlite3.Connection, number: str, fields: Fields) -> None:
        """End an unpaid trade; one that has ended stays so."""
        must(fields.get("mchid") == WECHAT_MERCHANT, "mchid")
        found = _known(books, number)
        if found.state is TradeStep.PAID:
            raise RefusedError(400, "ORDERPAID", "该订单已支付")
        closed(books, found, self._now)

    def refund(self, books: sqlite3.Connection, fields: Fields) -> Fields:
        """A refund, once by its number."""
        number, amount = fields["out_refund_no"], fields["amount"]
        must(type(amount["refund"]) is int and amount["refund"] > 0, "amount.refund")
        must(amount["currency"] == "CNY", "amount.currency")
        found = trade(books, _WECHAT, fields["out_trade_no"])
        if found is None:
            raise RefusedError(404, "RESOURCE_NOT_EXISTS", "订单不存在")
        if found.state is not TradeStep.PAID:
            raise RefusedError(400, "INVALID_REQUEST", "订单未支付")
        before = refund_numbered(books, _WECHAT, number)
        if before is not None:
            if (before.trade, before.amount) != (found.number, amount["refund"]):
                raise RefusedError(400, "INVALID_REQUEST", "退款单号已存在，参数不一致")
            return refund_fields(before, found)
        refunds, hurry = refunds_of(books, found), self._happenings.hurry
        if amount["total"] != found.paid_amount:
            raise RefusedError(400, "INVALID_REQUEST", "订单金额不一致")
        if given_back(refunds) + amount["refund"] > (found.paid_amount or 0):
            raise RefusedError(400, "INVALID_REQUEST", "退款金额大于可退金额")
        if len(refunds) >= MOST_REFUNDS:
            raise RefusedError(400, "INVALID_REQUEST", "部分退款次数超限")
        if refunds and self._now - refunds[-1].asked_at < hurry.seconds(BETWEEN_REFUNDS):
            raise RefusedError(429, "FREQUENCY_LIMITED", "两次退款之间需间隔一分钟")
        made = asked(
            books,
            found,
            number,
            amount["refund"],
            reason=fields.get("reason", ""),
            notify_url=fields.get("notify_url", ""),
            how=Refunds(used(books, _WECHAT, "refunds")),
            at_once=False,
            now=self._now,
            hurry=hurry,
        )
        return refund_fields(made, found)

    def query_refund(self, books: sqlite3.Connection, number: str) -> Fields:
        """A refund by the merchant's number."""
        refund = refund_numbered(books, _WECHAT, number)
        if refund is None:
            raise RefusedError(404, "RESOURCE_NOT_EXISTS", "退款单不存在")
        return refund_fields(refund, _known(books, refund.trade))

    def bill(self, books: sqlite3.Connection, day: date) -> bytes:
        """The bill of a day."""
        if not bill_is_made(day, self._clock()):
            raise RefusedError(400, "STATEMENT_CREATING", "账单生成中")
        movements = movements_of(books, _WECHAT, day)
        if not movements:
            raise RefusedError(400, "NO_STATEMENT_EXIST", "账单文件不存在")
        return bill_text(movements)

    def _offer(self, fields: Fields, kind: Kind) -> Offer:
        must(fields.get("mchid") == WECHAT_MERCHANT, "mchid")
        must(fields.get("appid") == WECHAT_APP, "appid")
        amount = fields["amount"]
        must(type(amount["total"]) is int and amount["total"] > 0, "amount.total")
        must(amount.get("currency", "CNY") == "CNY", "amount.currency")
        number = fields["out_trade_no"]
        must(re.fullmatch(r"[0-9A-Za-z_*|-]{6,32}", number) is not None, "out_trade_no")
        must(0 < len(fields["description"]) <= 127, "description")
        must(fields["notify_url"].startswith(("http://", "https://")), "notify_url")
        if kind is Kind.PHONE_PAGE:
            must(bool(fields["scene_info"]["payer_client_ip"]), "scene_info.payer_client_ip")
            must(fields["scene_info"]["h5_info"]["type"] in {"iOS", "Android", "Wap"}, "scene_info.h5_info.type")
        expires = datetime.fromisoformat(fields["time_expire"]).timestamp() if "time_expire" in fields else None
        return Offer(
            provider=_WECHAT,
            number=number,
            kind=kind,
            description=fields["description"],
            amount=amount["total"],
            notify_url=fields["notify_url"],
            return_url="",
            expires_at=self._now + LONGEST.total_seconds() if expires is None else expires,
        )


def _known(books: sqlite3.Connection, number: str) -> Trade:
    found = trade(books, _WECHAT, number)
    if found is None:
        raise RefusedError(404, "ORDER_NOT_EXIST", "订单不存在")
    return found

"""Alipay's own words for trades and refunds, in answers and notifies."""

from datetime import UTC, datetime
from typing import Any

import orjson

from datasources.payments.alipay_notify import TRADES
from datasources.payments.beijing import beijing_text
from datasources.payments.yuan import yuan_of
from server.sandbox_payments.merchant import ALIPAY_APP, ALIPAY_SELLER
from server.sandbox_payments.notifies import Notify
from server.sandbox_payments.refunds import Refund, RefundStep
from server.sandbox_payments.trades import Trade, TradeStep

BUYER = "2088000000000001"
BUYER_NAME = "138****0000"


def text_of(seconds: float) -> str:
    """`2026-11-21 12:00:00`, in Beijing."""
    return beijing_text(datetime.fromtimestamp(seconds, UTC))


def yuan(fen: int) -> str:
    """`9.67`."""
    return str(yuan_of(fen))


def status_of(trade: Trade, refunds: list[Refund]) -> str:
    """Alipay calls closed what lapsed as well as what was given back whole."""
    if trade.state is TradeStep.OPEN:
        return "WAIT_BUYER_PAY"
    back = sum(refund.amount for refund in refunds if refund.state is RefundStep.SUCCESS)
    if trade.state is TradeStep.CLOSED or back >= (trade.paid_amount or 0):
        return "TRADE_CLOSED"
    return "TRADE_SUCCESS"


def trade_fields(trade: Trade, refunds: list[Refund]) -> dict[str, Any]:
    """A trade, as it is asked for."""
    fields = {
        "buyer_logon_id": BUYER_NAME,
        "buyer_user_id": BUYER,
        "out_trade_no": trade.number,
        "trade_no": trade.provider_number,
        "trade_status": status_of(trade, refunds),
        "total_amount": yuan(trade.paid_amount or trade.amount),
        "receipt_amount": yuan(trade.paid_amount or 0),
        "buyer_pay_amount": yuan(trade.paid_amount or 0),
    }
    if trade.paid_at is None:
        return fields
    return {
        **fields,
        "send_pay_date": text_of(trade.paid_at),
        "fund_bill_list": [{"amount": yuan(trade.paid_amount or 0), "fund_channel": "ALIPAYACCOUNT"}],
    }


def paid_notice(trade: Trade) -> dict[str, str]:
    """What a notify of a payment holds."""
    amount = yuan(trade.paid_amount or 0)
    return {
        **_common(trade),
        "trade_status": "TRADE_SUCCESS",
        "receipt_amount": amount,
        "buyer_pay_amount": amount,
        "fund_bill_list": orjson.dumps([{"amount": amount, "fundChannel": "ALIPAYACCOUNT"}]).decode(),
    }


def refund_notice(refund: Refund, trade: Trade, refunds: list[Refund]) -> dict[str, str]:
    """What a notify of a refund holds; it tells the sum of all the trade's refunds."""
    back = sum(each.amount for each in refunds if each.state is RefundStep.SUCCESS)
    return {
        **_common(trade),
        "trade_status": status_of(trade, refunds),
        "gmt_refund": f"{text_of(refund.finished_at or refund.asked_at)}.000",
        "refund_fee": yuan(back),
        "out_biz_no": refund.number,
    }


def notify_fields(notify: Notify, now: float) -> dict[str, str]:
    """The message, unsigned; each sending has its own time."""
    return {**notify.fields, "notify_id": notify.notice_id.replace("-", ""), "notify_time": text_of(now)}


def _common(trade: Trade) -> dict[str, str]:
    return {
        "notify_type": TRADES,
        "charset": "utf-8",
        "version": "1.0",
        "app_id": ALIPAY_APP,
        "auth_app_id": ALIPAY_APP,
        "seller_id": ALIPAY_SELLER,
        "buyer_id": BUYER,
        "buyer_logon_id": BUYER_NAME,
        "trade_no": trade.provider_number,
        "out_trade_no": trade.number,
        "subject": trade.description,
        "total_amount": yuan(trade.paid_amount or trade.amount),
        "gmt_create": text_of(trade.created_at),
        "gmt_payment": text_of(trade.paid_at or trade.created_at),
    }

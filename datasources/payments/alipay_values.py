"""Alipay's trades and refunds, read from its own fields; answers and notifies name some of them differently."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson

from datasources.payments.beijing import moment_of_text
from datasources.payments.channel import Refund, RefundState, Trade, TradeState
from datasources.payments.yuan import yuan_of_text

_TRADE_STATES = {
    "WAIT_BUYER_PAY": TradeState.NOT_PAID,
    "TRADE_SUCCESS": TradeState.PAID,
    "TRADE_FINISHED": TradeState.PAID,
    "TRADE_CLOSED": TradeState.CLOSED,
}
_REFUNDED = "REFUND_SUCCESS"


def trade_of(fields: Mapping[str, Any]) -> Trade:
    """The trade in an answer or a notify. Raises ValueError when it lacks what it must have."""
    state = _TRADE_STATES.get(fields.get("trade_status", ""))
    if state is None:
        raise ValueError(f"unknown trade_status {fields.get('trade_status')!r}")
    paid_at = fields.get("send_pay_date") or fields.get("gmt_payment")
    if state is TradeState.CLOSED and paid_at:
        # The same word for what lapsed unpaid and for what was given back whole.
        state = TradeState.REFUNDED
    number = _text(fields, "out_trade_no")
    if not state.was_paid:
        return Trade(number, state)
    return Trade(
        number,
        state,
        provider_number=_text(fields, "trade_no"),
        amount=yuan_of_text(_text(fields, "total_amount")),
        paid_at=_moment(paid_at),
        payer=fields.get("buyer_logon_id") or None,
        means=_means(fields.get("fund_bill_list")),
    )


def queried_refund_of(fields: Mapping[str, Any], trade_number: str, refund_number: str) -> Refund:
    """The refund in the answer to a question. Raises ValueError.

    Without `refund_status` the refund did not arrive or did not succeed; asked for again, it happens once.
    """
    if fields.get("refund_status") != _REFUNDED:
        return Refund(trade_number, refund_number, RefundState.ABSENT)
    return Refund(
        _text(fields, "out_trade_no"),
        _text(fields, "out_request_no"),
        RefundState.SUCCEEDED,
        provider_number=_text(fields, "trade_no"),
        amount=yuan_of_text(_text(fields, "refund_amount")),
        finished_at=_moment(fields.get("gmt_refund_pay")),
    )


def notified_refund_of(fields: Mapping[str, Any]) -> Refund | None:
    """The refund that a notify tells of; None where it is about a payment. Raises ValueError."""
    if not fields.get("gmt_refund") or not fields.get("out_biz_no"):
        return None
    return Refund(
        _text(fields, "out_trade_no"),
        _text(fields, "out_biz_no"),
        RefundState.SUCCEEDED,
        provider_number=_text(fields, "trade_no"),
        finished_at=_moment(str(fields["gmt_refund"]).partition(".")[0]),
    )


def _text(fields: Mapping[str, Any], name: str) -> str:
    value = fields.get(name)
    if not isinstance(value, str) or not value:
        raise ValueError(f"{name} is missing")
    return value


def _moment(text: str | None) -> datetime | None:
    return moment_of_text(text) if text else None


def _means(bill: object) -> str | None:
    """By which fund, from a list (answers) or its JSON text with other names (notifies)."""
    if isinstance(bill, str):
        bill = orjson.loads(bill)
    first = bill[0] if isinstance(bill, list) and bill else None
    if not isinstance(first, dict):
        return None
    return first.get("fund_channel") or first.get("fundChannel")

"""WeChat Pay's own words for trades and refunds, in answers and notifies."""

import secrets
from datetime import UTC, datetime
from typing import Any

import orjson

from datasources.payments.beijing import ZONE
from datasources.payments.wechat_signature import sealed
from server.sandbox_payments.merchant import WECHAT_APP, WECHAT_MERCHANT
from server.sandbox_payments.notifies import Notify
from server.sandbox_payments.refunds import Refund
from server.sandbox_payments.trades import Kind, Trade, TradeStep

PAYER = "oSandboxPayer000000000000001"
_STATES = {
    TradeStep.OPEN: ("NOTPAY", "订单未支付"),
    TradeStep.PAID: ("SUCCESS", "支付成功"),
    TradeStep.CLOSED: ("CLOSED", "订单已关闭"),
}
_SUMMARIES = {
    "TRANSACTION.SUCCESS": "支付成功",
    "REFUND.SUCCESS": "退款成功",
    "REFUND.ABNORMAL": "退款异常",
    "REFUND.CLOSED": "退款关闭",
}


def moment_text(seconds: float) -> str:
    """`2026-11-21T12:00:00+08:00`."""
    return datetime.fromtimestamp(seconds, UTC).astimezone(ZONE).isoformat(timespec="seconds")


def trade_fields(trade: Trade, *, refunded: bool = False) -> dict[str, Any]:
    """A trade, as it is asked for and told."""
    state, words = ("REFUND", "转入退款") if refunded else _STATES[trade.state]
    fields: dict[str, Any] = {
        "appid": WECHAT_APP,
        "mchid": WECHAT_MERCHANT,
        "out_trade_no": trade.number,
        "trade_state": state,
        "trade_state_desc": words,
        "attach": "",
    }
    if trade.paid_at is None:
        return fields
    return {
        **fields,
        "transaction_id": trade.provider_number,
        "trade_type": "MWEB" if trade.kind is Kind.PHONE_PAGE else "NATIVE",
        "bank_type": "OTHERS",
        "success_time": moment_text(trade.paid_at),
        "payer": {"openid": PAYER},
        "amount": {
            "total": trade.paid_amount,
            "payer_total": trade.paid_amount,
            "currency": "CNY",
            "payer_currency": "CNY",
        },
    }


def refund_fields(refund: Refund, trade: Trade) -> dict[str, Any]:
    """A refund, as it is asked for."""
    return {
        "refund_id": refund.provider_number,
        "out_refund_no": refund.number,
        "transaction_id": trade.provider_number,
        "out_trade_no": trade.number,
        "channel": "ORIGINAL",
        "user_received_account": "支付用户零钱",
        "create_time": moment_text(refund.asked_at),
        "status": refund.state.value,
        "funds_account": "AVAILABLE",
        **({"success_time": moment_text(refund.finished_at)} if _arrived(refund) and refund.finished_at else {}),
        "amount": {
            "total": trade.paid_amount,
            "refund": refund.amount,
            "payer_total": trade.paid_amount,
            "payer_refund": refund.amount,
            "settlement_refund": refund.amount,
            "settlement_total": trade.paid_amount,
            "discount_refund": 0,
            "currency": "CNY",
        },
    }


def paid_notice(trade: Trade) -> dict[str, Any]:
    """What a notify of a payment holds."""
    return {"event": "TRANSACTION.SUCCESS", "about": "transaction", "resource": trade_fields(trade)}


def refund_notice(refund: Refund, trade: Trade) -> dict[str, Any]:
    """What a notify of a finished refund holds."""
    resource = {
        "mchid": WECHAT_MERCHANT,
        "out_trade_no": trade.number,
        "transaction_id": trade.provider_number,
        "out_refund_no": refund.number,
        "refund_id": refund.provider_number,
        "refund_status": refund.state.value,
        **({"success_time": moment_text(refund.finished_at)} if _arrived(refund) and refund.finished_at else {}),
        "user_received_account": "支付用户零钱",
        "amount": {
            "total": trade.paid_amount,
            "refund": refund.amount,
            "payer_total": trade.paid_amount,
            "payer_refund": refund.amount,
        },
    }
    return {"event": f"REFUND.{refund.state.value}", "about": "refund", "resource": resource}


def notify_body(notify: Notify, api_key: bytes, now: float) -> bytes:
    """The message with its resource sealed."""
    event, about = notify.fields["event"], notify.fields["about"]
    resource = sealed(notify.fields["resource"], api_key, about=about, nonce=secrets.token_hex(6))
    return orjson.dumps(
        {
            "id": notify.notice_id,
            "create_time": moment_text(now),
            "resource_type": "encrypt-resource",
            "event_type": event,
            "summary": _SUMMARIES[event],
            "resource": {"original_type": about, **resource},
        }
    )


def _arrived(refund: Refund) -> bool:
    return refund.state.value == "SUCCESS"

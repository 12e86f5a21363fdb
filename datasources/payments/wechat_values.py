"""WeChat Pay's trades and refunds, read from its own fields."""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from datasources.payments.channel import Refund, RefundState, Trade, TradeState
from datasources.payments.yuan import yuan_of

_TRADE_STATES = {
    "SUCCESS": TradeState.PAID,
    "REFUND": TradeState.REFUNDED,
    "NOTPAY": TradeState.NOT_PAID,
    "USERPAYING": TradeState.NOT_PAID,
    "PAYERROR": TradeState.NOT_PAID,
    "CLOSED": TradeState.CLOSED,
    "REVOKED": TradeState.CLOSED,
}
_REFUND_STATES = {
    "SUCCESS": RefundState.SUCCEEDED,
    "PROCESSING": RefundState.PROCESSING,
    "CLOSED": RefundState.CLOSED,
    "ABNORMAL": RefundState.ABNORMAL,
}


def trade_of(fields: Mapping[str, Any]) -> Trade:
    """The trade in an answer or a notify. Raises ValueError when it lacks what it must have."""
    state = _TRADE_STATES.get(fields.get("trade_state", ""))
    if state is None:
        raise ValueError(f"unknown trade_state {fields.get('trade_state')!r}")
    number = _text(fields, "out_trade_no")
    if not state.was_paid:
        return Trade(number, state)
    return Trade(
        number,
        state,
        provider_number=_text(fields, "transaction_id"),
        amount=_amount(fields, "total"),
        paid_at=_moment(_text(fields, "success_time")),
        payer=_masked((fields.get("payer") or {}).get("openid")),
        means=fields.get("bank_type") or None,
    )


def refund_of(fields: Mapping[str, Any]) -> Refund:
    """The refund in an answer (`status`) or a notify (`refund_status`). Raises ValueError."""
    word = fields.get("status") or fields.get("refund_status") or ""
    state = _REFUND_STATES.get(word)
    if state is None:
        raise ValueError(f"unknown refund status {word!r}")
    finished = fields.get("success_time") if state is RefundState.SUCCEEDED else None
    return Refund(
        trade_number=_text(fields, "out_trade_no"),
        refund_number=_text(fields, "out_refund_no"),
        state=state,
        provider_number=_text(fields, "refund_id"),
        amount=_amount(fields, "refund"),
        finished_at=_moment(finished) if finished else None,
    )


def _text(fields: Mapping[str, Any], name: str) -> str:
    value = fields.get(name)
    if not isinstance(value, str) or not value:
        raise ValueError(f"{name} is missing")
    return value


def _amount(fields: Mapping[str, Any], name: str) -> Decimal:
    amount = fields.get("amount")
    fen = amount.get(name) if isinstance(amount, dict) else None
    if not isinstance(fen, int) or isinstance(fen, bool):
        raise ValueError(f"amount.{name} is missing")  # noqa: TRY004 - all that is wrong with a message is a ValueError
    if amount is not None and amount.get("currency", "CNY") != "CNY":
        raise ValueError("the amount is not in CNY")
    return yuan_of(fen)


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def _masked(open_id: str | None) -> str | None:
    return f"{open_id[:4]}****{open_id[-4:]}" if open_id and len(open_id) > 12 else None

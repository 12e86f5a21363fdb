"""The cashier's buttons, and what each does."""

import sqlite3
from enum import StrEnum

from domain.language import Words
from server.sandbox_payments.happenings import Happenings
from server.sandbox_payments.switches import Notifies
from server.sandbox_payments.trades import TradeStep, trade_of_token, will_pay_late


class Press(StrEnum):
    """A button."""

    PAY = "pay"
    FAIL = "fail"
    PAY_LOSE = "pay-lose-notify"
    PAY_TWICE = "pay-notify-twice"
    PAY_PROBE = "pay-wrong-signature"
    PAY_LATE = "pay-late"
    PAY_LESS = "pay-another-amount"


LABELS = {
    Press.PAY: (Words("付款", "Pay"), Words("", "")),
    Press.FAIL: (
        Words("付款失败", "Fail to pay"),
        Words("余额不足；交易仍可付款。", "The balance does not suffice; the trade can still be paid."),
    ),
    Press.PAY_LOSE: (
        Words("付款，但丢失通知", "Pay, and lose the notify"),
        Words("平台只能靠自己查询得知。", "The platform can only find out by asking."),
    ),
    Press.PAY_TWICE: (
        Words("付款，通知两次", "Pay, and notify twice"),
        Words("同一条通知，先后两次。", "The same message, one after the other."),
    ),
    Press.PAY_PROBE: (
        Words("付款，先发错误签名", "Pay, with a wrong signature first"),
        Words("平台必须拒绝第一条。", "The platform must refuse the first one."),
    ),
    Press.PAY_LATE: (
        Words("交易结束后才付款", "Pay after the end"),
        Words("关闭或过期之后，钱仍然到账。", "The money arrives once the trade is closed or has expired."),
    ),
    Press.PAY_LESS: (
        Words("少付一分", "Pay a fen less"),
        Words("金额与订单不符。", "The amount is not the order's."),
    ),
}
"""What is written on each, and below it."""

_HOW = {
    Press.PAY_LOSE: Notifies.LOST,
    Press.PAY_TWICE: Notifies.TWICE,
    Press.PAY_PROBE: Notifies.WRONG_SIGNATURE,
}


def pressed(books: sqlite3.Connection, happenings: Happenings, token: str, button: Press, now: float) -> None:
    """What the button does; nothing where the trade cannot take it any more."""
    found = trade_of_token(books, token)
    if found is None or found.state is TradeStep.PAID or button is Press.FAIL:
        return
    over = found.state is TradeStep.CLOSED or found.expires_at <= now
    if button is Press.PAY_LATE:
        if over:
            happenings.pay(books, found, now)
        else:
            will_pay_late(books, found)
    elif not over:
        amount = max(1, found.amount - 1) if button is Press.PAY_LESS else None
        happenings.pay(books, found, now, amount=amount, how=_HOW.get(button))

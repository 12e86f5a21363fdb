"""Alipay's notifies: proof of sender, addressee and freshness, what they say, and the answer they want.

https://opendocs.alipay.com/open/204/105301
"""

import hashlib
from datetime import datetime, timedelta
from urllib.parse import parse_qsl

from cryptography.hazmat.primitives.asymmetric import rsa

from datasources.cache.nonces import Nonces
from datasources.payments.alipay_signature import is_signed_notify
from datasources.payments.alipay_values import notified_refund_of, trade_of
from datasources.payments.beijing import moment_of_text
from datasources.payments.channel import (
    Acknowledgement,
    Notice,
    NotifyReason,
    NotifyRefusedError,
    RefundNotice,
    TradeNotice,
    TradeState,
)

MOST_TIME_OFF = timedelta(minutes=5)
"""`notify_time` is when this copy was sent; repetitions have a new one."""
TRADES = "trade_status_sync"

_NONCE_OWNER = "alipay"
_MOST_FIELDS = 200


async def notice_of(
    body: bytes, *, public_key: rsa.RSAPublicKey, app_id: str, seller_id: str, nonces: Nonces, now: datetime
) -> Notice:
    """The notify's message. Raises NotifyRefusedError, and what Redis raises when it cannot remember the message."""
    fields = _fields(body)
    if not is_signed_notify(fields, public_key):
        raise NotifyRefusedError(NotifyReason.SIGNATURE)
    try:
        sent_at, notice_id = moment_of_text(fields["notify_time"]), fields["notify_id"]
    except (KeyError, ValueError) as error:
        raise NotifyRefusedError(NotifyReason.UNREADABLE, str(error)) from error
    if abs(sent_at - now) > MOST_TIME_OFF:
        raise NotifyRefusedError(NotifyReason.STALE, fields["notify_time"])
    if fields.get("app_id") != app_id or fields.get("seller_id") != seller_id:
        raise NotifyRefusedError(NotifyReason.OTHER_MERCHANT)
    notice = _notice(notice_id, fields)
    # Last, so that nothing but a message that would count can use it up. The signature differs with each sending.
    if not await nonces.spend(_NONCE_OWNER, hashlib.sha256(fields["sign"].encode()).hexdigest()):
        raise NotifyRefusedError(NotifyReason.REPLAYED, notice_id)
    return notice


def acknowledgement(*, ok: bool, reason: NotifyReason | None) -> Acknowledgement:
    """What Alipay wants to hear: exactly `success`, or it sends the message again."""
    if ok or reason is NotifyReason.NOT_OURS:
        return Acknowledgement(200, b"success", "text/plain")
    status = 500 if reason is None else 401 if reason is NotifyReason.SIGNATURE else 400
    return Acknowledgement(status, b"fail", "text/plain")


def _fields(body: bytes) -> dict[str, str]:
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, strict_parsing=True, max_num_fields=_MOST_FIELDS)
    except ValueError as error:
        raise NotifyRefusedError(NotifyReason.UNREADABLE, "it is no form") from error
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise NotifyRefusedError(NotifyReason.UNREADABLE, "a field stands twice")
    return fields


def _notice(notice_id: str, fields: dict[str, str]) -> Notice:
    if fields.get("notify_type") != TRADES:
        raise NotifyRefusedError(NotifyReason.NOT_OURS, fields.get("notify_type", ""))
    try:
        refund = notified_refund_of(fields)
        if refund is not None:
            return RefundNotice(notice_id, refund)
        trade = trade_of(fields)
    except ValueError as error:
        raise NotifyRefusedError(NotifyReason.UNREADABLE, str(error)) from error
    if trade.state is TradeState.NOT_PAID:
        raise NotifyRefusedError(NotifyReason.NOT_OURS, fields["trade_status"])
    return TradeNotice(notice_id, trade)

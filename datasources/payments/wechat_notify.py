"""WeChat Pay's notifies: proof of sender, age and freshness, what they say, and the answer they want.

https://pay.weixin.qq.com/doc/v3/merchant/4012791882 (payments), .../4012791886 (refunds)
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson
from cryptography.hazmat.primitives.asymmetric import rsa

from datasources.cache.nonces import Nonces
from datasources.payments.channel import (
    Acknowledgement,
    Notice,
    NotifyReason,
    NotifyRefusedError,
    RefundNotice,
    TradeNotice,
)
from datasources.payments.wechat_signature import Stamp, opened
from datasources.payments.wechat_values import refund_of, trade_of

PAID = "TRANSACTION.SUCCESS"
REFUND_EVENTS = frozenset({"REFUND.SUCCESS", "REFUND.ABNORMAL", "REFUND.CLOSED"})

_NONCE_OWNER = "wechat-pay"


async def notice_of(
    headers: Mapping[str, str],
    body: bytes,
    *,
    public_key: rsa.RSAPublicKey,
    public_key_id: str,
    api_key: bytes,
    app_id: str,
    merchant_id: str,
    nonces: Nonces,
    now: datetime,
) -> Notice:
    """The notify's message. Raises NotifyRefusedError, and what Redis raises when it cannot remember the nonce."""
    stamp = Stamp.of({name.lower(): value for name, value in headers.items()})
    if stamp is None or not stamp.is_of(public_key, public_key_id, body):
        raise NotifyRefusedError(NotifyReason.SIGNATURE)
    if not stamp.is_fresh(now):
        raise NotifyRefusedError(NotifyReason.STALE, stamp.timestamp)
    try:
        envelope = orjson.loads(body)
        event, notice_id = str(envelope["event_type"]), str(envelope["id"])
        fields = opened(envelope["resource"], api_key)
    except (ValueError, KeyError, TypeError) as error:
        raise NotifyRefusedError(NotifyReason.UNREADABLE, str(error)) from error
    if fields.get("mchid") != merchant_id or fields.get("appid", app_id) != app_id:
        raise NotifyRefusedError(NotifyReason.OTHER_MERCHANT)
    notice = _notice(event, notice_id, fields)
    # Last, so that nothing but a message that would count can use a nonce up.
    if not await nonces.spend(_NONCE_OWNER, stamp.nonce):
        raise NotifyRefusedError(NotifyReason.REPLAYED, notice_id)
    return notice


def acknowledgement(*, ok: bool, reason: NotifyReason | None) -> Acknowledgement:
    """What WeChat Pay wants to hear. It also probes with wrong signatures, to which only a refusal is right."""
    if ok or reason is NotifyReason.NOT_OURS:
        return Acknowledgement(204, b"", "application/json")
    status = 500 if reason is None else 401 if reason is NotifyReason.SIGNATURE else 400
    body = orjson.dumps({"code": "FAIL", "message": reason.value if reason else "TRY_AGAIN"})
    return Acknowledgement(status, body, "application/json")


def _notice(event: str, notice_id: str, fields: Mapping[str, Any]) -> Notice:
    try:
        if event == PAID:
            return TradeNotice(notice_id, trade_of(fields))
        if event in REFUND_EVENTS:
            return RefundNotice(notice_id, refund_of(fields))
    except ValueError as error:
        raise NotifyRefusedError(NotifyReason.UNREADABLE, str(error)) from error
    raise NotifyRefusedError(NotifyReason.NOT_OURS, event)

"""Taking a provider's message: proved, kept, applied once, and answered as the provider wants it."""

import hashlib
from collections.abc import Mapping
from datetime import datetime

import structlog

from datasources.payments.channel import (
    Acknowledgement,
    Notice,
    NotifyReason,
    NotifyRefusedError,
    PaymentChannel,
    TradeNotice,
)
from datasources.sql.payment_notice import PaymentNotice
from datasources.sql.payment_notices import PaymentNotices
from domain.audit.actor import Actor
from domain.payments.desk import PaymentDesk
from domain.payments.follow_up import refund_soon
from domain.payments.giving_back import apply_refund
from domain.payments.settling import Settled, settle_trade

_log = structlog.get_logger(component="payments")


async def take_notify(
    desk: PaymentDesk, channel: PaymentChannel, headers: Mapping[str, str], body: bytes, now: datetime
) -> Acknowledgement:
    """Take one message. Raises what a store that is down raises; then nothing was changed."""
    try:
        notice = await channel.parse_notify(headers, body)
    except NotifyRefusedError as refused:
        await _keep_refused(desk, channel, refused, body, now)
        return channel.acknowledge(ok=refused.reason is NotifyReason.NOT_OURS, reason=refused.reason)
    if await _applied(desk, channel, notice, body, now) is Settled.LATE:
        await refund_soon(desk.stores)
    return channel.acknowledge(ok=True)


async def _applied(
    desk: PaymentDesk, channel: PaymentChannel, notice: Notice, body: bytes, now: datetime
) -> Settled | None:
    provider, actor = channel.provider, Actor.system("payment_notify", now)
    about = notice.trade if isinstance(notice, TradeNotice) else notice.refund
    kept = PaymentNotice(
        channel=provider,
        received_at=now,
        digest=hashlib.sha256(body).digest(),
        notice_id=notice.notice_id,
        fate="",
        trade_number=about.trade_number,
        refund_number=None if isinstance(notice, TradeNotice) else notice.refund.refund_number,
        detail=str(about.state),
    )
    async with desk.stores.sql.unit_of_work() as session:
        if not await PaymentNotices(session).add_applied(kept):
            return Settled.BEFORE
        if isinstance(notice, TradeNotice):
            return await settle_trade(session, provider, notice.trade, actor)
        await apply_refund(session, provider, notice.refund, actor)
        return None


async def _keep_refused(
    desk: PaymentDesk, channel: PaymentChannel, refused: NotifyRefusedError, body: bytes, now: datetime
) -> None:
    _log.warning("notify_refused", provider=str(channel.provider), reason=str(refused.reason), bytes=len(body))
    if refused.reason is NotifyReason.SIGNATURE:
        # Anybody can send such; a row for each would let anybody fill the table.
        return
    notice = PaymentNotice(
        channel=channel.provider,
        received_at=now,
        digest=hashlib.sha256(body).digest(),
        fate=str(refused.reason),
    )
    async with desk.stores.sql.unit_of_work() as session:
        await PaymentNotices(session).add(notice)

"""Asking providers about payments that are not decided, ever more seldom, and closing those that may not be paid.

It finds what no notify told, recovers what a crash left between two steps, and is the way by which an order's end
closes its trade. A payment is looked at by one worker at a time; one that dies leaves it to the next.
"""

from datetime import datetime, timedelta
from uuid import UUID

import structlog

from datasources.payments.channel import (
    ChannelDownError,
    ChannelRefusedError,
    PaymentChannel,
    Provider,
    Trade,
    TradeState,
)
from datasources.sql.payment import OFFERED, Payment, PaymentState
from datasources.sql.payments import Payments
from domain.audit.actor import Actor
from domain.payments.desk import PaymentDesk
from domain.payments.settling import Settled, settle_trade
from domain.payments.working_off import work_off

PAUSES = (timedelta(seconds=10), timedelta(seconds=30), timedelta(minutes=2), timedelta(minutes=5))
"""Between two questions about the same payment; the last one goes on."""
FIRST_LOOK = PAUSES[0]
LEASE = timedelta(minutes=1)
"""Longer than a provider's calls take: until then nobody else looks."""
AFTERMATH = timedelta(minutes=2)
"""A trade of which the provider knows nothing may still be scanned until it expires; so long after that it is over."""
UNDECIDED = (*OFFERED, PaymentState.CLOSING)

_log = structlog.get_logger(component="payments")


async def look_at_due_payments(desk: PaymentDesk, now: datetime) -> int:
    """Look at every payment that is due; how many were looked at."""

    async def read(provider: Provider, besides: list[UUID], limit: int) -> list[Payment]:
        async with desk.stores.sql.read() as session:
            return await Payments(session).due(now, provider, besides, limit)

    async def work(payment: Payment) -> bool:
        return await look_at_payment(desk, payment, now) is not None

    return await work_off(read, work, lambda payment: payment.id)


async def look_at_payment(desk: PaymentDesk, payment: Payment, now: datetime) -> Settled | None:
    """Ask about one payment that is due, and do what follows; None if somebody else does, or nobody can say."""
    async with desk.stores.sql.unit_of_work() as session:
        claimed = await Payments(session).claim(payment.id, now, now + LEASE)
    if claimed is None:
        return None
    channel = desk.channel(claimed.channel)
    try:
        trade = None if channel is None else await _asked(channel, claimed, now)
    except (ChannelDownError, ChannelRefusedError) as error:
        _log.warning("provider_not_asked", provider=claimed.channel, error=type(error).__name__)
        trade = None
    if channel is None or trade is None:
        await _look_again(desk, claimed, now)
        return None
    if trade.state.was_paid:
        actor = Actor.system("look_at_payments", now)
        async with desk.stores.sql.unit_of_work() as session:
            return await settle_trade(session, channel.provider, trade, actor)
    if _is_over(claimed, trade, now):
        async with desk.stores.sql.unit_of_work() as session:
            closed = {"state": PaymentState.CLOSED, "look_at": None}
            await Payments(session).change(claimed.id, closed, from_states=[PaymentState(claimed.state)])
    else:
        await _look_again(desk, claimed, now)
    return Settled.NOT_PAID


async def _asked(channel: PaymentChannel, payment: Payment, now: datetime) -> Trade:
    """What became of the trade, after ending it if it must not be paid any more."""
    trade = await channel.query(payment.trade_number)
    if trade.state.was_paid or trade.state is TradeState.CLOSED or not _must_end(payment, now):
        return trade
    try:
        await channel.close(payment.trade_number)
    except ChannelRefusedError as refused:
        # Paid in this very moment, most likely; the next answer tells.
        _log.info("close_refused", provider=payment.channel, code=refused.code, trade=payment.trade_number)
    return await channel.query(payment.trade_number)


def _must_end(payment: Payment, now: datetime) -> bool:
    return payment.state == PaymentState.CLOSING or payment.expires_at <= now


def _is_over(payment: Payment, trade: Trade, now: datetime) -> bool:
    if trade.state is TradeState.ABSENT:
        return payment.expires_at + AFTERMATH <= now
    return trade.state is TradeState.CLOSED


async def _look_again(desk: PaymentDesk, payment: Payment, now: datetime) -> None:
    pause = PAUSES[min(payment.looks, len(PAUSES)) - 1]
    ends = payment.expires_at if payment.expires_at > now else payment.expires_at + AFTERMATH
    at = min(now + pause, ends) if ends > now else now + pause
    async with desk.stores.sql.unit_of_work() as session:
        await Payments(session).change(payment.id, {"look_at": at}, from_states=[PaymentState(payment.state)])

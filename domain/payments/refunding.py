"""Asking providers for promised refunds until each has come to its end. The number of a refund never changes.

A refund is worked on by one worker at a time; one that dies leaves it to the next, who asks again under the same
number, and the provider gives back once.
"""

from datetime import datetime, timedelta

import structlog

from datasources.payments.channel import (
    ChannelDownError,
    ChannelRefusedError,
    PaymentChannel,
    Provider,
    Refund,
    RefundState,
)
from datasources.sql.finance_item import FinanceKind
from datasources.sql.payment import Payment
from datasources.sql.refund import RefundRow, RefundRowState
from datasources.sql.refunds import Refunds
from domain.audit.actor import Actor
from domain.payments.desk import PaymentDesk
from domain.payments.giving_back import apply_refund, next_try
from domain.payments.matters import Matter, note_matter
from domain.payments.working_off import work_off

LEASE = timedelta(minutes=1)
"""Longer than a provider's calls take: until then nobody else works on it."""
REFUSALS_SHOWN = 3
"""After so many calls without success a refusal is shown to people in finance; the platform goes on asking."""
REASON = "预约挂号退款"
"""What the payer reads. Never why: that would tell the provider about a visit."""

_log = structlog.get_logger(component="payments")


async def run_due_refunds(desk: PaymentDesk, now: datetime) -> int:
    """Work on every refund that is due; how many were worked on."""

    async def read(provider: Provider, besides: list[int], limit: int) -> list[RefundRow]:
        async with desk.stores.sql.read() as session:
            return await Refunds(session).due(now, provider, besides, limit)

    async def work(refund: RefundRow) -> bool:
        return await run_refund(desk, refund, now) is not None

    return await work_off(read, work, lambda refund: refund.id or 0)


async def run_refund(desk: PaymentDesk, refund: RefundRow, now: datetime) -> RefundRowState | None:
    """Ask for one refund that is due, or about it, and do what follows: its state afterwards. None if somebody else
    does."""
    async with desk.stores.sql.unit_of_work() as session:
        claimed = await Refunds(session).claim(refund.id, now, now + LEASE)
    if claimed is None:
        return None
    refund, payment = claimed
    channel, actor = desk.channel(payment.channel), Actor.system("run_refunds", now)
    try:
        found = None if channel is None else await _asked(desk, channel, refund, payment)
    except ChannelDownError as error:
        _log.warning("refund_not_asked", provider=payment.channel, error=type(error).__name__)
        found = None
    except ChannelRefusedError as refused:
        return await _refused(desk, refund, payment, refused.code, actor)
    if channel is None or found is None:
        return await _again(desk, refund, actor)
    async with desk.stores.sql.unit_of_work() as session:
        return await apply_refund(session, channel.provider, found, actor)


async def _asked(desk: PaymentDesk, channel: PaymentChannel, refund: RefundRow, payment: Payment) -> Refund:
    if refund.state == RefundRowState.PROCESSING:
        return await channel.query_refund(payment.trade_number, refund.refund_number)
    try:
        return await channel.refund(
            payment.trade_number,
            refund.refund_number,
            refund.amount,
            total=payment.amount,
            reason=REASON,
            notify_url=desk.notify_url(payment.channel),
        )
    except ChannelRefusedError:
        # It may be refused because it was taken before; then the provider knows it.
        known = await channel.query_refund(payment.trade_number, refund.refund_number)
        if known.state is not RefundState.ABSENT:
            return known
        raise


async def _refused(desk: PaymentDesk, refund: RefundRow, payment: Payment, code: str, actor: Actor) -> RefundRowState:
    """It may pass (the merchant's balance is too low), so the same number is asked for again, and finance is told."""
    _log.warning("refund_refused", provider=payment.channel, refund=refund.refund_number, code=code)
    state = await _again(desk, refund, actor, problem=code)
    if refund.attempts >= REFUSALS_SHOWN:
        matter = Matter(
            FinanceKind.REFUND_ABNORMAL,
            Provider(payment.channel),
            payment.trade_number,
            refund.refund_number,
            order_id=refund.order_id,
            expected=refund.amount,
            detail=code,
        )
        async with desk.stores.sql.unit_of_work() as session:
            await note_matter(session, matter, actor)
    return state


async def _again(desk: PaymentDesk, refund: RefundRow, actor: Actor, problem: str | None = None) -> RefundRowState:
    values: dict[str, object] = {"next_at": next_try(refund.attempts, actor.now)}
    if problem is not None:
        values["problem"] = problem
    state = RefundRowState(refund.state)
    # Nothing is changed if a notify has come meanwhile and ended it.
    async with desk.stores.sql.unit_of_work() as session:
        await Refunds(session).change(refund.id, values, from_states=[state])
    return state

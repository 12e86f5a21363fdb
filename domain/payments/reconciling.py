"""Comparing a day of our books with the provider's bill, as often as one likes, with the same outcome.

What the bill knows to be paid and we do not is asked about and settled first; only what stays different is for people.
Days are Beijing's, as on the bill.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal

import structlog
from sqlmodel.ext.asyncio.session import AsyncSession

from datasources.payments.beijing import ZONE
from datasources.payments.channel import (
    BillNotReadyError,
    BillRow,
    ChannelDownError,
    ChannelRefusedError,
    PaymentChannel,
    Provider,
)
from datasources.sql.finance_item import FinanceItemState, FinanceKind, ReconciledDay
from datasources.sql.finance_item_reads import FinanceItemReads, ReconciledDays
from datasources.sql.finance_items import FinanceItems
from datasources.sql.payment import PaymentState
from datasources.sql.payments import Payments
from datasources.sql.refund import RefundRow, RefundRowState
from datasources.sql.refunds import Refunds
from domain.audit.actor import Actor
from domain.payments.desk import PaymentDesk
from domain.payments.giving_back import CAME_RIGHT
from domain.payments.matters import Matter, note_matter
from domain.payments.settling import settle_trade

BILLS_FROM = time(10, 30)
"""Providers make the bill of a day until about this time of the next."""
DAYS_BACK = 7
"""Days that were missed (no worker, no provider) are made up for within a week."""
LONGEST_REFUND_DAYS = 30
"""A refund stands on the bill of the day on which it was asked for; so long before its arrival that is looked for."""

_log = structlog.get_logger(component="payments")


@dataclass(frozen=True, slots=True)
class Reconciled:
    """What came of a day."""

    day: ReconciledDay


async def reconcile_due(desk: PaymentDesk, now: datetime) -> int:
    """Compare every day of the last week that has a bill and was not compared; how many were."""
    today, done = now.astimezone(ZONE).date(), 0
    latest = today - timedelta(days=1 if now.astimezone(ZONE).time() >= BILLS_FROM else 2)
    for provider in desk.channels:
        async with desk.stores.sql.read() as session:
            first_at = await Payments(session).first_at(provider)
            compared = await ReconciledDays(session).since(provider, today - timedelta(days=DAYS_BACK))
        if first_at is None:
            continue
        day = max(today - timedelta(days=DAYS_BACK), first_at.astimezone(ZONE).date())
        while day <= latest:
            if day not in compared:
                done += await reconcile_day(desk, provider, day, now) is not None
            day += timedelta(days=1)
    return done


async def reconcile_day(desk: PaymentDesk, provider: Provider, day: date, now: datetime) -> Reconciled | None:
    """Compare one day; None where the bill can't be had now."""
    channel = desk.channel(provider)
    if channel is None:
        return None
    actor = Actor.system("reconcile", now)
    try:
        bill = await channel.fetch_bill(day)
        await _settle_unknown(desk, channel, bill, actor)
        differences = await _differences(desk, channel, bill, day)
    except (ChannelDownError, ChannelRefusedError, BillNotReadyError) as error:
        _log.warning("bill_not_had", provider=str(provider), day=str(day), error=type(error).__name__)
        return None
    row = ReconciledDay(
        channel=provider,
        day=day,
        reconciled_at=now,
        bill_rows=len(bill),
        differences=len(differences),
        paid=_sum(bill, lambda each: each.refund_number is None),
        refunded=_sum(bill, lambda each: each.refund_number is not None),
    )
    async with desk.stores.sql.unit_of_work() as session:
        await _note(session, provider, day, differences, actor)
        await ReconciledDays(session).keep(row)
    _log.info("day_reconciled", provider=str(provider), day=str(day), rows=len(bill), differences=len(differences))
    return Reconciled(row)


async def _settle_unknown(desk: PaymentDesk, channel: PaymentChannel, bill: Sequence[BillRow], actor: Actor) -> None:
    """Payments of which neither notify nor poller told: ask, and apply what the provider says."""
    numbers = [row.trade_number for row in bill if row.refund_number is None]
    async with desk.stores.sql.read() as session:
        ours = await Payments(session).by_trade_numbers(channel.provider, numbers)
    for number, payment in ours.items():
        if payment.state in (PaymentState.PAID, PaymentState.DISPUTED):
            continue
        trade = await channel.query(number)
        async with desk.stores.sql.unit_of_work() as session:
            await settle_trade(session, channel.provider, trade, actor)


async def _differences(desk: PaymentDesk, channel: PaymentChannel, bill: Sequence[BillRow], day: date) -> list[Matter]:
    provider = channel.provider
    since, before = _bounds(day)
    async with desk.stores.sql.read() as session:
        payments = await Payments(session).by_trade_numbers(provider, [row.trade_number for row in bill])
        refunds = await Refunds(session).by_numbers([row.refund_number for row in bill if row.refund_number])
        paid = await Payments(session).paid_between(provider, since, before)
        arrived = await Refunds(session).done_between(provider, since, before)
    found: list[Matter] = []
    for row in bill:
        payment = payments.get(row.trade_number)
        order_id = None if payment is None else payment.order_id
        if row.refund_number is None:
            known = None if payment is None or payment.state != PaymentState.PAID else payment.amount
        else:
            refund = refunds.get(row.refund_number)
            known = None if refund is None or refund.state == RefundRowState.REPLACED else refund.amount
        if known != row.amount:
            kind = FinanceKind.BILL_MISSING_HERE if known is None else FinanceKind.BILL_AMOUNT_DIFFERS
            number = row.refund_number or ""
            found.append(Matter(kind, provider, row.trade_number, number, order_id, known, row.amount, str(day)))
    billed = {row.trade_number for row in bill if row.refund_number is None}
    missing = FinanceKind.BILL_MISSING_THERE
    found += [
        Matter(missing, provider, each.trade_number, "", each.order_id, each.amount, None, str(day))
        for each in paid
        if each.trade_number not in billed
    ]
    for refund, trade in await _not_billed(channel, bill, day, arrived):
        number = refund.refund_number
        found.append(Matter(missing, provider, trade, number, refund.order_id, refund.amount, None, str(day)))
    return found


async def _not_billed(
    channel: PaymentChannel, bill: Sequence[BillRow], day: date, arrived: Sequence[tuple[RefundRow, str]]
) -> list[tuple[RefundRow, str]]:
    """Refunds that arrived on this day and stand on no bill since they were promised."""
    billed = {row.refund_number for row in bill}
    left = [each for each in arrived if each[0].refund_number not in billed]
    earlier = day
    while left and earlier > max(
        min(refund.created_at.astimezone(ZONE).date() for refund, _ in left), day - timedelta(days=LONGEST_REFUND_DAYS)
    ):
        earlier -= timedelta(days=1)
        billed = {row.refund_number for row in await channel.fetch_bill(earlier)}
        left = [each for each in left if each[0].refund_number not in billed]
    return left


async def _note(
    session: AsyncSession, provider: Provider, day: date, differences: Sequence[Matter], actor: Actor
) -> None:
    """Put what is new on the worklist; what is no difference any more has come right; what people have dealt with
    stays so."""
    before = await FinanceItemReads(session).of_bill(provider, str(day))
    known = {(item.kind, item.trade_number, item.refund_number, item.expected, item.found) for item in before}
    now_so = {(str(each.kind), each.trade_number, each.refund_number) for each in differences}
    for matter in differences:
        key = (str(matter.kind), matter.trade_number, matter.refund_number, matter.expected, matter.found)
        if key not in known:
            await note_matter(session, matter, actor)
    for item in before:
        if item.state == FinanceItemState.OPEN and (item.kind, item.trade_number, item.refund_number) not in now_so:
            await FinanceItems(session).resolve(item.id or 0, None, CAME_RIGHT, "", actor.now)


def _bounds(day: date) -> tuple[datetime, datetime]:
    start = datetime.combine(day, time(), ZONE)
    return start, start + timedelta(days=1)


def _sum(bill: Sequence[BillRow], counts: Callable[[BillRow], bool]) -> Decimal:
    return sum((row.amount for row in bill if counts(row)), Decimal("0.00"))

"""Brings payments and refunds to their end at the providers."""

from datetime import date, timedelta

import structlog

from datasources.payments.channel import Provider
from datasources.sql.payment_notices import PaymentNotices
from domain.payments.looking import look_at_due_payments
from domain.payments.reconciling import reconcile_day, reconcile_due
from domain.payments.refunding import run_due_refunds
from jobs.tools import JobTools

REFUSED_NOTICES_KEPT = timedelta(days=90)
MINUTES_BETWEEN_BILLS = 10

_log = structlog.get_logger(component="payments")


async def look_at_payments(tools: JobTools) -> None:
    """Ask about the payments that are not decided, and close those that may not be paid any more."""
    if tools.payments is not None:
        await look_at_due_payments(tools.payments, tools.clock())


async def run_refunds(tools: JobTools) -> None:
    """Ask for the promised refunds, and about those that are under way."""
    if tools.payments is None:
        return
    worked = await run_due_refunds(tools.payments, tools.clock())
    if worked:
        _log.info("refunds_worked_on", count=worked)


async def reconcile(tools: JobTools) -> None:
    """Compare the days of the last week that have a bill and were not compared. Every ten minutes: bills are late."""
    now = tools.clock()
    if tools.payments is not None and now.minute % MINUTES_BETWEEN_BILLS == 0:
        await reconcile_due(tools.payments, now)


async def reconcile_one_day(tools: JobTools, provider: str, day: str) -> None:
    """Compare this day, once more if it was."""
    if tools.payments is not None:
        await reconcile_day(tools.payments, Provider(provider), date.fromisoformat(day), tools.clock())


async def forget_refused_notices(tools: JobTools) -> None:
    """Delete the providers' messages that changed nothing, after some months."""
    async with tools.stores.sql.unit_of_work() as session:
        await PaymentNotices(session).forget_before(tools.clock() - REFUSED_NOTICES_KEPT)

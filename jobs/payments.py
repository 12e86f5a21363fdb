"""Brings payments and refunds to their end at the providers."""

from datetime import timedelta

import structlog

from datasources.sql.payment_notices import PaymentNotices
from domain.payments.looking import look_at_due_payments
from domain.payments.refunding import run_due_refunds
from jobs.tools import JobTools

REFUSED_NOTICES_KEPT = timedelta(days=90)

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


async def forget_refused_notices(tools: JobTools) -> None:
    """Delete the providers' messages that changed nothing, after some months."""
    async with tools.stores.sql.unit_of_work() as session:
        await PaymentNotices(session).forget_before(tools.clock() - REFUSED_NOTICES_KEPT)

"""Checks that ledger, orders, waitlist and catalogue agree, and mends what is only shown wrongly."""

import structlog

from domain.booking.invariant.watch import check_if_due
from jobs.tools import JobTools

_log = structlog.get_logger(component="invariant")


async def watch_bookings(tools: JobTools) -> None:
    """Run the check that is due."""
    run = await check_if_due(tools.stores, tools.booking.zone, tools.clock)
    if run is not None:
        _log.info("booking_invariant_checked", scope=run.scope, sessions=run.sessions_checked, breaches=run.breaches)

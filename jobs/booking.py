"""Moves orders on that the clock or a hospital's withdrawal has caught up with."""

from datetime import timedelta
from uuid import UUID

import structlog

from datasources.sql.idempotency_record import IdempotencyRecords
from domain.booking.lapsing import lapse_due, lapse_order
from domain.booking.no_shows import complete_visits as complete_due
from domain.booking.no_shows import mark_missed_visits
from domain.booking.session_changes import tell_of_session_changes as tell_holders
from domain.booking.waitlist.offering import serve_due
from domain.booking.withdrawing import cancel_withdrawn
from jobs.tools import JobTools

CALLS_KEPT = timedelta(days=30)
"""For so long the same call under the same idempotency key changes nothing again."""

_log = structlog.get_logger(component="booking")


async def lapse_orders(tools: JobTools) -> None:
    """End every order that was not confirmed or paid in time, and offer their numbers to who waits for them."""
    lapsed = await lapse_due(tools.stores.sql, tools.clock())
    _tell("orders_lapsed", lapsed)
    if lapsed:
        await serve_due(tools.stores, tools.booking, tools.clock())


async def lapse_one_order(tools: JobTools, order_id: str) -> None:
    """End this order if its time is over, and offer its number to who waits for it."""
    if await lapse_order(tools.stores.sql, UUID(order_id), tools.clock()):
        await serve_due(tools.stores, tools.booking, tools.clock())


async def cancel_withdrawn_orders(tools: JobTools) -> None:
    """Cancel every live order of a withdrawn session."""
    now = tools.clock()
    today = now.astimezone(tools.booking.zone).date()
    _tell("withdrawn_orders_cancelled", await cancel_withdrawn(tools.stores.sql, today, now))


async def tell_of_session_changes(tools: JobTools) -> None:
    """Tell every holder of a session that another doctor holds now, or that was moved in time."""
    _tell("holders_told_of_session_changes", await tell_holders(tools.stores.sql, tools.booking, tools.clock()))


async def mark_no_shows(tools: JobTools) -> None:
    """Mark the visits to which nobody came, and ban whom that brings a ban."""
    _tell("no_shows_marked", await mark_missed_visits(tools.stores.sql, tools.booking, tools.clock()))


async def complete_visits(tools: JobTools) -> None:
    """Complete the visits of earlier days whose patient checked in."""
    _tell("visits_completed", await complete_due(tools.stores.sql, tools.booking, tools.clock()))


async def forget_calls(tools: JobTools) -> None:
    """Delete the records of calls that nobody repeats any more."""
    async with tools.stores.sql.unit_of_work() as session:
        await IdempotencyRecords(session).forget_before(tools.clock() - CALLS_KEPT)


def _tell(event: str, count: int) -> None:
    if count:
        _log.info(event, count=count)

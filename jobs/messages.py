"""Reminds people, and tells them what waits in the outbox."""

import structlog

from domain.messages.relay import RelayDesk, relay_due
from domain.messages.reminding import remind_of_payments, remind_of_visits
from jobs.tools import JobTools

_log = structlog.get_logger(component="messages")


async def relay_messages(tools: JobTools) -> None:
    """Tell what is due, the longest due first."""
    told = await relay_due(RelayDesk(tools.stores, tools.ring, tools.booking.zone), tools.clock())
    if told:
        _log.info("messages_relayed", count=told)


async def send_reminders(tools: JobTools) -> None:
    """Remind of visits on the evening before and in the morning, and of payments that are about to expire."""
    now = tools.clock()
    visits = await remind_of_visits(tools.stores.sql, tools.booking, now)
    payments = await remind_of_payments(tools.stores.sql, now)
    if visits or payments:
        _log.info("reminders_written", visits=visits, payments=payments)

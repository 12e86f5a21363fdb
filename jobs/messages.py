"""Reminds people, writes broadcasts into the outbox, tells people what waits there, and forgets what is long over."""

import structlog

from domain.messages.broadcasts.walking import walk_due
from domain.messages.outbox import forget_old_messages
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


async def write_broadcasts(tools: JobTools) -> None:
    """Go on with the broadcasts that are due: write some more of their messages into the outbox."""
    written = await walk_due(tools.stores.sql, tools.clock)
    if written:
        _log.info("broadcast_messages_written", count=written)


async def forget_messages(tools: JobTools) -> None:
    """Delete messages, notifications and received text messages that have been kept for long enough."""
    forgotten = await forget_old_messages(tools.stores.sql, tools.message_retention, tools.clock())
    if forgotten:
        _log.info("messages_forgotten", count=forgotten)

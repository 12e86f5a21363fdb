"""Tells people what waits in the outbox."""

import structlog

from domain.messages.relay import RelayDesk, relay_due
from jobs.tools import JobTools

_log = structlog.get_logger(component="messages")


async def relay_messages(tools: JobTools) -> None:
    """Tell what is due, the longest due first."""
    told = await relay_due(RelayDesk(tools.stores, tools.ring, tools.booking.zone), tools.clock())
    if told:
        _log.info("messages_relayed", count=told)

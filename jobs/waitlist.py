"""Serves the waitlists: offers places that came free, lets offers lapse, ends what is over."""

import structlog

from domain.booking.waitlist.offering import serve_due
from jobs.tools import JobTools

_log = structlog.get_logger(component="waitlist")


async def serve_waitlists(tools: JobTools) -> None:
    """Serve every session where something is due."""
    offered = await serve_due(tools.stores, tools.booking, tools.clock())
    if offered:
        _log.info("places_offered", count=offered)

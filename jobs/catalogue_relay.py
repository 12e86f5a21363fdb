"""Brings pushes into MongoDB that their own process could not: it died, or MongoDB was down."""

import structlog

from domain.catalogue.outbox import forget_old_pushes, relay
from jobs.tools import JobTools

_log = structlog.get_logger(component="catalogue_relay")


async def relay_catalogue(tools: JobTools) -> None:
    """Apply every waiting push, the hospitals that wait longest first."""
    applied = await relay(tools.stores, tools.clock())
    if applied:
        _log.info("pushes_applied", count=applied)


async def forget_pushes(tools: JobTools) -> None:
    """Delete the records of pushes that nobody can repeat any more."""
    forgotten = await forget_old_pushes(tools.stores, tools.clock())
    if forgotten:
        _log.info("pushes_forgotten", count=forgotten)

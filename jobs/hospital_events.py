"""Brings events to hospitals' webhooks, and forgets those that hospitals have had months to read."""

import structlog

from domain.hospitals.delivering import Postman, deliver_due
from domain.hospitals.events import forget_old_events
from jobs.tools import JobTools

_log = structlog.get_logger(component="hospitals")


async def forget_hospital_events(tools: JobTools) -> None:
    """Delete some of the events whose time is over; the next run takes the next."""
    forgotten = await forget_old_events(tools.stores.sql, tools.clock())
    if forgotten:
        _log.info("hospital_events_forgotten", count=forgotten)


async def deliver_hospital_events(tools: JobTools) -> None:
    """Bring what waits to hospitals' webhooks."""
    taken = await deliver_due(Postman(tools.stores.sql, tools.ring, tools.webhooks, tools.clock))
    if taken:
        _log.info("hospital_events_delivered", count=taken)

"""Closes hospitals' applications that were rejected long ago."""

import structlog

from domain.onboarding.closing import close_stale_applications as close_due
from jobs.tools import JobTools

_log = structlog.get_logger(component="hospital_applications")


async def close_stale_applications(tools: JobTools) -> None:
    """Withdraw every application that is due; the job that settles files drops its licences."""
    closed = await close_due(tools.stores.sql, tools.clock(), tools.rejected_applications_kept)
    if closed:
        _log.info("stale_applications_closed", applications=closed)

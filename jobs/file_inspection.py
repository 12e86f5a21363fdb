"""Inspects uploads that nobody confirmed, ends those that never came, and drops objects that nobody needs."""

import structlog

from domain.files.settling import settle
from jobs.tools import JobTools

_log = structlog.get_logger(component="file_inspection")


async def settle_files(tools: JobTools) -> None:
    """Finish whatever is due, the oldest files first."""
    looked_at = await settle(tools.stores, tools.files, tools.clock())
    if looked_at:
        _log.debug("files_settled", count=looked_at)

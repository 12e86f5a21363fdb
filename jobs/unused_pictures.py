"""Deletes identity pictures that nobody handed in."""

import structlog

from domain.verification.unused_pictures import delete_unused_pictures as delete_due
from jobs.tools import JobTools

_log = structlog.get_logger(component="unused_pictures")


async def delete_unused_pictures(tools: JobTools) -> None:
    """Delete every picture that is due; the job that settles files drops their objects."""
    deleted = await delete_due(tools.stores.sql, tools.clock(), tools.unused_pictures_kept)
    if deleted:
        _log.info("unused_pictures_deleted", files=deleted)

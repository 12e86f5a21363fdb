"""Deletes the pictures of real-name verifications some days after they were decided."""

import structlog

from domain.verification.originals import delete_originals
from jobs.tools import JobTools

_log = structlog.get_logger(component="verification_pictures")


async def delete_verification_pictures(tools: JobTools) -> None:
    """Give up every picture that is due; the job that settles files drops their objects."""
    given_up = await delete_originals(tools.stores.sql, tools.clock(), tools.verification_pictures_kept)
    if given_up:
        _log.info("verification_pictures_deleted", requests=given_up)

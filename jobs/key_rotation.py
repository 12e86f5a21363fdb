"""Goes on with a rotation of the sealing key that was begun and not finished."""

import structlog

from domain.encryption.rotation import is_rotated, rotate
from jobs.tools import JobTools

_log = structlog.get_logger(component="jobs")


async def continue_key_rotation(tools: JobTools) -> None:
    """Bring every sealed record to the active key, unless every table was gone through for it before."""
    if await is_rotated(tools.stores.sql, tools.ring):
        return
    for table in await rotate(tools.stores.sql, tools.ring, tools.clock):
        _log.info("key_rotated", table=table.table, resealed=table.resealed, unopened=table.unopened)

"""Erases accounts whose owners asked for it a week ago and did not take it back."""

import structlog

from domain.identity.erasure import erase_due
from jobs.tools import JobTools

_log = structlog.get_logger(component="erase_accounts")


async def erase_accounts(tools: JobTools) -> None:
    """Erase every account that is due."""
    erased = await erase_due(tools.stores, tools.clock())
    if erased:
        _log.info("accounts_erased", count=erased)

"""Walks the audit log's chain every hour, so that a hand on it shows without anybody asking."""

import structlog

from domain.audit.watch import check_if_due
from jobs.tools import JobTools

_log = structlog.get_logger(component="audit")


async def watch_audit_log(tools: JobTools) -> None:
    """Check the chain if that is due."""
    found = await check_if_due(tools.stores.sql, tools.clock)
    if found is not None and found.broken_number is None:
        _log.info("audit_chain_intact", proved=found.proved_number)

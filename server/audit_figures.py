"""What `/metrics` says of the audit log's check. The worker checks; each API process reads what it found."""

import asyncio

import structlog
from prometheus_client import CollectorRegistry, Gauge

from datasources.faults import unavailable_store
from datasources.sql.audit_check import AuditChecks
from datasources.sql.database import Database

LONGEST_SECONDS = 2.0

_log = structlog.get_logger(component="metrics")


class AuditFigures:
    """Two figures in a registry, as fresh as their last refresh."""

    def __init__(self, database: Database, registry: CollectorRegistry) -> None:
        self._database = database
        self._broken = Gauge(
            "htbooking_audit_chain_broken",
            "1 while the last check of the audit log found an entry removed, changed or put in, else 0.",
            registry=registry,
        )
        self._checked = Gauge(
            "htbooking_audit_chain_checked_timestamp_seconds",
            "When the audit log was last checked, as Unix time; 0 before the first check.",
            registry=registry,
        )

    async def refresh(self) -> None:
        """Read what the last check found. While PostgreSQL does not answer, the figures stay."""
        try:
            async with asyncio.timeout(LONGEST_SECONDS), self._database.read() as session:
                check = await AuditChecks(session).get()
        except Exception as error:
            if unavailable_store(error) is None and not isinstance(error, TimeoutError):
                raise
            _log.warning("the audit log's check could not be read", error=type(error).__name__)
            return
        if check is not None and check.checked_at is not None:
            self._broken.set(check.broken_number is not None)
            self._checked.set(check.checked_at.timestamp())

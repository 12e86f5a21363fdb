"""What `/metrics` says of the booking invariant. The worker checks; each API process reads what it found."""

import asyncio

import structlog
from prometheus_client import CollectorRegistry, Gauge

from datasources.faults import unavailable_store
from datasources.sql.database import Database
from datasources.sql.invariant_run import CheckScope
from datasources.sql.invariant_runs import InvariantRuns

LONGEST_SECONDS = 2.0

_log = structlog.get_logger(component="metrics")


class BookingFigures:
    """Figures in a registry, as fresh as their last refresh."""

    def __init__(self, database: Database, registry: CollectorRegistry) -> None:
        self._database = database
        self._breaches = Gauge(
            "htbooking_invariant_breaches",
            "What is wrong with sold numbers and not yet put right; anything but 0 is an alarm.",
            registry=registry,
        )
        self._checked = Gauge(
            "htbooking_invariant_checked_timestamp_seconds",
            "When the ledger was last compared with orders, as Unix time; 0 before the first check.",
            registry=registry,
        )

    async def refresh(self) -> None:
        """Read what the checks found. While PostgreSQL does not answer, the figures stay."""
        try:
            async with asyncio.timeout(LONGEST_SECONDS), self._database.read() as session:
                runs = InvariantRuns(session)
                run, counts = await runs.last_ended(*CheckScope), await runs.open_counts()
        except Exception as error:
            if unavailable_store(error) is None and not isinstance(error, TimeoutError):
                raise
            _log.warning("the booking invariant's check could not be read", error=type(error).__name__)
            return
        self._breaches.set(counts.breaches)
        if run is not None:
            self._checked.set(run.began_at.timestamp())

"""What `/metrics` says of money: what finance has to look at, and how long somebody has waited for a refund."""

import asyncio

import structlog
from prometheus_client import CollectorRegistry, Gauge

from datasources.faults import unavailable_store
from datasources.sql.database import Database
from datasources.sql.finance_item import FinanceKind
from datasources.sql.finance_item_reads import FinanceItemReads
from datasources.sql.refunds import Refunds
from domain.clock import Clock

LONGEST_SECONDS = 2.0

_log = structlog.get_logger(component="metrics")


class PaymentFigures:
    """Figures in a registry, as fresh as their last refresh."""

    def __init__(self, database: Database, registry: CollectorRegistry, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._open = Gauge(
            "htbooking_finance_open_items",
            "Matters on finance's worklist that nobody has dealt with, by kind.",
            ["kind"],
            registry=registry,
        )
        self._refund_waits = Gauge(
            "htbooking_oldest_refund_seconds",
            "How long ago the oldest refund was promised that providers are still asked about; 0 for none.",
            registry=registry,
        )

    async def refresh(self) -> None:
        """Read how it stands. While PostgreSQL does not answer, the figures stay."""
        try:
            async with asyncio.timeout(LONGEST_SECONDS), self._database.read() as session:
                counts = await FinanceItemReads(session).open_by_kind()
                oldest = await Refunds(session).oldest_under_way()
        except Exception as error:
            if unavailable_store(error) is None and not isinstance(error, TimeoutError):
                raise
            _log.warning("finance's worklist could not be counted", error=type(error).__name__)
            return
        for kind in FinanceKind:
            self._open.labels(kind).set(counts.get(kind, 0))
        self._refund_waits.set(0 if oldest is None else (self._clock() - oldest).total_seconds())

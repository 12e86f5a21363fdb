"""What `/metrics` says of text messages: what an alarm is made of."""

import asyncio

import structlog
from prometheus_client import CollectorRegistry, Gauge

from datasources.faults import unavailable_store
from datasources.sql.database import Database
from domain.clock import Clock
from domain.sms.operations import SmsAlarm, operations
from domain.sms.policy import SmsPolicy

LONGEST_SECONDS = 2.0

_log = structlog.get_logger(component="metrics")


class SmsFigures:
    """Figures in a registry, as fresh as their last refresh."""

    def __init__(self, database: Database, registry: CollectorRegistry, policy: SmsPolicy, clock: Clock) -> None:
        self._database = database
        self._policy = policy
        self._clock = clock
        self._waiting = Gauge("htbooking_sms_waiting", "Text messages that are due and not begun.", registry=registry)
        self._code_waits = Gauge(
            "htbooking_sms_oldest_code_seconds", "How long the oldest one-time code has waited.", registry=registry
        )
        self._alarms = Gauge(
            "htbooking_sms_alarms",
            "What somebody has to look at, by kind; anything but 0.",
            ["kind"],
            registry=registry,
        )

    async def refresh(self) -> None:
        """Read how it goes. While PostgreSQL does not answer, the figures stay."""
        now = self._clock()
        try:
            async with asyncio.timeout(LONGEST_SECONDS):
                report = await operations(self._database, self._policy, now)
        except Exception as error:
            if unavailable_store(error) is None and not isinstance(error, TimeoutError):
                raise
            _log.warning("text messages could not be counted", error=type(error).__name__)
            return
        self._waiting.set(report.waiting.messages)
        oldest = report.waiting.oldest_code
        self._code_waits.set(0 if oldest is None else (now - oldest).total_seconds())
        for kind in SmsAlarm:
            self._alarms.labels(kind).set(sum(alarm.kind is kind for alarm in report.alarms))

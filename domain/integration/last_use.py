"""Notes when each integration key was last used, beside the request and never at its cost."""

import asyncio
from datetime import datetime, timedelta

import structlog

from datasources.sql.database import Database
from datasources.sql.integration_key import IntegrationKeys

NOTED_EVERY = timedelta(minutes=1)

_log = structlog.get_logger(__name__)


class LastUses:
    """One per process. A note that fails is logged and dropped: the next minute brings another."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._noted: dict[str, datetime] = {}
        self._writing: set[asyncio.Task[None]] = set()

    def note(self, key_id: str, now: datetime) -> None:
        """Write, soon and in the background, that this proved key was used; at most once a minute per key."""
        before = self._noted.get(key_id)
        if before is not None and now - before < NOTED_EVERY:
            return
        self._noted[key_id] = now
        task = asyncio.create_task(self._write(key_id, now), name=f"last use of {key_id}")
        # The event loop alone would let a running task be collected.
        self._writing.add(task)
        task.add_done_callback(self._written)

    async def settle(self) -> None:
        """Wait until every note is written or given up: before the stores close, and in tests."""
        await asyncio.gather(*self._writing, return_exceptions=True)

    async def _write(self, key_id: str, now: datetime) -> None:
        async with self._database.unit_of_work() as session:
            await IntegrationKeys(session).mark_used(key_id, now, at_most_every=NOTED_EVERY)

    def _written(self, task: asyncio.Task[None]) -> None:
        self._writing.discard(task)
        if not task.cancelled() and (fault := task.exception()) is not None:
            _log.warning("last use of an integration key not noted", task=task.get_name(), fault=repr(fault))

"""Integration keys as one process knows them: read from PostgreSQL, remembered for a few seconds.

A burst of pushes by one hospital so costs one query, and a revoked key is refused by every process at most
REMEMBERED_SECONDS after the revocation was committed.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from weakref import WeakValueDictionary

from pydantic import SecretBytes

from datasources.sealing import KeyRing
from datasources.sql.database import Database
from datasources.sql.integration_key import IntegrationKeys
from domain.integration.keys import SEALED_FIELD

REMEMBERED_SECONDS = 5.0
MOST_REMEMBERED = 4096


@dataclass(frozen=True, slots=True)
class KnownKey:
    """What verifying needs of a key."""

    hospital_code: str
    secret: SecretBytes
    revoked: bool
    ends_at: datetime | None

    def has_ended(self, now: datetime) -> bool:
        """Whether it proves nothing any more: it was revoked, or another took its place some time ago."""
        return self.revoked or (self.ends_at is not None and now >= self.ends_at)


class KnownKeys:
    """Looks keys up by id. One per process; safe for concurrently running requests."""

    def __init__(self, database: Database, ring: KeyRing, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._database = database
        self._ring = ring
        self._monotonic = monotonic
        # Ids that exist and ids that don't are kept apart: a flood of invented ids can't push real ones out.
        self._present: OrderedDict[str, tuple[float, KnownKey]] = OrderedDict()
        self._absent: OrderedDict[str, tuple[float, None]] = OrderedDict()
        self._being_read: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def find(self, key_id: str) -> KnownKey | None:
        """The key with this id, None if there is none. Raises SealError if its secret can't be opened."""
        if self._is_fresh(key_id):
            return self._remembered(key_id)
        lock = self._being_read.get(key_id)
        if lock is None:
            lock = self._being_read[key_id] = asyncio.Lock()
        async with lock:
            if self._is_fresh(key_id):
                return self._remembered(key_id)
            # Counted from before the query, for what it sees may be changed while its answer is on the way.
            asked_at = self._monotonic()
            key = await self._read(key_id)
            self._remember(key_id, asked_at, key)
            return key

    def forget(self, key_id: str) -> None:
        """Read this key anew next time: this process just revoked it."""
        self._present.pop(key_id, None)
        self._absent.pop(key_id, None)

    def _is_fresh(self, key_id: str) -> bool:
        entry = self._present.get(key_id) or self._absent.get(key_id)
        return entry is not None and self._monotonic() < entry[0] + REMEMBERED_SECONDS

    def _remembered(self, key_id: str) -> KnownKey | None:
        entry = self._present.get(key_id)
        return None if entry is None else entry[1]

    def _remember(self, key_id: str, asked_at: float, key: KnownKey | None) -> None:
        self.forget(key_id)
        if key is None:
            self._absent[key_id] = (asked_at, None)
        else:
            self._present[key_id] = (asked_at, key)
        for memory in (self._present, self._absent):
            while len(memory) > MOST_REMEMBERED:
                memory.popitem(last=False)

    async def _read(self, key_id: str) -> KnownKey | None:
        async with self._database.read() as session:
            row = await IntegrationKeys(session).get(key_id)
        if row is None:
            return None
        return KnownKey(
            hospital_code=row.hospital_code,
            secret=self._ring.open(SEALED_FIELD, key_id, row.sealed_secret),
            revoked=row.revoked_at is not None,
            ends_at=row.ends_at,
        )

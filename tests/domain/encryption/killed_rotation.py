"""A rotation that is killed in the middle: `python -m tests.domain.encryption.killed_rotation <moment> <batch>`.

The database's address comes from the environment, as for any process of the platform.
"""

import asyncio
import os
import signal
import sys
from typing import Any
from unittest import mock

from datasources.sealing import KeyRing
from datasources.sql.database import Database
from datasources.sql.key_rotation import KeyRotation, KeyRotations, Progress
from domain.clock import system_clock
from domain.encryption.rotation import rotate

OLD, NEW = bytes(range(32)), bytes(range(1, 33))
MOMENTS = ("before the batch's progress is written", "after it, before the commit", "between two batches")

_advance = KeyRotations.advance
_begin = KeyRotations.begin


async def main(moment: str, batch: int) -> None:
    database = Database(os.environ["DATABASE_URL"], pool_size=1)
    batches = 0

    async def advance(self: KeyRotations, row: KeyRotation, progress: Progress, now: Any) -> None:
        nonlocal batches
        if row.table_name == "patient":
            batches += 1
        if batches == 2 and moment == MOMENTS[0]:
            os.kill(os.getpid(), signal.SIGKILL)
        await _advance(self, row, progress, now)
        if batches == 2 and moment == MOMENTS[1]:
            os.kill(os.getpid(), signal.SIGKILL)

    async def begin(self: KeyRotations, target_key: int, table_name: str, now: Any) -> KeyRotation:
        if batches == 2:
            os.kill(os.getpid(), signal.SIGKILL)
        return await _begin(self, target_key, table_name, now)

    with mock.patch.object(KeyRotations, "advance", advance), mock.patch.object(KeyRotations, "begin", begin):
        await rotate(database, KeyRing({1: OLD, 2: NEW}, active=2), system_clock, batch=batch)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))

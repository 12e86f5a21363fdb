"""A process that cancels withdrawn orders and is killed in the middle of a batch."""

import asyncio
import os
import signal
import sys
from datetime import date, datetime
from typing import Any

from datasources.sql.database import Database
from domain.booking import withdrawing
from domain.booking.transitions import take_step_with_many

BATCHES = 2
"""It dies in the middle of the second one, with half of its orders moved."""


async def main() -> None:
    """Cancel batch by batch, then die."""
    begun = 0

    async def counted(*arguments: Any, **named: Any) -> None:
        nonlocal begun
        begun += 1
        await take_step_with_many(*arguments, **named)
        # Each batch takes two steps: for those who have paid, and for the others.
        if begun == 2 * BATCHES - 1:
            os.kill(os.getpid(), signal.SIGKILL)

    withdrawing.take_step_with_many = counted  # type: ignore[attr-defined]
    database = Database(os.environ["DATABASE_URL"], pool_size=2)
    today, now = date.fromisoformat(sys.argv[1]), datetime.fromisoformat(sys.argv[2])
    await withdrawing.cancel_withdrawn(database, today, now)


if __name__ == "__main__":
    asyncio.run(main())

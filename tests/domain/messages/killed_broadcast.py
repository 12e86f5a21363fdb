"""A worker in the middle of a broadcast: `python -m tests.domain.messages.killed_broadcast DATABASE_URL ID`.

Writes batches of ten, and says each, until somebody kills it.
"""

import asyncio
import sys
from uuid import UUID

from datasources.sql.broadcast import Broadcasts
from datasources.sql.database import Database
from domain.messages.broadcasts.walking import _step
from tests.domain.messages.people import LONG_AGO


async def main(url: str, id: UUID) -> None:
    """Walk slowly."""
    database = Database(url, pool_size=1)
    while True:
        async with database.unit_of_work() as session:
            broadcast = await Broadcasts(session).take_due(LONG_AGO, but=[], only=id)
            if broadcast is None:
                break
            await _step(session, broadcast, LONG_AGO, 10)
            # Written and not committed: this is where it is killed now and then.
            sys.stdout.write(f"{broadcast.written}\n")
            sys.stdout.flush()
            await asyncio.sleep(0.02)
    await database.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], UUID(sys.argv[2])))

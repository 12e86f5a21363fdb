"""A worker whose job never ends, to be killed: `python -m tests.server.killed_worker <job>`.

The stores' addresses come from the environment.
"""

import asyncio
import os
import sys
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from datasources.storage.file_storage import FileStorage
from datasources.stores import Stores
from domain.booking.policy import BookingPolicy
from domain.clock import system_clock
from jobs.registry import PeriodicJob, every_seconds
from jobs.tools import JobTools
from server.worker import work
from tests.domain.integration.hospitals import RING


def tools_of(stores: Stores) -> JobTools:
    """What jobs of tests are given."""
    files = FileStorage.in_folder(Path(), RING)
    policy = BookingPolicy(ZoneInfo("Asia/Shanghai"))
    return JobTools(stores, RING, files, system_clock, policy, timedelta(days=30))


async def never_end(_tools: JobTools) -> None:
    """Never ends."""
    await asyncio.Event().wait()


async def main(name: str) -> None:
    redis_url = os.environ["REDIS_URL"]
    stores = Stores.at(
        database_url=os.environ["DATABASE_URL"], mongodb_url=os.environ["MONGODB_URL"], redis_url=redis_url
    )
    await work(tools_of(stores), redis_url, [PeriodicJob(name, never_end, every_seconds(1))], [])


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))

"""A process that is killed while it makes an export: `python -m tests.domain.exports.killed_export <moment>`.

The stores' addresses, the data directory and the time come from the environment, as for any process of the platform.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any
from unittest import mock

from datasources.stores import Stores
from domain.exports.making import make_due
from server.file_storage import file_storage
from server.root_key import key_ring
from server.settings import Settings

MOMENTS = {
    "in the middle of the zip": "domain.exports.content._content",
    "with the zip written and nothing committed": "domain.exports.making.tell_owner",
    "after the commit": "domain.files.made._read",
}


async def die(*_: object, **__: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


async def main(moment: str) -> None:
    settings = Settings()
    stores = Stores.at(
        database_url=os.environ["DATABASE_URL"],
        mongodb_url=os.environ["MONGODB_URL"],
        redis_url=os.environ["REDIS_URL"],
    )
    ring = key_ring(settings)
    now = datetime.fromisoformat(os.environ["NOW"])
    killer: Callable[..., Awaitable[Any]] = die
    with mock.patch(MOMENTS[moment], killer):
        await make_due(stores, ring, file_storage(settings, ring), lambda: now)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))

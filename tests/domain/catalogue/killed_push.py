"""A process that is killed in the middle of a push: `python -m tests.domain.catalogue.killed_push <moment> <hospital>`.

The stores' addresses come from the environment, as for any process of the platform.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from typing import Any
from unittest import mock

from datasources.stores import Stores
from domain.catalogue import schedules
from domain.catalogue.push import push
from tests.domain.catalogue.requests import SHANGHAI, request_for

MOMENTS = {
    "before the commit": "datasources.sql.catalogue_push.CataloguePushes.add",
    "between the commit and MongoDB": "domain.catalogue.outbox.write_changes",
    "between MongoDB and its record": "datasources.sql.catalogue_push.CataloguePushes.mark_applied",
}


async def die(*_: object, **__: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


async def main(moment: str, hospital_code: str) -> None:
    stores = Stores.at(
        database_url=os.environ["DATABASE_URL"],
        mongodb_url=os.environ["MONGODB_URL"],
        redis_url=os.environ["REDIS_URL"],
    )
    await stores.catalogue.bind()
    killer: Callable[..., Awaitable[Any]] = die
    with mock.patch(MOMENTS[moment], killer):
        await push(stores, request_for(hospital_code), schedules.plan_upsert(SHANGHAI))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2]))

"""A worker that is killed over a webhook: `python -m tests.domain.hospitals.killed_delivery <moment> <hospital>`.

The stores' addresses, the data directory and the time come from the environment, as for any process of the platform.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from datetime import datetime
from itertools import count
from typing import Any
from unittest import mock

from datasources.hospitals.target import TargetPolicy
from datasources.hospitals.webhook_sender import WebhookSender
from datasources.sql.hospital_webhook import WebhookDeliveries
from datasources.stores import Stores
from domain.hospitals import delivering
from domain.hospitals.delivering import Postman, deliver_to
from server.root_key import key_ring
from server.settings import Settings

MOMENTS = {
    "with the lease and before the call": (delivering, "_due", 1),
    "between the call and its note": (WebhookDeliveries, "settle", 1),
    "after the note": (delivering, "_due", 2),
}
"""What is called then, and the how-manieth call of it is the last."""


def deadly(original: Callable[..., Awaitable[Any]], last: int) -> Callable[..., Awaitable[Any]]:
    """The function, until that call of it, which kills the process."""
    calls = count(1)

    async def called(*given: Any, **named: Any) -> Any:
        if next(calls) == last:
            os.kill(os.getpid(), signal.SIGKILL)
        return await original(*given, **named)

    return called


async def main(moment: str, hospital_code: str) -> None:
    settings = Settings()
    stores = Stores.at(
        database_url=os.environ["DATABASE_URL"],
        mongodb_url=os.environ["MONGODB_URL"],
        redis_url=os.environ["REDIS_URL"],
    )
    now = datetime.fromisoformat(os.environ["NOW"])
    sender = WebhookSender(TargetPolicy(https_only=False, private_allowed=True))
    place, name, last = MOMENTS[moment]
    with mock.patch.object(place, name, deadly(getattr(place, name), last)):
        await deliver_to(Postman(stores.sql, key_ring(settings), sender, lambda: now), hospital_code)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2]))

"""What the worker is asked to do once something of an order is committed. It would find it by the clock as well."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from datasources.queue import HandedOver, JobQueue
from datasources.stores import Stores

LAPSE_ORDER = "lapse_order"
CANCEL_WITHDRAWN = "cancel_withdrawn"


async def lapse_in_time(stores: Stores, order_id: UUID, lapses_at: datetime | None) -> None:
    """Have the order ended at its deadline; without one, nothing. Called after the commit; raises nothing."""
    await lapse_all_in_time(stores, [(order_id, lapses_at)])


async def lapse_all_in_time(stores: Stores, deadlines: Iterable[tuple[UUID, datetime | None]]) -> None:
    """The same for many orders, in one round trip."""
    jobs = [
        HandedOver(LAPSE_ORDER, (str(order_id),), at, f"{LAPSE_ORDER}:{order_id}:{int(at.timestamp())}")
        for order_id, at in deadlines
        if at is not None
    ]
    if jobs:
        await JobQueue(stores.redis).hand_over_all(jobs)


async def cancel_withdrawn_soon(stores: Stores) -> None:
    """Have the orders of withdrawn sessions cancelled now. Called after the commit; raises nothing."""
    await JobQueue(stores.redis).hand_over(CANCEL_WITHDRAWN)

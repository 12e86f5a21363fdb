"""What the worker is asked to do once something of an order is committed. It would find it by the clock as well."""

from datetime import datetime
from uuid import UUID

from datasources.queue import JobQueue
from datasources.stores import Stores

LAPSE_ORDER = "lapse_order"
CANCEL_WITHDRAWN = "cancel_withdrawn"


async def lapse_in_time(stores: Stores, order_id: UUID, lapses_at: datetime | None) -> None:
    """Have the order ended at its deadline; without one, nothing. Called after the commit; raises nothing."""
    if lapses_at is not None:
        once = f"{LAPSE_ORDER}:{order_id}:{int(lapses_at.timestamp())}"
        await JobQueue(stores.redis).hand_over(LAPSE_ORDER, str(order_id), at=lapses_at, once=once)


async def cancel_withdrawn_soon(stores: Stores) -> None:
    """Have the orders of withdrawn sessions cancelled now. Called after the commit; raises nothing."""
    await JobQueue(stores.redis).hand_over(CANCEL_WITHDRAWN)

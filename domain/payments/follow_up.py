"""What the worker is asked to do at once. It would find it by the clock as well."""

from datasources.queue import JobQueue
from datasources.stores import Stores

RUN_REFUNDS = "run_refunds"


async def refund_soon(stores: Stores) -> None:
    """Have the promised refunds asked for now. Called after the commit; raises nothing."""
    await JobQueue(stores.redis).hand_over(RUN_REFUNDS)

"""What the worker is asked to do at once. It would find it by the clock as well."""

from datetime import date

from datasources.payments.channel import Provider
from datasources.queue import JobQueue
from datasources.stores import Stores

RUN_REFUNDS = "run_refunds"
RECONCILE_DAY = "reconcile_day"


async def refund_soon(stores: Stores) -> None:
    """Have the promised refunds asked for now. Called after the commit; raises nothing."""
    await JobQueue(stores.redis).hand_over(RUN_REFUNDS)


async def reconcile_soon(stores: Stores, provider: Provider, day: date) -> None:
    """Have a day compared with the provider's bill now, once more if it was. Raises nothing."""
    await JobQueue(stores.redis).hand_over(RECONCILE_DAY, str(provider), day.isoformat())

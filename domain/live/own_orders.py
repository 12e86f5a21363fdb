"""An account's orders as they change: those of visits to come, and those that ended a short while ago."""

from collections.abc import AsyncGenerator
from datetime import timedelta
from uuid import UUID

from datasources.live.changes import Change
from datasources.live.topics import orders_topic
from datasources.sql.booking_order import BookingOrder
from datasources.sql.booking_order_reads import BookingOrderReads
from datasources.stores import Stores
from domain.clock import Clock
from domain.live.states import Seen, latest_states

RECENT = timedelta(days=1)
"""For so long a page that was away is still told how an order ended."""
MOST = 100


class OwnOrders:
    """The orders at one moment, the live ones first. No two are equal: whether people see a difference depends on what
    they select, and how many are ahead of them stands elsewhere."""

    def __init__(self, orders: list[BookingOrder]) -> None:
        self.orders = orders


def watch_own_orders(stores: Stores, user_id: UUID, clock: Clock) -> AsyncGenerator[OwnOrders, None]:
    """The account's orders now, then again whenever one of them may differ."""

    async def read(_changed: frozenset[type[Change]]) -> Seen[OwnOrders]:
        now = clock()
        async with stores.sql.read() as session:
            orders = await BookingOrderReads(session).live_or_changed_since(user_id, now - RECENT, MOST)
        # A number can be given back until then.
        until = min((order.cancel_until for order in orders if order.cancel_until >= now), default=None)
        return Seen(OwnOrders(orders), until)

    return latest_states(stores, [orders_topic(user_id)], read, clock)

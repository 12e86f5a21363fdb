"""The caller's own orders, as they change."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

from datasources.sql.booking_order import BookingOrder
from domain.live.own_orders import watch_own_orders
from resolvers.context import RequestContext
from resolvers.patients import owner_of


async def watch_my_orders(context: RequestContext) -> AsyncGenerator[list[BookingOrder], None]:
    """The caller's orders now, then again whenever one of them may differ."""
    states = watch_own_orders(context.stores, owner_of(context).user_id, context.clock)
    async with aclosing(states):
        async for state in states:
            yield state.orders

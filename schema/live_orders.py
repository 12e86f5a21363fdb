"""Subscription to one's own orders."""

from collections.abc import AsyncGenerator

import strawberry

from datasources.sql.booking_order import BookingOrder
from resolvers import live_orders
from schema.binding import Context, watches
from schema.order import Order
from schema.permissions import IsUser
from schema.sharing import Sharing


@strawberry.type
class OrderSubscription:
    @watches(
        list[Order],
        "The caller's own orders whose visit is to come or under way, and those that changed in the last 24 hours; at "
        "most 100, the former first: at once, then all of them again whenever one differs, so that whatever event is "
        "the latest is the whole truth. How many are ahead in the queue may be told up to half a minute late.",
        only=IsUser,
        sharing=Sharing.CALLER,
    )
    def my_orders(self, info: Context) -> AsyncGenerator[list[BookingOrder], None]:
        return live_orders.watch_my_orders(info.context)

"""What a hospital learns of its orders: listed, and followed."""

from collections.abc import AsyncGenerator

from datasources.sql.booking_order import BookingOrder
from domain.global_id import NodeKind, global_id
from domain.hospitals.events import HospitalEvent, count_events, events_behind, sequence_behind
from domain.hospitals.following import follow_events
from domain.page import Page, page_of
from domain.paging import page_size
from resolvers.check_in import receiving_hospital
from resolvers.context import RequestContext


async def event_log(context: RequestContext, *, first: int, after: str | None) -> Page[HospitalEvent]:
    """The events of the caller's hospital, the oldest first."""
    hospital_code, size, behind = receiving_hospital(context), page_size(first), sequence_behind(after)
    found = await events_behind(context.stores.sql, hospital_code, behind, size + 1)
    return page_of(
        found,
        size,
        continued=after is not None,
        cursor=lambda event: event.cursor,
        count=lambda: count_events(context.stores.sql, hospital_code),
    )


def watch_events(context: RequestContext, after: str | None) -> AsyncGenerator[HospitalEvent, None]:
    """Each event of the caller's hospital behind the cursor, then each as it happens."""
    return follow_events(context.stores, receiving_hospital(context), sequence_behind(after))


def order_id(event: HospitalEvent) -> str:
    """The order's global id."""
    return global_id(NodeKind.ORDER, event.order_id)


async def order_of(context: RequestContext, event: HospitalEvent) -> BookingOrder | None:
    """The order as it is now, which stays at its hospital for good."""
    return await context.loaders.order_by_id.load(event.order_id)

"""What an account's owner sees of their own waiting, and how it changes."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from datasources.live.changes import Change
from datasources.live.topics import orders_topic
from datasources.sql.booking_order import BookingOrder
from datasources.sql.booking_orders import BookingOrders
from datasources.sql.waitlist_entry import WaitlistEntry
from datasources.sql.waitlist_reads import Shown, WaitlistReads
from datasources.stores import Stores
from domain.clock import Clock
from domain.live.states import Seen, latest_states

SHOWN_AFTER_ITS_END = timedelta(days=30)
MOST_SHOWN = 100

_NONE = UUID(int=0)


@dataclass(frozen=True, slots=True)
class EntryView:
    """An entry, how many wait before it, and what became of it. Equal when a watcher would see no difference."""

    id: UUID
    state: str
    people_ahead: int | None
    """None unless it waits."""
    entry: WaitlistEntry = field(compare=False)
    order: BookingOrder | None = field(compare=False)


async def entries_of(stores: Stores, user_id: UUID, clock: Clock) -> list[EntryView]:
    """The account's entries, the latest first: all open ones, and those that ended not long ago."""
    async with stores.sql.read() as session:
        shown = await WaitlistReads(session).of_user(
            user_id, ended_since=clock() - SHOWN_AFTER_ITS_END, limit=MOST_SHOWN
        )
        made = [each.entry.order_id for each in shown if each.entry.order_id is not None]
        orders = await BookingOrders(session).by_ids(made) if made else {}
    return [_view(each, orders.get(each.entry.order_id or _NONE)) for each in shown]


async def own_entry(stores: Stores, user_id: UUID, id: UUID) -> EntryView | None:
    """The account's entry with this id; None if there is none or it is somebody else's."""
    async with stores.sql.read() as session:
        shown = await WaitlistReads(session).known(user_id, id)
        if shown is None:
            return None
        order_id = shown.entry.order_id
        return _view(shown, None if order_id is None else await BookingOrders(session).own(user_id, order_id))


def watch_entries(stores: Stores, user_id: UUID, clock: Clock) -> AsyncGenerator[list[EntryView], None]:
    """The account's entries now, then whenever they differ: an offer is made or ends, or the line moves up."""

    async def read(_changed: frozenset[type[Change]]) -> Seen[list[EntryView]]:
        entries = await entries_of(stores, user_id, clock)
        ends = [view.entry.offer_until for view in entries if view.entry.offer_until is not None]
        return Seen(entries, min(ends, default=None))

    return latest_states(stores, [orders_topic(user_id)], read, clock)


def _view(shown: Shown, order: BookingOrder | None) -> EntryView:
    return EntryView(shown.entry.id, shown.entry.state, shown.people_ahead, shown.entry, order)

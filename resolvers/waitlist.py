"""The waitlist as its people use it: joining, leaving, and taking what is offered."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from datasources.sql.booking_order import BookingOrder
from datasources.sql.booking_orders import BookingOrders
from domain.booking.follow_up import lapse_in_time
from domain.booking.placing import Placed
from domain.booking.refused import BookingRefusal
from domain.booking.waitlist.accepting import AcceptRequest, accept_offer
from domain.booking.waitlist.joining import Joined, JoinRequest, join_waitlist
from domain.booking.waitlist.leaving import leave_waitlist
from domain.booking.waitlist.refused import AlreadyWaiting, OfferEnded, TooManyWaits, WaitlistNotNeeded
from domain.booking.waitlist.rules import WaitlistEnd
from domain.booking.waitlist.views import EntryView, entries_of, watch_entries
from domain.booking.waitlist.views import own_entry as read_own_entry
from domain.callers import SignedInUser
from domain.global_id import NodeKind, node_reference
from domain.problems import NotFound
from resolvers import calendar
from resolvers.booking import schedule_key_of
from resolvers.context import RequestContext
from resolvers.patients import owner_of, patient_id_of


@dataclass(frozen=True, slots=True)
class WaitlistJoined:
    """The entry that was made, by this call or by the same one before."""

    entry: EntryView
    replayed: bool


@dataclass(frozen=True, slots=True)
class WaitlistLeft:
    """An entry that is over."""

    entry: EntryView


@dataclass(frozen=True, slots=True)
class OfferAccepted:
    """The order that an offer became, by this call or by one before."""

    order: BookingOrder
    replayed: bool


JoinAnswer = WaitlistJoined | BookingRefusal | WaitlistNotNeeded | AlreadyWaiting | TooManyWaits
LeaveAnswer = WaitlistLeft | NotFound
AcceptAnswer = OfferAccepted | BookingRefusal | OfferEnded


async def my_waitlist(context: RequestContext) -> list[EntryView]:
    """The caller's own entries."""
    return await entries_of(context.stores, owner_of(context).user_id, context.clock)


def watch_my_waitlist(context: RequestContext) -> AsyncGenerator[list[EntryView], None]:
    """The caller's own entries now, then whenever they differ."""
    return watch_entries(context.stores, owner_of(context).user_id, context.clock)


async def own_entry(context: RequestContext, key: str) -> EntryView | None:
    """The caller's own entry with this key; None for everybody else, as if there were none."""
    id = _uuid(key)
    if id is None or not isinstance(context.caller, SignedInUser):
        return None
    return await read_own_entry(context.stores, context.caller.user_id, id)


async def join(context: RequestContext, schedule_id: str, patient_id: str, key: str) -> JoinAnswer:
    """Let one of the caller's patients wait for a session."""
    owner = owner_of(context)
    patient, schedule = patient_id_of(patient_id), schedule_key_of(schedule_id)
    if patient is None or schedule is None:
        return NotFound()
    request = JoinRequest(owner.user_id, patient, schedule, key)
    joined = await join_waitlist(context.booking, request, context.clock())
    if not isinstance(joined, Joined):
        return joined
    entry = await read_own_entry(context.stores, owner.user_id, joined.entry_id)
    return NotFound() if entry is None else WaitlistJoined(entry, joined.replayed)


async def leave(context: RequestContext, entry_id: str) -> LeaveAnswer:
    """End one of the caller's own entries."""
    owner, id = owner_of(context), entry_id_of(entry_id)
    if id is None:
        return NotFound()
    left = await leave_waitlist(context.stores, context.booking.policy, owner.user_id, id, context.clock())
    entry = None if isinstance(left, NotFound) else await read_own_entry(context.stores, owner.user_id, id)
    return NotFound() if entry is None else WaitlistLeft(entry)


async def accept(context: RequestContext, entry_id: str, key: str, expected_fee: Decimal | None) -> AcceptAnswer:
    """Take the place that was offered to one of the caller's entries."""
    owner, id = owner_of(context), entry_id_of(entry_id)
    if id is None:
        return NotFound()
    request = AcceptRequest(owner.user_id, id, key, expected_fee)
    placed = await accept_offer(context.booking, request, context.clock())
    if not isinstance(placed, Placed):
        return placed
    async with context.stores.sql.read() as session:
        order = await BookingOrders(session).own(owner.user_id, placed.order_id)
    if order is None:
        return NotFound()
    await lapse_in_time(context.stores, order.id, order.lapses_at)
    return OfferAccepted(order, placed.replayed)


async def schedule_of(context: RequestContext, view: EntryView) -> calendar.Session | None:
    """The session, as it is now."""
    return await calendar.listed_session(context, view.entry.schedule_id)


def end_of(view: EntryView) -> WaitlistEnd | None:
    """Why it ended."""
    return None if view.entry.ended_because is None else WaitlistEnd(view.entry.ended_because)


def entry_id_of(id: str) -> UUID | None:
    """What an entry's global id names; None if it names something else."""
    reference = node_reference(id)
    return _uuid(reference.key) if reference.kind is NodeKind.WAITLIST_ENTRY else None


def _uuid(key: str) -> UUID | None:
    try:
        return UUID(key)
    except ValueError:
        return None

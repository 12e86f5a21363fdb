"""The waitlist (候补) as its people see it."""

import datetime as dt
from collections.abc import AsyncGenerator, Awaitable

import strawberry

from datasources.sql.waitlist_entry import WaitlistState
from domain.booking.waitlist.rules import WaitlistEnd
from domain.booking.waitlist.views import EntryView
from domain.global_id import NodeKind, global_id
from resolvers import nodes, waitlist
from schema import waitlist_problems as waitlist_problems
from schema.binding import Context, answers, described_enum, of, on, watches
from schema.node import Node
from schema.order import Order
from schema.permissions import IsUser
from schema.problems import record_of
from schema.schedule import Schedule
from schema.sharing import Sharing

described_enum(
    WaitlistEnd,
    "Why a waitlist entry ended without an order.",
    {
        "LEFT": "Its owner left before it was their turn.",
        "DECLINED": "Its owner declined the place.",
        "OFFER_LAPSED": "The place was not taken in time.",
        "BOOKING_CLOSED": "Booking of the session's date ended (停止挂号).",
        "SESSION_CLOSED": "The hospital closed the session to booking (停约).",
        "SESSION_WITHDRAWN": "The hospital withdrew the session (停诊).",
        "SESSION_MOVED": "The hospital gave the session another department, date or half-day.",
        "SESSION_REMOVED": "The hospital removed the session.",
        "PATIENT_CHANGED": "The patient was removed, or got another certificate.",
        "PATIENT_BANNED": "The patient was banned from booking when the turn came.",
        "ALREADY_BOOKED": "The patient had a number for the same department and half-day when the turn came.",
        "LIMIT_REACHED": "The patient had as many visits as anybody may have when the turn came.",
        "ACCOUNT_ERASED": "The account was erased.",
    },
)


@strawberry.federation.type(
    keys=["id"],
    description="One patient's place in line for a full session (候补). Only its owner finds it by `node(id:)`.",
)
class WaitlistEntry(Node):
    id: strawberry.ID = strawberry.field(
        resolver=of(lambda view: global_id(NodeKind.WAITLIST_ENTRY, view.id)), description="Global, opaque id."
    )
    state: WaitlistState = strawberry.field(
        resolver=of(lambda view: WaitlistState(view.state)), description="Where it stands."
    )
    schedule: Schedule | None = strawberry.field(
        resolver=on(waitlist.schedule_of), description="The session as it is now; null once it was removed."
    )
    patient_name: str = strawberry.field(
        resolver=of(lambda view: view.entry.masked_patient_name), description="The patient's name, masked: `张*`."
    )
    people_ahead: int | None = strawberry.field(
        description="How many wait before it: 0 is next in turn. Null unless it waits."
    )
    joined_at: dt.datetime = strawberry.field(
        resolver=of(lambda view: view.entry.joined_at), description="When it was made."
    )
    offered_at: dt.datetime | None = strawberry.field(
        resolver=of(lambda view: view.entry.offered_at), description="When a place was offered; null if none was."
    )
    offer_until: dt.datetime | None = strawberry.field(
        resolver=of(lambda view: view.entry.offer_until),
        description="Until when the offered place is held; null unless OFFERED.",
    )
    ended_at: dt.datetime | None = strawberry.field(
        resolver=of(lambda view: view.entry.ended_at), description="When it was over; null while it is open."
    )
    ended_because: WaitlistEnd | None = strawberry.field(
        resolver=of(waitlist.end_of), description="Why it ended without an order; null otherwise."
    )
    order: Order | None = strawberry.field(description="The order that it became; null unless ACCEPTED.")

    is_type_of = record_of(EntryView)

    @classmethod
    async def resolve_reference(cls, info: Context, id: strawberry.ID) -> object | None:
        return await nodes.node_of_kind(info.context, str(id), NodeKind.WAITLIST_ENTRY)


@strawberry.type
class WaitlistQuery:
    @answers(
        list[WaitlistEntry],
        "The caller's own waitlist entries, the latest first: all that are open, and those that ended in the last "
        "30 days; at most 100.",
        only=IsUser,
    )
    def my_waitlist(self, info: Context) -> Awaitable[list[EntryView]]:
        return waitlist.my_waitlist(info.context)


@strawberry.type
class WaitlistSubscription:
    @watches(
        list[WaitlistEntry],
        "The caller's own waitlist entries as `myWaitlist` answers them: at once, then whenever they differ, so that "
        "a page can tell that a place is offered. How many are ahead may be told up to half a minute late.",
        only=IsUser,
        sharing=Sharing.CALLER,
    )
    def my_waitlist(self, info: Context) -> AsyncGenerator[list[EntryView], None]:
        return waitlist.watch_my_waitlist(info.context)

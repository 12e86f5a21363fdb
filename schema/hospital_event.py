"""What hospitals learn of their orders: a log with cursors, and a subscription that goes on behind any of them."""

import datetime as dt
from collections.abc import AsyncGenerator, Awaitable
from typing import Annotated

import strawberry

from datasources.sql.booking_order import OrderState
from datasources.sql.slot_ledger import HalfDay
from domain.hospitals.events import HospitalEvent as HospitalEventRecord
from domain.hospitals.events import HospitalEventKind
from domain.page import Page
from domain.permissions import Permission
from resolvers import hospital_events
from schema.binding import After, Context, First, answers, described_enum, of, on, watches
from schema.connection import Connection
from schema.money import Money
from schema.order import Order
from schema.permissions import may_or_hospital_system
from schema.sharing import Sharing

described_enum(
    HospitalEventKind,
    "What happened to an order, as its hospital is told.",
    {
        "ORDER_PLACED": "A number was taken. Where the hospital answers orders, it answers this one.",
        "ORDER_CONFIRMED": "The hospital confirmed it.",
        "ORDER_REJECTED": "The hospital refused it; the number is for sale again.",
        "ORDER_PAID": "It was paid.",
        "ORDER_EXPIRED": "It was not answered or paid in time; the number is for sale again.",
        "ORDER_CANCELLED": "The patient gave the number back; it is for sale again.",
        "ORDER_WITHDRAWN": "It ended with its session, or the hospital or the platform cancelled it.",
        "ORDER_RESCHEDULED": "It moved to the session and number that the event names.",
        "ORDER_CHECKED_IN": "The patient is there.",
        "ORDER_COMPLETED": "The visit has taken place.",
        "ORDER_MISSED": "The patient did not come.",
        "ORDER_EXCUSED": "The patient counted as absent and was there after all.",
        "ORDER_REFUNDED": "The money was given back.",
    },
)


@strawberry.type(
    description="Something that happened to one of the hospital's orders. What it says is how the order stood right "
    "after it; `order` is how it is now. An event may come twice where a connection breaks: `sequence` tells."
)
class HospitalEvent:
    cursor: str = strawberry.field(
        description="Pass it as `after` to `hospitalEvents` or `hospitalEventLog` to go on behind this event."
    )
    sequence: int = strawberry.field(description="1, 2, 3, … within the hospital, without gaps.")
    kind: HospitalEventKind = strawberry.field(description="What happened.")
    at: dt.datetime = strawberry.field(description="When it happened.")
    by: str = strawberry.field(
        description="Who did it: `user`, `staff`, `hospital_system`, or `system` for the platform itself."
    )
    reason: str = strawberry.field(description="Why, as a code or in words; empty where nothing is to be said.")
    order_id: strawberry.ID = strawberry.field(
        resolver=of(hospital_events.order_id), description="Global id of the order."
    )
    order_number: str = strawberry.field(description="The order's sixteen digits.")
    state: OrderState = strawberry.field(description="Where the order stood after it.")
    department_code: str = strawberry.field(description="Code of the department.")
    external_id: str = strawberry.field(description="The hospital's own id of the session.")
    date: dt.date = strawberry.field(description="Date of the visit.")
    half_day: HalfDay = strawberry.field(description="Morning or afternoon.")
    number: int = strawberry.field(description="The queue number: the place in the session.")
    fee: Money = strawberry.field(description="What the number costs.")
    paid: Money = strawberry.field(description="What had been received for it and not given back.")
    order: Order | None = strawberry.field(resolver=on(hospital_events.order_of), description="The order as it is now.")


_receiving = may_or_hospital_system(Permission.RECEIVE_PATIENTS)


@strawberry.type
class HospitalEventQuery:
    @answers(
        Connection[HospitalEvent],
        "What happened to the orders of the caller's hospital, the oldest first; kept for 90 days. Its cursors are "
        "those of the subscription `hospitalEvents`.",
        only=_receiving,
    )
    def hospital_event_log(
        self, info: Context, first: First = 20, after: After = None
    ) -> Awaitable[Page[HospitalEventRecord]]:
        return hospital_events.event_log(info.context, first=first, after=after)


@strawberry.type
class HospitalEventSubscription:
    @watches(
        HospitalEvent,
        "What happens to the orders of the caller's hospital: every event behind the cursor, then each as it happens, "
        "in order and none left out. After a disconnect subscribe again with the cursor of the last event that was "
        "stored.",
        only=_receiving,
        sharing=Sharing.NOBODY,
    )
    def hospital_events(
        self,
        info: Context,
        after: Annotated[
            str | None,
            strawberry.argument(
                description="The cursor of the last event that the caller has; without it, from the oldest kept on."
            ),
        ] = None,
    ) -> AsyncGenerator[HospitalEventRecord, None]:
        return hospital_events.watch_events(info.context, after)

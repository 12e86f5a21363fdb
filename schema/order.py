"""Orders (预约单) as their owners, the hospitals and the staff read them."""

import datetime as dt
from collections.abc import Awaitable
from typing import Annotated

import strawberry

from datasources.sql.booking_order import BookingOrder, OrderState
from datasources.sql.slot_ledger import HalfDay
from domain.global_id import NodeKind, global_id
from domain.page import Page
from domain.permissions import Permission
from resolvers import check_in, nodes, orders
from resolvers import payments as money
from schema.binding import After, Context, First, answers, described_enum, of, on
from schema.connection import Connection
from schema.department import Department
from schema.hospital import Hospital
from schema.money import Money
from schema.node import Node
from schema.patient import Patient
from schema.payment import CancellationPreview, Payment, Refund
from schema.permissions import IsUser, may_or_hospital_system
from schema.schedule import Schedule

described_enum(
    OrderState,
    "Where an order stands.",
    {
        "PENDING_HOSPITAL": "The number is held; the hospital answers by `lapsesAt`.",
        "AWAITING_PAYMENT": "The number is held; it is to be paid by `lapsesAt`.",
        "PAID": "Paid, or free: the visit is booked.",
        "CHECKED_IN": "The patient is there (已取号).",
        "COMPLETED": "The visit has taken place.",
        "CANCELLED": "Given back, or withdrawn by the hospital or the platform; nothing is to be refunded.",
        "EXPIRED": "Not paid, or not answered by the hospital, in time.",
        "REJECTED": "The hospital refused it.",
        "REFUNDING": "Given back or withdrawn; the money is on its way back.",
        "REFUNDED": "The money was given back.",
        "NO_SHOW": "The patient did not come (爽约).",
    },
)


@strawberry.type(description="One step of an order.")
class OrderEvent:
    at: dt.datetime = strawberry.field(description="When it happened.")
    event: str = strawberry.field(description="What happened, as a code: PLACED, PAY, CANCEL, CHECK_IN, …")
    from_state: OrderState | None = strawberry.field(description="Where the order stood; null for the first step.")
    to_state: OrderState = strawberry.field(description="Where it stood afterwards.")
    actor_kind: str = strawberry.field(
        description="Who did it: `user`, `staff`, `hospital_system`, or `system` for the platform itself."
    )
    reason: str = strawberry.field(description="Why, as a code or in words; empty where nothing is to be said.")


@strawberry.federation.type(
    keys=["id"],
    description="The promise of one number of one session to one patient (预约单). Its owner finds it by `node(id:)`, "
    "as do the hospital and staff who read orders.",
)
class Order(Node):
    id: strawberry.ID = strawberry.field(
        resolver=of(lambda order: global_id(NodeKind.ORDER, order.id)), description="Global, opaque id."
    )
    order_number: str = strawberry.field(description="Sixteen digits, to read out and to type.")
    state: OrderState = strawberry.field(
        resolver=of(lambda order: OrderState(order.state)), description="Where it stands."
    )
    is_live: bool = strawberry.field(
        resolver=of(orders.is_live), description="Whether the visit is still to come or under way."
    )
    number: int = strawberry.field(description="The queue number: the place in the session.")
    date: dt.date = strawberry.field(resolver=of(lambda order: order.visit_date), description="Date of the visit.")
    half_day: HalfDay = strawberry.field(
        resolver=of(lambda order: HalfDay(order.half_day)), description="Morning or afternoon."
    )
    fee: Money = strawberry.field(resolver=of(orders.fee_of), description="What the number costs (医事服务费).")
    paid: Money = strawberry.field(
        resolver=of(orders.paid_of), description="What was received for it and not given back."
    )
    lapses_at: dt.datetime | None = strawberry.field(
        description="Until when it must be paid, or answered by the hospital; null when nobody has to do anything."
    )
    cancel_until: dt.datetime = strawberry.field(
        description="The latest time at which a paid number may be given back."
    )
    is_cancellable: bool = strawberry.field(
        resolver=on(orders.is_cancellable), description="Whether the patient may give the number back now."
    )
    due: Money = strawberry.field(
        resolver=on(money.due),
        description="What of the fee is still to be paid, by `payOrder`; zero while nothing is.",
    )
    refundable: Money = strawberry.field(
        resolver=on(money.refundable),
        description="What the patient would get back for cancelling now; zero once that is not possible any more.",
    )
    cancellation_preview: CancellationPreview = strawberry.field(
        resolver=on(money.cancellation_preview),
        description="What giving the number back now would mean for the money.",
    )
    payments: list[Payment] = strawberry.field(
        resolver=on(money.payments_of), description="The attempts to pay it, the newest first."
    )
    refunds: list[Refund] = strawberry.field(
        resolver=on(money.refunds_of), description="The money of it that went back or goes back, the newest first."
    )
    receipt_url: str | None = strawberry.field(
        resolver=on(money.receipt_url),
        description="Where the order's electronic bill can be opened and printed: a page on this server, by a link "
        "that holds for five minutes. Null but for the order's owner, and while nothing was paid.",
    )
    fetch_time: dt.datetime | None = strawberry.field(
        resolver=on(orders.fetch_time), description="When to be there, where the hospital gives each number its time."
    )
    fetch_address: str = strawberry.field(description="Where to check in.")
    hospital_record_id: str | None = strawberry.field(
        description="The hospital's own id of the order, once it has one."
    )
    hospital_code: str = strawberry.field(description="Code of the hospital.")
    department_code: str = strawberry.field(description="Code of the department.")
    hospital_name: str = strawberry.field(
        resolver=of(orders.text_of("hospital")), description="The hospital's name when it was booked."
    )
    hospital_address: str = strawberry.field(
        resolver=of(orders.text_of("hospital_address")), description="The hospital's address when it was booked."
    )
    department_name: str = strawberry.field(
        resolver=of(orders.text_of("department")), description="The department's name when it was booked."
    )
    doctor_name: str = strawberry.field(
        resolver=of(orders.text_of("doctor")), description="The doctor's name when it was booked."
    )
    doctor_title: str = strawberry.field(
        resolver=of(orders.text_of("title")), description="The doctor's title when it was booked."
    )
    patient_name: str = strawberry.field(
        resolver=of(lambda order: order.masked_patient_name), description="The patient's name, masked: `张*`."
    )
    patient: Patient | None = strawberry.field(
        resolver=on(orders.patient_of), description="The patient, for the order's owner; null once removed."
    )
    schedule: Schedule | None = strawberry.field(
        resolver=on(orders.schedule_of), description="The session as it is now."
    )
    hospital: Hospital | None = strawberry.field(
        resolver=on(orders.hospital_of), description="The hospital as it is now."
    )
    department: Department | None = strawberry.field(
        resolver=on(orders.department_of), description="The department as it is now."
    )
    history: list[OrderEvent] = strawberry.field(resolver=on(orders.history_of), description="Its steps, oldest first.")
    created_at: dt.datetime = strawberry.field(description="When the number was taken.")
    state_changed_at: dt.datetime = strawberry.field(description="When its state last changed.")
    checked_in_at: dt.datetime | None = strawberry.field(description="When the patient checked in.")
    check_in_opens: dt.datetime = strawberry.field(
        resolver=on(check_in.opens_at), description="The earliest time to check in."
    )
    check_in_closes: dt.datetime = strawberry.field(
        resolver=on(check_in.closes_at), description="The latest time to check in: the half-day's end."
    )
    check_in_code: str | None = strawberry.field(
        resolver=on(check_in.code),
        description="A text to show at the hospital, as a QR code. It says which order it is and holds until "
        "`checkInCloses`; nobody can make another. Null but for the order's owner, and when no visit is to come.",
    )
    check_in_qr_code: str | None = strawberry.field(
        resolver=on(check_in.picture),
        description="`checkInCode` as a QR picture: an SVG document with its margin.",
        metadata={"cost": 20},
    )
    people_ahead: int | None = strawberry.field(
        resolver=on(check_in.people_ahead),
        description="How many of those who are there are called earlier; 0 for whoever is called. Null unless "
        "CHECKED_IN.",
    )
    called_at: dt.datetime | None = strawberry.field(
        resolver=on(check_in.called_at), description="When the patient was called to the doctor, while CHECKED_IN."
    )
    room: str = strawberry.field(resolver=on(check_in.room), description="Where to wait; once called, where to go.")

    @classmethod
    def is_type_of(cls, value: object, info: Context) -> bool:
        return isinstance(value, BookingOrder)

    @classmethod
    async def resolve_reference(cls, info: Context, id: strawberry.ID) -> object | None:
        return await nodes.node_of_kind(info.context, str(id), NodeKind.ORDER)


@strawberry.input(description="Which orders to list; what is left out asks for nothing.")
class OrderFilter:
    patient_id: strawberry.ID | None = strawberry.field(default=None, description="Orders for this patient.")
    hospital_code: str | None = strawberry.field(default=None, description="Orders at this hospital.")
    department_code: str | None = strawberry.field(
        default=None, description="Orders in the department with this code; hospitals may have the same codes."
    )
    states: list[OrderState] | None = strawberry.field(default=None, description="Orders in one of these states.")
    from_date: dt.date | None = strawberry.field(default=None, description="Visits on this date or later.")
    to_date: dt.date | None = strawberry.field(default=None, description="Visits on this date or earlier.")
    text: str | None = strawberry.field(
        default=None, description="Part of the hospital's, department's or doctor's name, or the whole order number."
    )

    def wanted(self) -> orders.OrderFilter:
        """As the resolvers read it."""
        return orders.OrderFilter(
            patient_id=None if self.patient_id is None else str(self.patient_id),
            hospital_code=self.hospital_code,
            department_code=self.department_code,
            states=self.states,
            first_date=self.from_date,
            last_date=self.to_date,
            text=self.text,
        )


Filter = Annotated[
    OrderFilter | None, strawberry.argument(description="Which orders to list; without it, all of them.")
]


@strawberry.type
class OrderQuery:
    @answers(Connection[Order], "The caller's own orders, the newest first.", only=IsUser)
    def my_orders(
        self, info: Context, filter: Filter = None, first: First = 20, after: After = None
    ) -> Awaitable[Page[BookingOrder]]:
        wanted = (filter or OrderFilter()).wanted()
        return orders.my_orders(info.context, wanted, first=first, after=after)

    @answers(
        Connection[Order],
        "Orders for those who work with them, the newest first: the platform's staff see all, a hospital's staff and "
        "its system those of their hospital.",
        only=may_or_hospital_system(Permission.READ_ORDERS),
    )
    def orders(
        self,
        info: Context,
        filter: Filter = None,
        user_id: Annotated[
            strawberry.ID | None, strawberry.argument(description="Orders of this account only.")
        ] = None,
        first: First = 20,
        after: After = None,
    ) -> Awaitable[Page[BookingOrder]]:
        wanted = (filter or OrderFilter()).wanted()
        user = None if user_id is None else str(user_id)
        return orders.orders(info.context, wanted, user_id=user, first=first, after=after)

"""Orders as their owners, the hospitals and the staff read them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from datasources.keys import department_key
from datasources.mongo.documents import DepartmentDocument, HospitalDocument
from datasources.sql.booking_order import LIVE, BookingOrder, OrderState
from datasources.sql.booking_order_reads import BookingOrderReads, OrderCriteria
from datasources.sql.booking_orders import BookingOrders
from datasources.sql.order_event import OrderEventRow
from datasources.sql.patient import Patients
from domain.booking.fetch_times import fetch_time_of
from domain.callers import HospitalSystem, SignedInUser, StaffMember
from domain.global_id import NodeKind, node_reference
from domain.money import Money
from domain.page import Page
from domain.patients.views import PatientView, view_of
from domain.permissions import Permission
from resolvers import calendar
from resolvers.context import RequestContext
from resolvers.listing import by_id, sql_page
from resolvers.patients import owner_of, patient_id_of, today
from resolvers.staff_callers import may, staff_with

UNPAID = (OrderState.PENDING_HOSPITAL, OrderState.AWAITING_PAYMENT)


@dataclass(frozen=True, slots=True)
class OrderFilter:
    """What the caller looks for; None asks for nothing."""

    patient_id: str | None = None
    hospital_code: str | None = None
    department_code: str | None = None
    states: list[OrderState] | None = None
    first_date: date | None = None
    last_date: date | None = None
    text: str | None = None


async def my_orders(
    context: RequestContext, wanted: OrderFilter, *, first: int, after: str | None
) -> Page[BookingOrder]:
    """The caller's own orders, the newest first."""
    return await _page(context, "myOrders", wanted, first, after, user_id=owner_of(context).user_id)


async def orders(
    context: RequestContext, wanted: OrderFilter, *, user_id: str | None, first: int, after: str | None
) -> Page[BookingOrder]:
    """Orders for those who work with them: the platform's staff see all, a hospital's staff and system its own."""
    own = _own_hospital(context)
    reference = None if user_id is None else node_reference(user_id)
    user = None if reference is None else _uuid(reference.key) if reference.kind is NodeKind.USER else NOBODY
    return await _page(context, "orders", wanted, first, after, user_id=user or (NOBODY if user_id else None), own=own)


async def known_order(context: RequestContext, key: str) -> BookingOrder | None:
    """The order with this key, if it is the caller's to know: as its owner, its hospital, or staff who read orders."""
    id = _uuid(key)
    if id is None:
        return None
    async with context.stores.sql.read() as session:
        match context.caller:
            case SignedInUser(user_id=user_id):
                return await BookingOrders(session).own(user_id, id)
            case HospitalSystem(hospital_code=hospital_code):
                return await BookingOrders(session).of_hospital(hospital_code, id)
            case StaffMember() as staff if may(staff, Permission.READ_ORDERS):
                if staff.hospital_code is not None:
                    return await BookingOrders(session).of_hospital(staff.hospital_code, id)
                return await BookingOrders(session).get(id)
            case _:
                return None


def order_id_of(id: str) -> UUID | None:
    """What an order's global id names; None if it names something else."""
    reference = node_reference(id)
    return _uuid(reference.key) if reference.kind is NodeKind.ORDER else None


async def history_of(context: RequestContext, order: BookingOrder) -> list[OrderEventRow]:
    """The order's steps, oldest first."""
    return await context.loaders.history_by_order.load(order.id) or []


async def patient_of(context: RequestContext, order: BookingOrder) -> PatientView | None:
    """The patient, for the owner alone; None once the patient was removed."""
    caller = context.caller
    if not isinstance(caller, SignedInUser) or caller.user_id != order.user_id:
        return None
    async with context.stores.sql.read() as session:
        row = await Patients(session).own(caller.user_id, order.patient_id)
    return None if row is None else view_of(context.ring, row, today(context), by_owner=True)


async def schedule_of(context: RequestContext, order: BookingOrder) -> calendar.Session | None:
    """The session, as it is now."""
    return await calendar.listed_session(context, order.schedule_id)


async def hospital_of(context: RequestContext, order: BookingOrder) -> HospitalDocument | None:
    """The hospital, as it is now."""
    return await context.loaders.hospital_by_code.load(order.hospital_code)


async def department_of(context: RequestContext, order: BookingOrder) -> DepartmentDocument | None:
    """The department, as it is now."""
    return await context.loaders.department_by_id.load(department_key(order.hospital_code, order.department_code))


def fetch_time(context: RequestContext, order: BookingOrder) -> datetime | None:
    """When the order's holder is wanted."""
    return fetch_time_of(order, context.zone)


def is_cancellable(context: RequestContext, order: BookingOrder) -> bool:
    """Whether the patient may give the number back now. What is unpaid may be given back at any time."""
    state = OrderState(order.state)
    return state in UNPAID or (state is OrderState.PAID and context.clock() <= order.cancel_until)


def fee_of(order: BookingOrder) -> Money:
    """What the number costs."""
    return Money(Decimal(order.fee))


def paid_of(order: BookingOrder) -> Money:
    """What was received and not given back."""
    return Money(Decimal(order.paid_amount))


def is_live(order: BookingOrder) -> bool:
    """Whether the visit is still to come or under way."""
    return order.state in LIVE


def text_of(key: str) -> Callable[[BookingOrder], str]:
    """Reads one of the words that the order kept."""

    def read(order: BookingOrder) -> str:
        return str(order.texts.get(key, ""))

    return read


NOBODY = UUID(int=0)
"""An account that no order has: a filter by something that is no user finds nothing."""


def _own_hospital(context: RequestContext) -> str | None:
    caller = context.caller
    if isinstance(caller, HospitalSystem):
        return caller.hospital_code
    return staff_with(context, Permission.READ_ORDERS).hospital_code


async def _page(
    context: RequestContext,
    list_name: str,
    wanted: OrderFilter,
    first: int,
    after: str | None,
    *,
    user_id: UUID | None = None,
    own: str | None = None,
) -> Page[BookingOrder]:
    text = wanted.text.strip() if wanted.text else None
    patient = None if wanted.patient_id is None else (patient_id_of(wanted.patient_id) or NOBODY)
    elsewhere = own is not None and wanted.hospital_code not in (None, own)
    criteria = OrderCriteria(
        user_id=NOBODY if elsewhere else user_id,
        hospital_code=own or wanted.hospital_code,
        department_code=wanted.department_code,
        patient_id=patient,
        states=wanted.states,
        first_date=wanted.first_date,
        last_date=wanted.last_date,
        text=text or None,
    )
    return await sql_page(
        context,
        by_id(list_name, lambda order: order.id),
        first,
        after,
        read=lambda session, behind, limit: BookingOrderReads(session).page(criteria, behind, limit),
        count=lambda session: BookingOrderReads(session).count(criteria),
    )


def _uuid(key: str) -> UUID | None:
    try:
        return UUID(key)
    except ValueError:
        return None

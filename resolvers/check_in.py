"""Checking in: by the order's owner, and at the hospital's counter."""

from datetime import datetime

from datasources.sql.booking_order import BookingOrder, OrderState
from datasources.sql.session_queues import QueuePlace
from datasources.sql.slot_ledger import HalfDay
from domain.booking.check_in import CheckedIn, CheckInAnswer, check_in_own
from domain.booking.check_in_code import check_in_code
from domain.booking.counter_check_in import (
    CertificateAnswer,
    CodeAnswer,
    Counter,
    check_in_by_certificate,
    check_in_by_code,
)
from domain.booking.deadlines import check_in_opens, half_day_ends
from domain.callers import HospitalSystem, SignedInUser
from domain.language import Words
from domain.permissions import Permission
from domain.problems import NotFound
from domain.refusals import Refusal, RefusalCode
from resolvers.audit import actor
from resolvers.context import RequestContext
from resolvers.orders import order_id_of
from resolvers.patients import owner_of
from resolvers.qr_picture import qr_picture
from resolvers.staff_callers import staff_with

QR_MARGIN = 4
"""Modules; ISO/IEC 18004 asks for four."""

_OF_A_HOSPITAL = Words("此操作只供医院的工作人员使用。", "Only a hospital's own staff may do this.")


async def check_in(context: RequestContext, order_id: str) -> CheckInAnswer:
    """Check in the caller's own order."""
    owner, id = owner_of(context), order_id_of(order_id)
    if id is None:
        return NotFound()
    return await check_in_own(context.stores.sql, context.booking.policy, actor(context), owner.user_id, id)


async def by_code(context: RequestContext, code: str) -> CodeAnswer:
    """Check in an order of the caller's hospital by its QR code or number."""
    return await check_in_by_code(_counter(context), code)


async def by_certificate(context: RequestContext, kind: str, number: str) -> CertificateAnswer:
    """Check in what a patient has at the caller's hospital today."""
    return await check_in_by_certificate(_counter(context), kind, number)


def receiving_hospital(context: RequestContext) -> str:
    """The hospital whose patients the caller receives. Refused (FORBIDDEN) for staff of none."""
    caller = context.caller
    if isinstance(caller, HospitalSystem):
        return caller.hospital_code
    code = staff_with(context, Permission.RECEIVE_PATIENTS).hospital_code
    if code is None:
        raise Refusal(RefusalCode.FORBIDDEN, _OF_A_HOSPITAL)
    return code


async def place_of(context: RequestContext, order: BookingOrder) -> QueuePlace | None:
    """How the order stands in its session's queue; None before it is checked in and after the visit."""
    if order.state != OrderState.CHECKED_IN:
        return None
    return await context.loaders.queue_place_by_order.load(order.id)


async def people_ahead(context: RequestContext, order: BookingOrder) -> int | None:
    """How many are called earlier."""
    place = await place_of(context, order)
    return None if place is None else place.ahead


async def called_at(context: RequestContext, order: BookingOrder) -> datetime | None:
    """When the patient was called."""
    place = await place_of(context, order)
    return None if place is None else place.called_at


async def room(context: RequestContext, order: BookingOrder) -> str:
    """Where to wait, or where the patient is called to."""
    place = await place_of(context, order)
    return (place.room if place else "") or order.fetch_address


def opens_at(context: RequestContext, order: BookingOrder) -> datetime:
    """The earliest time to check in."""
    return check_in_opens(order.visit_date, context.booking.policy)


def closes_at(context: RequestContext, order: BookingOrder) -> datetime:
    """The latest time to check in."""
    return half_day_ends(order.visit_date, HalfDay(order.half_day), context.booking.policy)


def code(context: RequestContext, order: BookingOrder) -> str | None:
    """The text to show at the hospital: for the order's owner alone, while there is a visit to come."""
    caller = context.caller
    if not isinstance(caller, SignedInUser) or caller.user_id != order.user_id:
        return None
    if order.state not in (OrderState.PAID, OrderState.CHECKED_IN):
        return None
    return check_in_code(context.ring, order.id, closes_at(context, order))


def picture(context: RequestContext, order: BookingOrder) -> str | None:
    """The same as a QR picture."""
    text = code(context, order)
    return None if text is None else qr_picture(text, QR_MARGIN)


def answered_room(answer: CheckedIn) -> str:
    """Where to wait, or where the patient is called to."""
    return (answer.place.room if answer.place else "") or answer.order.fetch_address


def _counter(context: RequestContext) -> Counter:
    hospital_code = receiving_hospital(context)
    return Counter(context.stores, context.ring, context.booking.policy, hospital_code, actor(context))

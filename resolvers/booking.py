"""Booking: what taking a number would mean, and taking it."""

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from datasources.sql.booking_order import BookingOrder
from datasources.sql.booking_orders import BookingOrders
from domain.booking.desk import BookingRequest
from domain.booking.placing import Placed, place_order
from domain.booking.preview import BookingPreview, preview_order
from domain.booking.refused import BookingRefusal
from domain.global_id import NodeKind, node_reference
from domain.identity.login_codes import (
    CodePurpose,
    CodeSent,
    Proof,
    TooManyCodes,
    TooManyTries,
    WrongCode,
)
from domain.identity.sessions import SessionEnded
from domain.money import Money
from domain.problems import FieldProblem, InvalidInput, NotFound
from resolvers import calendar
from resolvers.context import RequestContext
from resolvers.own_phone import own_phone, prove_own_code, send_own_code
from resolvers.patients import owner_of, patient_id_of
from resolvers.sign_in import proof_of


@dataclass(frozen=True, slots=True)
class GivenCode:
    """A fresh code as it came."""

    challenge_id: str
    code: str


@dataclass(frozen=True, slots=True)
class GivenOrder:
    """What is to be booked, as it came."""

    patient_id: str
    schedule_id: str
    idempotency_key: str
    expected_fee: Decimal | None
    fresh_code: GivenCode | None


@dataclass(frozen=True, slots=True)
class OrderPlaced:
    """The order that was made, by this call or by the same one before."""

    order: BookingOrder
    replayed: bool


Unproved = WrongCode | TooManyTries | SessionEnded
CreateAnswer = OrderPlaced | BookingRefusal | Unproved
PreviewAnswer = BookingPreview | BookingRefusal
CodeAnswer = CodeSent | NotFound | TooManyCodes | SessionEnded


async def preview(context: RequestContext, patient_id: str, schedule_id: str) -> PreviewAnswer:
    """What booking the session for one of the caller's patients would mean now."""
    patient, schedule = patient_id_of(patient_id), schedule_key_of(schedule_id)
    if patient is None or schedule is None:
        return NotFound()
    return await preview_order(context.booking, owner_of(context).user_id, patient, schedule, context.clock())


async def create(context: RequestContext, given: GivenOrder) -> CreateAnswer:
    """Take a number of the session for one of the caller's patients."""
    owner = owner_of(context)
    patient, schedule = patient_id_of(given.patient_id), schedule_key_of(given.schedule_id)
    if patient is None or schedule is None:
        return NotFound()
    proof = None if given.fresh_code is None else proof_of(given.fresh_code.challenge_id, given.fresh_code.code)
    if isinstance(proof, FieldProblem):
        return InvalidInput([proof])
    request = BookingRequest(owner.user_id, patient, schedule, given.idempotency_key, given.expected_fee)
    now = context.clock()
    placed: Placed | CreateAnswer
    if proof is None:
        placed = await place_order(context.booking, request, now)
    else:
        fresh = proof
        placed = await place_order(context.booking, request, now, lambda: _prove(context, owner.user_id, fresh))
    if not isinstance(placed, Placed):
        return placed
    order = placed.order
    if order is None:
        async with context.stores.sql.read() as session:
            order = await BookingOrders(session).own(owner.user_id, placed.order_id)
    return NotFound() if order is None else OrderPlaced(order, placed.replayed)


async def request_code(context: RequestContext, schedule_id: str) -> CodeAnswer:
    """Send the caller's own phone a code for the next order, where one is asked for."""
    if schedule_key_of(schedule_id) is None:
        return NotFound()
    return await send_own_code(context, owner_of(context).user_id, CodePurpose.BOOKING)


def schedule_key_of(id: str) -> str | None:
    """What a schedule's global id names; None if it names something else."""
    reference = node_reference(id)
    return reference.key if reference.kind is NodeKind.SCHEDULE else None


async def previewed_session(context: RequestContext, preview: BookingPreview) -> calendar.Session | None:
    """The session that was asked about."""
    return await calendar.listed_session(context, preview.schedule_id)


def previewed_fee(preview: BookingPreview) -> Money:
    """What it would cost."""
    return Money(preview.fee)


async def _prove(
    context: RequestContext, user_id: UUID, proof: Proof
) -> WrongCode | TooManyTries | SessionEnded | None:
    phone = await own_phone(context, user_id)
    return SessionEnded() if phone is None else await prove_own_code(context, phone, CodePurpose.BOOKING, proof)

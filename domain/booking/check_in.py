"""Checking in (取号): on the day of the visit, the patient takes a place in the session's queue."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from datasources.sql.booking_order import BookingOrder, OrderState
from datasources.sql.booking_orders import BookingOrders
from datasources.sql.database import Database
from datasources.sql.queue_entry import QueueEntry
from datasources.sql.session_queues import Queued, QueuePlace, SessionQueues
from datasources.sql.slot_ledger import HalfDay
from domain.audit.actor import Actor
from domain.booking.deadlines import check_in_opens, half_day_ends
from domain.booking.order_states import OrderStep
from domain.booking.policy import BookingPolicy
from domain.booking.queue_order import Waiting, arrival_index, is_late
from domain.booking.transitions import take_step
from domain.problems import NotFound


@dataclass(frozen=True, slots=True)
class CheckedIn:
    """The order is checked in, by this call or before."""

    order: BookingOrder
    place: QueuePlace | None
    """None: it was checked in before there was a queue."""


@dataclass(frozen=True, slots=True)
class CheckInNotOpen:
    """It is too early."""

    opens_at: datetime


@dataclass(frozen=True, slots=True)
class CheckInClosed:
    """The half-day of the visit is over, or the code's time is."""

    closed_at: datetime


@dataclass(frozen=True, slots=True)
class NotPaid:
    """The order waits for its payment, or for the hospital's word before it."""

    state: OrderState
    lapses_at: datetime | None


@dataclass(frozen=True, slots=True)
class OrderEnded:
    """The order was cancelled, rejected, or let lapse: its number is no longer the patient's."""

    state: OrderState


CheckInRefusal = CheckInNotOpen | CheckInClosed | NotPaid | OrderEnded
CheckInAnswer = CheckedIn | CheckInRefusal | NotFound


async def check_in_own(
    sql: Database, policy: BookingPolicy, actor: Actor, user_id: UUID, order_id: UUID
) -> CheckInAnswer:
    """Check in an order of the account's own. Once more answers the same, with whoever is ahead by then."""
    async with sql.unit_of_work() as session:
        order = await BookingOrders(session).own(user_id, order_id, for_change=True)
        return NotFound() if order is None else await check_in(session, policy, actor, order, by="owner")


async def check_in(
    session: AsyncSession, policy: BookingPolicy, actor: Actor, order: BookingOrder, *, by: str
) -> CheckedIn | CheckInRefusal:
    """Check in this order, whose row the caller's transaction holds. `by` is what identified it, for its history."""
    queues = SessionQueues(session)
    if order.checked_in_at is not None and order.state in (OrderState.CHECKED_IN, OrderState.COMPLETED):
        return CheckedIn(order, (await queues.places([order.id])).get(order.id))
    refusal = check_in_refusal(order, policy, actor.now)
    if refusal is not None:
        return refusal
    changed = await take_step(
        session, order, OrderStep.CHECK_IN, actor, detail={"by": by}, values={"checked_in_at": actor.now}
    )
    await queues.lock(changed.schedule_id)
    await queues.add(_entry(changed, await queues.of_session(changed.schedule_id), actor.now))
    return CheckedIn(changed, (await queues.places([changed.id]))[changed.id])


def check_in_refusal(order: BookingOrder, policy: BookingPolicy, now: datetime) -> CheckInRefusal | None:
    """Why this order can't be checked in now; None if it can."""
    state, half_day = OrderState(order.state), HalfDay(order.half_day)
    opens_at = check_in_opens(order.visit_date, policy)
    closes_at = half_day_ends(order.visit_date, half_day, policy)
    match state:
        case OrderState.PENDING_HOSPITAL | OrderState.AWAITING_PAYMENT:
            return NotPaid(state, order.lapses_at)
        case OrderState.NO_SHOW | OrderState.COMPLETED | OrderState.CHECKED_IN:
            return CheckInClosed(closes_at)
        case OrderState.PAID:
            if now < opens_at:
                return CheckInNotOpen(opens_at)
            # As with every stop of booking: at the very second it is still open.
            return CheckInClosed(closes_at) if now > closes_at else None
        case _:
            return OrderEnded(state)


def _entry(order: BookingOrder, queued: list[Queued], now: datetime) -> QueueEntry:
    passed = max((each.number for each in queued if each.times_called > 0 and not each.late), default=0)
    late = is_late(order.number, passed)
    waiting = those_waiting(queued)
    index = arrival_index([as_waiting(each) for each in waiting], order.number, late=late)
    return QueueEntry(
        order_id=order.id,
        schedule_id=order.schedule_id,
        number=order.number,
        place=place_before(queued, waiting, index),
        late=late,
        arrived_at=now,
    )


def those_waiting(queued: list[Queued]) -> list[Queued]:
    """Those of a session's queue who wait to be called, in order."""
    return [each for each in queued if each.called_at is None and each.order_state == OrderState.CHECKED_IN]


def as_waiting(queued: Queued) -> Waiting:
    """What the order of the queue depends on."""
    return Waiting(queued.number, queued.late, queued.times_called)


def place_before(queued: list[Queued], waiting: list[Queued], index: int) -> int:
    """The place of whoever is called before the one at `index` of those who wait."""
    return waiting[index].place if index < len(waiting) else max((each.place for each in queued), default=-1) + 1

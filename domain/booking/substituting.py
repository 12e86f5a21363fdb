"""Telling whoever booked with one doctor that another will be there: each once, a batch per transaction. A worker that
dies is followed by the next. The number may be given back, paid in full, until the half-day ends."""

from datetime import datetime, timedelta

from sqlmodel.ext.asyncio.session import AsyncSession

from datasources.sql.booking_order import BookingOrder
from datasources.sql.booking_orders import BookingOrders
from datasources.sql.database import Database
from datasources.sql.doctor_substitution import DoctorSubstitution, DoctorSubstitutions
from datasources.sql.order_event import OrderEventRow
from datasources.sql.slot_ledger import HalfDay, ScheduleStatus
from datasources.sql.slot_ledger_pushes import SlotLedgerPushes
from domain.audit.actor import Actor
from domain.booking.deadlines import half_day_ends
from domain.booking.policy import BookingPolicy
from domain.live.changes import note_order_change
from domain.messages.kinds import MessageKind
from domain.messages.of_order import about_order
from domain.messages.telling import tell_many

EVENT = "DOCTOR_SUBSTITUTED"
BATCH = 200
MOST_SESSIONS = 1_000
LOOKED_AFTER = timedelta(minutes=2)
"""So long after the push somebody may still have booked by the texts as they were."""


async def tell_of_substitutions(database: Database, policy: BookingPolicy, now: datetime) -> int:
    """Tell every holder of a session that another doctor holds now; how many were told."""
    async with database.read() as session:
        substitutions = await DoctorSubstitutions(session).all(MOST_SESSIONS)
    told = 0
    for substitution in substitutions:
        while some := await _tell_some(database, policy, substitution, now):
            told += some
        if substitution.noted_at + LOOKED_AFTER <= now:
            async with database.unit_of_work() as session:
                await DoctorSubstitutions(session).forget(substitution)
    return told


async def _tell_some(database: Database, policy: BookingPolicy, substitution: DoctorSubstitution, now: datetime) -> int:
    async with database.unit_of_work() as session:
        substitutions = DoctorSubstitutions(session)
        orders = await substitutions.take_holders(substitution, BATCH)
        if not orders:
            return 0
        ledger = (await SlotLedgerPushes(session).lock([substitution.schedule_id]))[substitution.schedule_id]
        # Holders of a withdrawn session are told that; and what was noted anew since is for the next run.
        if ledger.status == ScheduleStatus.WITHDRAWN or not await substitutions.stands(substitution):
            return 0
        until = half_day_ends(ledger.visit_date, HalfDay(ledger.half_day), policy)
        await substitutions.rename([order.id for order in orders], substitution, until)
        await _tell(session, orders, substitution, until, now)
        return len(orders)


async def _tell(
    session: AsyncSession,
    orders: list[BookingOrder],
    substitution: DoctorSubstitution,
    until: datetime,
    now: datetime,
) -> None:
    actor = Actor.system("tell_of_substitutions", now)
    events, messages = [], []
    for order in orders:
        before = str(order.texts.get("doctor", ""))
        events.append(
            OrderEventRow(
                order_id=order.id,
                at=now,
                event=EVENT,
                from_state=order.state,
                to_state=order.state,
                actor_kind=actor.kind,
                actor_id=actor.id,
                detail={"from": before, "to": substitution.doctor},
            )
        )
        occasion = f"{substitution.noted_at.isoformat()}:{before}"
        new = {
            "doctor": substitution.doctor,
            "title": substitution.title,
            "cancel_until": max(order.cancel_until, until).isoformat(),
            "former_doctor": before,
        }
        messages.append(about_order(MessageKind.DOCTOR_SUBSTITUTED, order, occasion, **new))
        note_order_change(session, order.user_id, order.id)
    await BookingOrders(session).add_events(events)
    await tell_many(session, messages, now)

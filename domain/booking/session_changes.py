"""Telling whoever booked a session that another doctor will be there (替诊), or that they are wanted at another time:
each once, a batch per transaction. A worker that dies is followed by the next. The number may be given back, paid in
full, until the half-day ends."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlmodel.ext.asyncio.session import AsyncSession

from datasources.sql.booking_order import BookingOrder
from datasources.sql.booking_orders import BookingOrders
from datasources.sql.database import Database
from datasources.sql.order_event import OrderEventRow
from datasources.sql.session_change import SessionChange, SessionChanges
from datasources.sql.slot_ledger import HalfDay, ScheduleStatus
from datasources.sql.slot_ledger_pushes import SlotLedgerPushes
from domain.audit.actor import Actor
from domain.booking.deadlines import half_day_ends
from domain.booking.fetch_times import fetch_time, fetch_time_of
from domain.booking.policy import BookingPolicy
from domain.live.changes import note_order_change
from domain.messages.kinds import MessageKind
from domain.messages.of_order import about_order
from domain.messages.telling import Message, tell_many

BATCH = 200
MOST_SESSIONS = 1_000
LOOKED_AFTER = timedelta(minutes=2)
"""So long after the push somebody may still have booked by the texts as they were."""


async def tell_of_session_changes(database: Database, policy: BookingPolicy, now: datetime) -> int:
    """Tell every holder of a session how it is now; how many orders were looked after."""
    async with database.read() as session:
        changes = await SessionChanges(session).all(MOST_SESSIONS)
    told = 0
    for change in changes:
        while some := await _tell_some(database, policy, change, now):
            told += some
        if change.noted_at + LOOKED_AFTER <= now:
            async with database.unit_of_work() as session:
                await SessionChanges(session).forget(change)
    return told


async def _tell_some(database: Database, policy: BookingPolicy, change: SessionChange, now: datetime) -> int:
    async with database.unit_of_work() as session:
        changes = SessionChanges(session)
        orders = await changes.take_holders(change, BATCH)
        if not orders:
            return 0
        ledger = (await SlotLedgerPushes(session).lock([change.schedule_id]))[change.schedule_id]
        # Holders of a withdrawn session are told that; and what was noted anew since is for the next run.
        if ledger.status == ScheduleStatus.WITHDRAWN or not await changes.stands(change):
            return 0
        until = half_day_ends(ledger.visit_date, HalfDay(ledger.half_day), policy)
        await changes.rewrite([order.id for order in orders], until)
        await _tell(session, policy, orders, change, until, now)
        return len(orders)


async def _tell(
    session: AsyncSession,
    policy: BookingPolicy,
    orders: list[BookingOrder],
    change: SessionChange,
    until: datetime,
    now: datetime,
) -> None:
    actor = Actor.system("tell_of_session_changes", now)
    events: list[OrderEventRow] = []
    messages: list[Message] = []
    for order in orders:
        common = {
            "doctor": change.doctor,
            "title": change.title,
            "cancel_until": max(order.cancel_until, until).isoformat(),
        }
        for kind, (before, after, words) in _differences(policy, order, change).items():
            events.append(
                OrderEventRow(
                    order_id=order.id,
                    at=now,
                    event=kind,
                    from_state=order.state,
                    to_state=order.state,
                    actor_kind=actor.kind,
                    actor_id=actor.id,
                    detail={"from": before, "to": after},
                )
            )
            occasion = f"{change.noted_at.isoformat()}:{before}"
            messages.append(about_order(kind, order, occasion, **common, **words))
        note_order_change(session, order.user_id, order.id)
    await BookingOrders(session).add_events(events)
    await tell_many(session, messages, now)


def _differences(
    policy: BookingPolicy, order: BookingOrder, change: SessionChange
) -> Mapping[MessageKind, tuple[str, str, Mapping[str, str]]]:
    """What is to be told of, as it was and as it is, and what the message says of it besides."""
    found: dict[MessageKind, tuple[str, str, Mapping[str, str]]] = {}
    doctor = str(order.texts.get("doctor", ""))
    if doctor != change.doctor:
        found[MessageKind.DOCTOR_SUBSTITUTED] = (doctor, change.doctor, {"former_doctor": doctor})
    before = fetch_time_of(order, policy.zone)
    after = order.fetch_time or fetch_time(change.slices, order.number, order.visit_date, policy.zone)
    # Where the slices were cut anew around it, a number's own time may well have stayed.
    if after is not None and after != before:
        was = "" if before is None else before.isoformat()
        found[MessageKind.VISIT_TIME_CHANGED] = (was, after.isoformat(), {"fetch_time": after.isoformat()})
    return found

"""Visits to which nobody came (爽约): marked after the half-day, counted by person and calendar year of the visit."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession
from uuid_utils.compat import uuid7

from datasources.sql.audit_entry import AuditLog
from datasources.sql.booking_ban import BookingBan
from datasources.sql.booking_bans import BookingBans
from datasources.sql.booking_order import BookingOrder, OrderState
from datasources.sql.database import Database
from datasources.sql.ledger_functions import lock_person
from datasources.sql.order_sweeps import DueOrder, MissedVisit, OrderSweeps
from datasources.sql.slot_ledger import HalfDay, ScheduleStatus
from datasources.sql.slot_ledger_reads import SlotLedgerReads
from domain.audit.actor import Actor
from domain.booking.deadlines import half_day_ends
from domain.booking.order_states import OrderStep
from domain.booking.policy import BookingPolicy
from domain.booking.sweeping import move_each
from domain.booking.transitions import take_step
from domain.messages.of_account import tell_of_ban


async def mark_missed_visits(database: Database, policy: BookingPolicy, now: datetime) -> int:
    """Mark every paid order whose half-day is over; how many were marked."""
    today = now.astimezone(policy.zone).date()
    # At the very second of its end a half-day is still open: who checks in at that second has come.
    over = [str(half) for half in HalfDay if half_day_ends(today, half, policy) < now]

    async def read(besides: Sequence[UUID], limit: int) -> list[MissedVisit]:
        async with database.read() as session:
            return await OrderSweeps(session).missed(today, over, besides, limit)

    async def mark(missed: MissedVisit) -> bool:
        async with database.unit_of_work() as session:
            return await mark_missed_visit(session, policy, missed, Actor.system("mark_no_shows", now))

    return await move_each(read, mark)


async def complete_visits(database: Database, policy: BookingPolicy, now: datetime) -> int:
    """Complete the orders of earlier days whose patient checked in; how many there were."""
    today = now.astimezone(policy.zone).date()

    async def read(besides: Sequence[UUID], limit: int) -> list[DueOrder]:
        async with database.read() as session:
            return await OrderSweeps(session).still_checked_in(today, besides, limit)

    async def complete(due: DueOrder) -> bool:
        async with database.unit_of_work() as session:
            order = await OrderSweeps(session).take(due.id)
            if order is None or order.state != OrderState.CHECKED_IN:
                return False
            actor = Actor.system("complete_visits", now)
            await take_step(session, order, OrderStep.COMPLETE, actor, reason="DAY_OVER")
            return True

    return await move_each(read, complete)


async def mark_missed_visit(session: AsyncSession, policy: BookingPolicy, missed: MissedVisit, actor: Actor) -> bool:
    """Mark one visit in the caller's transaction, which holds no locks yet; whether it was not marked before."""
    # The person's visits are counted below, so nobody else may mark or excuse one meanwhile.
    await lock_person(session, missed.person)
    order = await OrderSweeps(session).take(missed.id)
    if order is None or order.state != OrderState.PAID:
        return False
    if half_day_ends(order.visit_date, HalfDay(order.half_day), policy) >= actor.now:
        return False
    ledger = (await SlotLedgerReads(session).by_ids([order.schedule_id]))[order.schedule_id]
    if ledger.status == ScheduleStatus.WITHDRAWN:
        return False
    marked = await take_step(session, order, OrderStep.MISS, actor)
    await _ban(session, policy, marked, missed.person, actor)
    return True


async def _ban(session: AsyncSession, policy: BookingPolicy, order: BookingOrder, person: bytes, actor: Actor) -> None:
    """Ban the person if this no-show is the one that brings it. Each count of a year bans once, whatever is excused
    and missed again."""
    bans, year = BookingBans(session), order.visit_date.year
    count = await bans.no_shows(person, year)
    lasting = dict(policy.bans).get(count)
    if lasting is None:
        return
    ban = BookingBan(
        id=uuid7(),
        person=person,
        patient_id=order.patient_id,
        year=year,
        no_shows=count,
        since=actor.now,
        until=actor.now + lasting,
    )
    if await bans.add(ban):
        await tell_of_ban(session, order, ban, actor.now)
        detail = {"ban": str(ban.id), "year": year, "no_shows": count, "until": ban.until.isoformat()}
        await AuditLog(session).append(actor.act("BOOKING_BANNED", "patient", order.patient_id, detail=detail))

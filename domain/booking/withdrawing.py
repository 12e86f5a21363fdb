"""Cancelling the orders of withdrawn sessions (停诊), a batch per transaction: whoever dies in the middle is followed
by the next run, and no order is cancelled twice."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from datasources.sql.booking_order import BookingOrder
from datasources.sql.database import Database
from datasources.sql.order_sweeps import OrderSweeps
from datasources.sql.slot_ledger import ScheduleStatus
from datasources.sql.slot_ledger_pushes import SlotLedgerPushes
from domain.audit.actor import Actor
from domain.booking.order_states import OrderStep
from domain.booking.reasons import EndReason
from domain.booking.transitions import take_step, take_step_with_many

BATCH = 200
MOST_SESSIONS = 1_000
LOOKED_BACK = timedelta(days=31)
"""Sessions whose date is further in the past are left as they are."""


async def cancel_withdrawn(database: Database, today: date, now: datetime) -> int:
    """Cancel every live order of every withdrawn session; how many were cancelled."""
    async with database.read() as session:
        withdrawn = await OrderSweeps(session).withdrawn_sessions(today - LOOKED_BACK, MOST_SESSIONS)
    cancelled = 0
    for schedule_id in withdrawn:
        while some := await _cancel_some(database, schedule_id, now):
            cancelled += some
    return cancelled


async def end_from_outside(
    session: AsyncSession,
    order: BookingOrder,
    reason: EndReason,
    actor: Actor,
    *,
    detail: Mapping[str, Any] | None = None,
) -> BookingOrder:
    """End a live order for somebody else's reason, whatever the deadline, in the caller's transaction."""
    because = {"ended_because": str(reason)}
    return await take_step(session, order, withdrawal_of(order), actor, reason=reason, detail=detail, values=because)


def withdrawal_of(order: BookingOrder) -> OrderStep:
    """The step by which somebody else than its patient ends the order."""
    return OrderStep.WITHDRAW if order.paid_amount == 0 else OrderStep.WITHDRAW_PAID


async def _cancel_some(database: Database, schedule_id: str, now: datetime) -> int:
    async with database.unit_of_work() as session:
        orders = await OrderSweeps(session).take_live_of_session(schedule_id, BATCH)
        ledger = (await SlotLedgerPushes(session).lock([schedule_id]))[schedule_id]
        # The hospital may have sold the session again since the list was read, once its last order was cancelled.
        if ledger.status != ScheduleStatus.WITHDRAWN:
            return 0
        actor = Actor.system("cancel_withdrawn", now)
        reason = EndReason.SESSION_WITHDRAWN
        by_step: dict[OrderStep, list[BookingOrder]] = {}
        for order in orders:
            by_step.setdefault(withdrawal_of(order), []).append(order)
        for step, alike in by_step.items():
            await take_step_with_many(session, alike, step, actor, reason=reason, values={"ended_because": str(reason)})
        return len(orders)

"""Ending orders that nobody confirmed or paid in time. A payment at the same moment wins or loses as a whole."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from datasources.sql.booking_order import OrderState
from datasources.sql.database import Database
from datasources.sql.order_sweeps import DueOrder, OrderSweeps
from domain.audit.actor import Actor
from domain.booking.order_states import OrderStep
from domain.booking.reasons import EndReason
from domain.booking.sweeping import move_each
from domain.booking.transitions import take_step


async def lapse_order(database: Database, id: UUID, now: datetime) -> bool:
    """End the order if its time is over; whether this call did."""
    async with database.unit_of_work() as session:
        order = await OrderSweeps(session).take(id)
        if order is None or order.lapses_at is None or order.lapses_at > now:
            return False
        step = OrderStep.LAPSE if order.paid_amount == 0 else OrderStep.LAPSE_PAID
        actor = Actor.system("lapse_orders", now)
        if order.state == OrderState.PENDING_HOSPITAL:
            # It must not count as if the patient had let it lapse.
            reason = EndReason.HOSPITAL_SILENT
            await take_step(session, order, step, actor, reason=reason, values={"ended_because": str(reason)})
        else:
            await take_step(session, order, step, actor)
        return True


async def lapse_due(database: Database, now: datetime) -> int:
    """End every order whose time is over; how many were ended."""

    async def read(besides: Sequence[UUID], limit: int) -> list[DueOrder]:
        async with database.read() as session:
            return await OrderSweeps(session).lapsed(now, besides, limit)

    async def move(due: DueOrder) -> bool:
        return await lapse_order(database, due.id, now)

    return await move_each(read, move)

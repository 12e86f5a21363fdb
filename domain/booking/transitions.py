"""Moving an order from state to state: the only place where that is done, with its number and its history."""

from collections.abc import Mapping
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from datasources.sql.booking_order import HOLDING, BookingOrder, OrderState
from datasources.sql.booking_orders import BookingOrders
from datasources.sql.order_event import OrderEventRow
from datasources.sql.slot_ledger import HalfDay
from domain.audit.actor import Actor
from domain.booking.order_states import OrderStep, StepNotPossible, state_after
from domain.live.changes import note_order_change, note_queue_change, note_slot_change


async def take_step(
    session: AsyncSession,
    order: BookingOrder,
    step: OrderStep,
    actor: Actor,
    *,
    reason: str = "",
    detail: Mapping[str, Any] | None = None,
    values: Mapping[str, Any] | None = None,
) -> BookingOrder:
    """The order after this step, in the caller's transaction, which should hold the order's row.

    When the order no longer holds its number, the number returns to the ledger; whoever watches is told after the
    commit. `values` are columns that change with it. Raises StepNotPossible, also when another step was faster.
    """
    before = OrderState(order.state)
    after = state_after(before, step)
    orders = BookingOrders(session)
    ended = {"ended_because": str(step)} if before in HOLDING and after not in HOLDING else {}
    changed = await orders.change(
        order,
        {"state": str(after), "state_changed_at": actor.now, "lapses_at": None, **ended, **(values or {})},
        from_state=before,
    )
    if changed is None:
        raise StepNotPossible(before, step)
    if before in HOLDING and after not in HOLDING:
        await orders.return_number(changed.schedule_id, changed.number, actor.now)
        note_slot_change(
            session, changed.hospital_code, changed.department_code, changed.visit_date, changed.schedule_id
        )
    await orders.add_event(
        OrderEventRow(
            order_id=changed.id,
            at=actor.now,
            event=str(step),
            from_state=str(before),
            to_state=str(after),
            actor_kind=actor.kind,
            actor_id=actor.id,
            reason=reason,
            detail=dict(detail or {}),
        )
    )
    note_order_change(session, changed.user_id, changed.id)
    if OrderState.CHECKED_IN in (before, after):
        note_queue_change(
            session, changed.hospital_code, changed.department_code, changed.visit_date, HalfDay(changed.half_day)
        )
    return changed

"""Moving an order from state to state: the only place where that is done, with its number and its history."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from datasources.sql.booking_order import HOLDING, BookingOrder, OrderState
from datasources.sql.booking_orders import BookingOrders
from datasources.sql.order_event import OrderEventRow
from datasources.sql.slot_ledger import HalfDay
from datasources.sql.square_orders import square_orders
from domain.audit.actor import Actor
from domain.booking.order_states import OrderStep, StepNotPossible, state_after
from domain.live.changes import note_hospital_change, note_order_change, note_queue_change, note_slot_change
from domain.messages.of_steps import tell_of_steps


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

    When the order no longer holds its number, the number returns to the ledger; what the new state does not keep of
    the money is promised back; whoever watches is told after the commit. `values` are columns that change with it.
    Raises StepNotPossible, also when another step was faster.
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
    await orders.add_event(_event(changed.id, before, after, step, actor, reason, detail))
    if _moves_money(before, after, step, changed.paid_amount):
        await square_orders(session, [changed.id], str(step), actor.now)
    await tell_of_steps(session, [changed], before, step, actor, reason)
    _note(session, changed, before, after)
    return changed


async def take_step_with_many(
    session: AsyncSession,
    orders: Sequence[BookingOrder],
    step: OrderStep,
    actor: Actor,
    *,
    reason: str,
    values: Mapping[str, Any] | None = None,
) -> None:
    """The same step for many orders of one session, whose rows the transaction holds, in a few statements for all.

    Raises StepNotPossible if one of them cannot take it; then none should.
    """
    by_state: dict[OrderState, list[BookingOrder]] = {}
    for order in orders:
        by_state.setdefault(OrderState(order.state), []).append(order)
    changes = BookingOrders(session)
    for before, alike in by_state.items():
        after = state_after(before, step)
        ended = {"ended_because": str(step)} if before in HOLDING and after not in HOLDING else {}
        columns = {"state": str(after), "state_changed_at": actor.now, "lapses_at": None, **ended, **(values or {})}
        changed = await changes.change_many([order.id for order in alike], columns, from_state=before)
        if len(changed) != len(alike):
            raise StepNotPossible(before, step)
        if before in HOLDING and after not in HOLDING:
            numbers: dict[str, list[int]] = {}
            for order in alike:
                numbers.setdefault(order.schedule_id, []).append(order.number)
            for schedule_id in sorted(numbers):
                await changes.return_numbers(schedule_id, numbers[schedule_id], actor.now)
        await changes.add_events([_event(order.id, before, after, step, actor, reason, None) for order in alike])
        to_square = [order.id for order in alike if _moves_money(before, after, step, order.paid_amount)]
        if to_square:
            await square_orders(session, to_square, str(step), actor.now)
        await tell_of_steps(session, alike, before, step, actor, reason)
        for order in alike:
            _note(session, order, before, after)


def _moves_money(before: OrderState, after: OrderState, step: OrderStep, paid_amount: Decimal) -> bool:
    """Whether an offer to pay may have to be taken back, or money given back."""
    ends = before in HOLDING and after not in HOLDING
    moves = step in (OrderStep.RESCHEDULE, OrderStep.RESCHEDULE_OWING)
    return before is OrderState.AWAITING_PAYMENT or (paid_amount > 0 and (ends or moves))


def _event(
    order_id: UUID,
    before: OrderState,
    after: OrderState,
    step: OrderStep,
    actor: Actor,
    reason: str,
    detail: Mapping[str, Any] | None,
) -> OrderEventRow:
    return OrderEventRow(
        order_id=order_id,
        at=actor.now,
        event=str(step),
        from_state=str(before),
        to_state=str(after),
        actor_kind=actor.kind,
        actor_id=actor.id,
        reason=reason,
        detail=dict(detail or {}),
    )


def _note(session: AsyncSession, order: BookingOrder, before: OrderState, after: OrderState) -> None:
    if before in HOLDING and after not in HOLDING:
        note_slot_change(session, order.hospital_code, order.department_code, order.visit_date, order.schedule_id)
    note_order_change(session, order.user_id, order.id)
    note_hospital_change(session, order.hospital_code)
    if OrderState.CHECKED_IN in (before, after):
        note_queue_change(
            session, order.hospital_code, order.department_code, order.visit_date, HalfDay(order.half_day)
        )

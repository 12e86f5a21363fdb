"""What an order has received, changed without moving the order from its state."""

from decimal import Decimal

from sqlmodel.ext.asyncio.session import AsyncSession

from datasources.sql.booking_order import BookingOrder, OrderState
from datasources.sql.booking_orders import BookingOrders
from datasources.sql.order_event import OrderEventRow
from domain.audit.actor import Actor
from domain.live.changes import note_order_change


async def change_paid_amount(
    session: AsyncSession, order: BookingOrder, paid: Decimal, event: str, moved: Decimal, actor: Actor
) -> None:
    """Money came or went, and the order stays where it is. The caller holds the order's row."""
    state = OrderState(order.state)
    orders = BookingOrders(session)
    await orders.change(order, {"paid_amount": paid}, from_state=state)
    await orders.add_event(
        OrderEventRow(
            order_id=order.id,
            at=actor.now,
            event=event,
            from_state=str(state),
            to_state=str(state),
            actor_kind=actor.kind,
            actor_id=actor.id,
            detail={"amount": str(moved)},
        )
    )
    note_order_change(session, order.user_id, order.id)

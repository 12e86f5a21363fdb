"""Making payments and refunds agree with what an order has become: one statement, in the transaction of its step."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

_SQUARE = text("SELECT square_orders(CAST(:orders AS uuid[]), :reason, :now)")
_UNDER_WAY = text("""
    SELECT coalesce(sum(amount), 0) FROM refund
     WHERE order_id = :order AND state IN ('WAITING', 'PROCESSING', 'ABNORMAL')
""")


async def square_orders(session: AsyncSession, order_ids: Sequence[UUID], reason: str, now: datetime) -> int:
    """Promise back whatever of these orders' money is above what their state keeps, and take back every offer to pay
    that no longer fits; how many refunds were made. The caller holds the orders' rows. Doing it twice changes nothing.
    """
    values = {"orders": list(order_ids), "reason": reason, "now": now}
    made: int = (await (await session.connection()).execute(_SQUARE, values)).scalar_one()
    return made


async def refunds_under_way(session: AsyncSession, order_id: UUID) -> Decimal:
    """Yuan of the order's paid amount that are promised back and have not arrived."""
    amount: Decimal = (await (await session.connection()).execute(_UNDER_WAY, {"order": order_id})).scalar_one()
    return amount

"""Erasing whom orders were for, and what people wrote about them. What was booked when stays, for lawful records."""

from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

_ORDERS = text("""
    UPDATE booking_order SET person = NULL, masked_patient_name = '', hospital_record_id = NULL
     WHERE user_id = :user_id
""")
_NOTES = text("""
    UPDATE order_event e SET detail = e.detail - 'note'
      FROM booking_order o
     WHERE o.id = e.order_id AND o.user_id = :user_id AND e.detail ? 'note'
""")


async def make_orders_anonymous(session: AsyncSession, user_id: UUID) -> None:
    """Erase it from every order of the account. None of them may be live."""
    connection = await session.connection()
    await connection.execute(_ORDERS, {"user_id": user_id})
    await connection.execute(_NOTES, {"user_id": user_id})

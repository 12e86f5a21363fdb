"""Whether a patient has orders that are under way."""

from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from datasources.sql.booking_orders import BookingOrders


async def has_live_orders(session: AsyncSession, patient_id: UUID) -> bool:
    """Whether an order of this patient is neither finished nor cancelled, asked inside the caller's transaction.

    The caller holds the patient's row; an order in the making waits for it (`booking_obstacle`) and then finds the
    patient gone or changed, so neither overtakes the other.
    """
    return await BookingOrders(session).has_live(patient_id)

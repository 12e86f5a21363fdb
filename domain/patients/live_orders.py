"""Whether a patient has orders that are under way."""

from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession


async def has_live_orders(session: AsyncSession, patient_id: UUID) -> bool:
    """Whether an order of this patient is neither finished nor cancelled, asked inside the caller's transaction.

    Always False as long as the platform keeps no orders: there is no table to ask. Whoever adds the table asks it
    here; removal and change of certificate already wait for the answer, with the patient's row locked.
    """
    return False

"""Which orders somebody means who stands at a hospital's counter. The hospital is in every where."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from datasources.sql.booking_order import BookingOrder


class CheckInReads:
    """Works inside the session it is given."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def by_number(self, hospital_code: str, order_number: str) -> UUID | None:
        """The hospital's order with this number."""
        found = await self._session.exec(
            select(BookingOrder.id).where(
                col(BookingOrder.order_number) == order_number, col(BookingOrder.hospital_code) == hospital_code
            )
        )
        return found.one_or_none()

    async def of_person(self, hospital_code: str, persons: Sequence[bytes], visit_date: date) -> list[UUID]:
        """The orders of whoever has one of these certificates' indexes, at this hospital on this date, the morning's
        first."""
        found = await self._session.exec(
            select(BookingOrder.id)
            .where(
                col(BookingOrder.hospital_code) == hospital_code,
                col(BookingOrder.visit_date) == visit_date,
                col(BookingOrder.person).in_(persons),
            )
            .order_by(col(BookingOrder.half_day), col(BookingOrder.id))
        )
        return list(found)

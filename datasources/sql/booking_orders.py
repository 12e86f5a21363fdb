"""Reads and changes of single orders. A state changes only from the state the caller saw (compare and set)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import insert, text
from sqlmodel import col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from datasources.sql.booking_order import LIVE, BookingOrder, OrderState
from datasources.sql.order_event import OrderEventRow

# What `return_number` does (migration 0008), for many numbers at once.
_RETURN_NUMBERS = text("""
    UPDATE slot_ledger l
       SET taken = taken - cardinality(CAST(:numbers AS int[])),
           returned_numbers = ARRAY(
               SELECT n FROM unnest(l.returned_numbers || CAST(:numbers AS int[])) AS n ORDER BY n),
           updated_at = :now
     WHERE l.schedule_id = :schedule_id
       AND NOT l.returned_numbers && CAST(:numbers AS int[])
       AND 1 <= ALL (CAST(:numbers AS int[])) AND l.next_number > ALL (CAST(:numbers AS int[]))
""")


class BookingOrders:
    """Works inside the session it is given. Whoever needs an order and its ledger row takes the order first."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def get(self, id: UUID, *, for_change: bool = False) -> BookingOrder | None:
        """The order with this id, whosever it is. With `for_change`, others wait until the transaction ends."""
        return await self._one([col(BookingOrder.id) == id], for_change=for_change)

    async def own(self, user_id: UUID, id: UUID, *, for_change: bool = False) -> BookingOrder | None:
        """The account's order with this id; None if there is none or it is somebody else's."""
        return await self._one(
            [col(BookingOrder.id) == id, col(BookingOrder.user_id) == user_id], for_change=for_change
        )

    async def of_hospital(self, hospital_code: str, id: UUID, *, for_change: bool = False) -> BookingOrder | None:
        """The hospital's order with this id; None if there is none or it is another hospital's."""
        return await self._one(
            [col(BookingOrder.id) == id, col(BookingOrder.hospital_code) == hospital_code], for_change=for_change
        )

    async def by_ids(self, ids: Sequence[UUID]) -> Mapping[UUID, BookingOrder]:
        """The orders of these ids."""
        found = await self._session.exec(select(BookingOrder).where(col(BookingOrder.id).in_(ids)))
        return {order.id: order for order in found}

    async def has_live(self, patient_id: UUID) -> bool:
        """Whether an order of this patient is neither finished nor cancelled."""
        found = await self._session.exec(
            select(BookingOrder.id)
            .where(col(BookingOrder.patient_id) == patient_id, col(BookingOrder.state).in_(LIVE))
            .limit(1)
        )
        return found.first() is not None

    async def change(
        self, order: BookingOrder, values: Mapping[str, Any], *, from_state: OrderState
    ) -> BookingOrder | None:
        """Change the order if it still is in the state the caller saw; None if it no longer is."""
        changed = await self._session.exec(
            update(BookingOrder)
            .where(col(BookingOrder.id) == order.id, col(BookingOrder.state) == from_state)
            .values(**values)
            .returning(BookingOrder)
            .execution_options(populate_existing=True)
        )
        return changed.scalar_one_or_none()

    async def change_many(
        self, ids: Sequence[UUID], values: Mapping[str, Any], *, from_state: OrderState
    ) -> Sequence[UUID]:
        """Change those of these orders that still are in the state the caller saw; which they were."""
        changed = await self._session.exec(
            update(BookingOrder)
            .where(col(BookingOrder.id).in_(ids), col(BookingOrder.state) == from_state)
            .values(**values)
            .returning(col(BookingOrder.id))
            .execution_options(synchronize_session=False)
        )
        return changed.scalars().all()

    async def return_number(self, schedule_id: str, number: int, now: datetime) -> None:
        """Put a number back for sale. Raises if it is not out."""
        await (await self._session.connection()).execute(
            text("SELECT return_number(:schedule_id, :number, :now)"),
            {"schedule_id": schedule_id, "number": number, "now": now},
        )

    async def return_numbers(self, schedule_id: str, numbers: Sequence[int], now: datetime) -> None:
        """Put numbers of one session back for sale. Raises if one of them is not out."""
        returned = await (await self._session.connection()).execute(
            _RETURN_NUMBERS, {"schedule_id": schedule_id, "numbers": list(numbers), "now": now}
        )
        if returned.rowcount != 1:
            raise ValueError(f"not all of these numbers of {schedule_id} are out: {sorted(numbers)}")

    async def add_events(self, events: Sequence[OrderEventRow]) -> None:
        """Append to the histories of several orders."""
        rows = [event.model_dump(exclude={"id"}) for event in events]
        await (await self._session.connection()).execute(insert(OrderEventRow), rows)

    async def add_event(self, event: OrderEventRow) -> None:
        """Append to the order's history."""
        self._session.add(event)
        await self._session.flush()

    async def _one(self, where: Sequence[Any], *, for_change: bool) -> BookingOrder | None:
        query = select(BookingOrder).where(*where)
        if for_change:
            query = query.with_for_update(key_share=True).execution_options(populate_existing=True)
        return (await self._session.exec(query)).one_or_none()

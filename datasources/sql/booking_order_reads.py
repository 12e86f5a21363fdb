"""Lists of orders: an account's, a hospital's, or everybody's, by what people look for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import String, func
from sqlmodel import col, or_, select, tuple_
from sqlmodel.ext.asyncio.session import AsyncSession

from datasources.sql.booking_order import LIVE, BookingOrder, OrderState
from datasources.sql.order_event import OrderEventRow


@dataclass(frozen=True, slots=True)
class OrderCriteria:
    """What an order must meet to be in a list; None asks for nothing. The owner or the hospital is always one."""

    user_id: UUID | None = None
    hospital_code: str | None = None
    department_code: str | None = None
    """Of whichever hospital; two may have the same."""
    patient_id: UUID | None = None
    states: Sequence[OrderState] | None = None
    first_date: date | None = None
    last_date: date | None = None
    text: str | None = None
    """Part of the hospital's, department's or doctor's name, or the whole order number."""


class BookingOrderReads:
    """Reads inside the session it is given. Ids grow with time, so the newest order comes first."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def page(self, criteria: OrderCriteria, behind: UUID | None, limit: int) -> list[BookingOrder]:
        """The newest orders that meet the criteria, from behind the given one on."""
        query = select(BookingOrder).where(*_conditions(criteria)).order_by(col(BookingOrder.id).desc()).limit(limit)
        if behind is not None:
            query = query.where(col(BookingOrder.id) < behind)
        return list(await self._session.exec(query))

    async def by_visit(self, criteria: OrderCriteria, behind: BookingOrder | None, limit: int) -> list[BookingOrder]:
        """Orders that meet the criteria by the dates of their visits, from behind the given one on."""
        place = tuple_(col(BookingOrder.visit_date), col(BookingOrder.id))
        query = select(BookingOrder).where(*_conditions(criteria))
        if behind is not None:
            query = query.where(place > (behind.visit_date, behind.id))
        order = col(BookingOrder.visit_date), col(BookingOrder.id)
        return list(await self._session.exec(query.order_by(*order).limit(limit)))

    async def live_or_changed_since(self, user_id: UUID, since: datetime, limit: int) -> list[BookingOrder]:
        """An account's orders of visits to come or under way, then those whose state changed since; newest first."""
        live = col(BookingOrder.state).in_(LIVE)
        query = (
            select(BookingOrder)
            .where(BookingOrder.user_id == user_id, or_(live, col(BookingOrder.state_changed_at) >= since))
            .order_by(live.desc(), col(BookingOrder.id).desc())
            .limit(limit)
        )
        return list(await self._session.exec(query))

    async def count(self, criteria: OrderCriteria) -> int:
        """How many orders meet the criteria."""
        found = await self._session.exec(select(func.count()).select_from(BookingOrder).where(*_conditions(criteria)))
        return found.one()

    async def histories(self, order_ids: Sequence[UUID]) -> Mapping[UUID, list[OrderEventRow]]:
        """The steps of each order, oldest first."""
        found = await self._session.exec(
            select(OrderEventRow)
            .where(col(OrderEventRow.order_id).in_(order_ids))
            .order_by(col(OrderEventRow.order_id), col(OrderEventRow.id))
        )
        histories: dict[UUID, list[OrderEventRow]] = {}
        for event in found:
            histories.setdefault(event.order_id, []).append(event)
        return histories


def _conditions(criteria: OrderCriteria) -> list[Any]:
    conditions: list[Any] = []
    if criteria.user_id is not None:
        conditions.append(col(BookingOrder.user_id) == criteria.user_id)
    if criteria.hospital_code is not None:
        conditions.append(col(BookingOrder.hospital_code) == criteria.hospital_code)
    if criteria.department_code is not None:
        conditions.append(col(BookingOrder.department_code) == criteria.department_code)
    if criteria.patient_id is not None:
        conditions.append(col(BookingOrder.patient_id) == criteria.patient_id)
    if criteria.states is not None:
        conditions.append(col(BookingOrder.state).in_(criteria.states))
    if criteria.first_date is not None:
        conditions.append(col(BookingOrder.visit_date) >= criteria.first_date)
    if criteria.last_date is not None:
        conditions.append(col(BookingOrder.visit_date) <= criteria.last_date)
    if criteria.text is not None:
        texts: Any = col(BookingOrder.texts)
        named = [
            func.coalesce(texts[key].astext, "").cast(String).contains(criteria.text, autoescape=True)
            for key in ("hospital", "department", "doctor")
        ]
        conditions.append(or_(col(BookingOrder.order_number) == criteria.text, *named))
    return conditions

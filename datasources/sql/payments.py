"""Reads and changes of payments. A state changes only from the state the caller saw (compare and set)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, String, any_, cast
from sqlmodel import col, func, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from datasources.payments.channel import Provider
from datasources.sql.booking_order import BookingOrder
from datasources.sql.payment import OFFERED, Payment, PaymentState


class Payments:
    """Works inside the session it is given. Whoever changes a payment for an order's sake holds the order's row."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, payment: Payment) -> None:
        """Store a new payment."""
        self._session.add(payment)
        await self._session.flush()

    async def get(self, id: UUID, *, for_change: bool = False) -> Payment | None:
        """The payment with this id, whosever it is. With `for_change`, others wait until the transaction ends."""
        query = select(Payment).where(col(Payment.id) == id).execution_options(populate_existing=True)
        if for_change:
            query = query.with_for_update()
        return (await self._session.exec(query)).one_or_none()

    async def by_trade_number(self, provider: Provider, trade_number: str) -> Payment | None:
        """The payment that the provider knows by this number."""
        found = await self._session.exec(
            select(Payment).where(col(Payment.trade_number) == trade_number, col(Payment.channel) == provider)
        )
        return found.one_or_none()

    async def by_trade_numbers(self, provider: Provider, trade_numbers: Sequence[str]) -> Mapping[str, Payment]:
        """The payments that the provider knows by these numbers."""
        found = await self._session.exec(
            select(Payment)
            .where(
                col(Payment.trade_number) == any_(cast(list(trade_numbers), ARRAY(String))),
                col(Payment.channel) == provider,
            )
            .execution_options(populate_existing=True)
        )
        return {payment.trade_number: payment for payment in found}

    async def paid_between(self, provider: Provider, since: datetime, before: datetime) -> list[Payment]:
        """What was paid there in this time."""
        found = await self._session.exec(
            select(Payment).where(
                col(Payment.state) == PaymentState.PAID,
                col(Payment.channel) == provider,
                col(Payment.paid_at) >= since,
                col(Payment.paid_at) < before,
            )
        )
        return list(found)

    async def first_at(self, provider: Provider) -> datetime | None:
        """When the first payment was begun there."""
        found = await self._session.exec(select(func.min(Payment.created_at)).where(col(Payment.channel) == provider))
        return found.one()

    async def offered(self, order_id: UUID, provider: Provider) -> Payment | None:
        """The payment by which this order is to be paid there, held until the transaction ends."""
        found = await self._session.exec(
            select(Payment)
            .where(col(Payment.order_id) == order_id, col(Payment.channel) == provider, col(Payment.state).in_(OFFERED))
            .with_for_update()
            .execution_options(populate_existing=True)
        )
        return found.one_or_none()

    async def change(
        self, id: UUID, values: Mapping[str, Any], *, from_states: Sequence[PaymentState]
    ) -> Payment | None:
        """Change the payment if it still is in one of these states; None if it no longer is."""
        changed = await self._session.exec(
            update(Payment)
            .where(col(Payment.id) == id, col(Payment.state).in_(from_states))
            .values(**values)
            .returning(Payment)
            .execution_options(populate_existing=True)
        )
        return changed.scalar_one_or_none()

    async def due(self, now: datetime, provider: Provider, besides: Sequence[UUID], limit: int) -> list[Payment]:
        """Payments about which this provider is to be asked, the longest overdue first."""
        found = await self._session.exec(
            select(Payment)
            .where(col(Payment.look_at) <= now, col(Payment.channel) == provider, col(Payment.id).not_in(besides))
            .order_by(col(Payment.look_at), col(Payment.id))
            .limit(limit)
        )
        return list(found)

    async def claim(self, id: UUID, now: datetime, until: datetime) -> Payment | None:
        """Keep others from looking at it until then; None if it is not due: somebody else was faster."""
        claimed = await self._session.exec(
            update(Payment)
            .where(col(Payment.id) == id, col(Payment.look_at) <= now)
            .values(look_at=until, looks=Payment.looks + 1)
            .returning(Payment)
            .execution_options(populate_existing=True)
        )
        return claimed.scalar_one_or_none()

    async def of_orders(self, order_ids: Sequence[UUID]) -> Mapping[UUID, list[Payment]]:
        """The payments of each order, the newest first."""
        found = await self._session.exec(
            select(Payment).where(col(Payment.order_id).in_(order_ids)).order_by(col(Payment.id).desc())
        )
        payments: dict[UUID, list[Payment]] = {}
        for payment in found:
            payments.setdefault(payment.order_id, []).append(payment)
        return payments

    async def of_user(self, user_id: UUID, limit: int) -> list[Payment]:
        """The payments of the account's orders, the newest first."""
        found = await self._session.exec(
            select(Payment)
            .join(BookingOrder, col(BookingOrder.id) == col(Payment.order_id))
            .where(col(BookingOrder.user_id) == user_id)
            .order_by(col(Payment.id).desc())
            .limit(limit)
        )
        return list(found)

    async def forget_payers_of(self, user_id: UUID) -> None:
        """Keep the payments of the account's orders, and not what names who paid."""
        theirs = select(BookingOrder.id).where(col(BookingOrder.user_id) == user_id)
        await self._session.exec(
            update(Payment).where(col(Payment.order_id).in_(theirs), col(Payment.payer).is_not(None)).values(payer=None)
        )

"""Reads and changes of refunds. They are made by `square_orders`."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, String, any_, cast
from sqlmodel import col, func, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from datasources.payments.channel import Provider
from datasources.sql.payment import Payment
from datasources.sql.refund import RefundRow, RefundRowState


class Refunds:
    """Works inside the session it is given. Whoever changes what became of a refund holds the order's row."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def due(self, now: datetime, provider: Provider, besides: Sequence[int], limit: int) -> list[RefundRow]:
        """Refunds that this provider is to be asked for, or asked about, the longest overdue first."""
        found = await self._session.exec(
            select(RefundRow)
            .join(Payment, col(Payment.id) == col(RefundRow.payment_id))
            .where(col(RefundRow.next_at) <= now, col(Payment.channel) == provider, col(RefundRow.id).not_in(besides))
            .order_by(col(RefundRow.next_at), col(RefundRow.id))
            .limit(limit)
        )
        return list(found)

    async def claim(self, id: int | None, now: datetime, until: datetime) -> tuple[RefundRow, Payment] | None:
        """Keep others from this refund until then, and its payment; None if it is not due: somebody else was faster."""
        claimed = await self._session.exec(
            update(RefundRow)
            .where(col(RefundRow.id) == id, col(RefundRow.next_at) <= now)
            .values(next_at=until, attempts=RefundRow.attempts + 1)
            .returning(RefundRow)
            .execution_options(populate_existing=True)
        )
        refund = claimed.scalar_one_or_none()
        payment = None if refund is None else await self._session.get(Payment, refund.payment_id)
        return None if refund is None or payment is None else (refund, payment)

    async def by_number(self, refund_number: str, *, for_change: bool = False) -> RefundRow | None:
        """The refund with this number. With `for_change`, others wait until the transaction ends."""
        query = select(RefundRow).where(col(RefundRow.refund_number) == refund_number)
        if for_change:
            query = query.with_for_update().execution_options(populate_existing=True)
        return (await self._session.exec(query)).one_or_none()

    async def change(
        self, id: int | None, values: Mapping[str, Any], *, from_states: Sequence[RefundRowState]
    ) -> RefundRow | None:
        """Change the refund if it still is in one of these states; None if it no longer is."""
        changed = await self._session.exec(
            update(RefundRow)
            .where(col(RefundRow.id) == id, col(RefundRow.state).in_(from_states))
            .values(**values)
            .returning(RefundRow)
            .execution_options(populate_existing=True)
        )
        return changed.scalar_one_or_none()

    async def replaced_count(self, payment_id: UUID) -> int:
        """How many refunds of this payment the provider has given up."""
        found = await self._session.exec(
            select(func.count())
            .select_from(RefundRow)
            .where(col(RefundRow.payment_id) == payment_id, col(RefundRow.state) == RefundRowState.REPLACED)
        )
        return found.one()

    async def oldest_under_way(self) -> datetime | None:
        """Since when somebody has waited the longest for money about which a provider is asked."""
        found = await self._session.exec(
            select(func.min(RefundRow.created_at)).where(col(RefundRow.next_at).is_not(None))
        )
        return found.one()

    async def by_numbers(self, refund_numbers: Sequence[str]) -> Mapping[str, RefundRow]:
        """The refunds with these numbers."""
        found = await self._session.exec(
            select(RefundRow).where(col(RefundRow.refund_number) == any_(cast(list(refund_numbers), ARRAY(String))))
        )
        return {refund.refund_number: refund for refund in found}

    async def done_between(self, provider: Provider, since: datetime, before: datetime) -> list[tuple[RefundRow, str]]:
        """What arrived back in this time, with the numbers of their trades."""
        found = await self._session.exec(
            select(RefundRow, Payment.trade_number)
            .join(Payment, col(Payment.id) == col(RefundRow.payment_id))
            .where(
                col(RefundRow.state) == RefundRowState.DONE,
                col(Payment.channel) == provider,
                col(RefundRow.finished_at) >= since,
                col(RefundRow.finished_at) < before,
            )
        )
        return list(found)

    async def of_orders(self, order_ids: Sequence[UUID]) -> Mapping[UUID, list[RefundRow]]:
        """The refunds of each order, the newest first; replaced ones are left out, as others stand for them."""
        found = await self._session.exec(
            select(RefundRow)
            .where(col(RefundRow.order_id).in_(order_ids), col(RefundRow.state) != RefundRowState.REPLACED)
            .order_by(col(RefundRow.id).desc())
        )
        refunds: dict[UUID, list[RefundRow]] = {}
        for refund in found:
            refunds.setdefault(refund.order_id, []).append(refund)
        return refunds

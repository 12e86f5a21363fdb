"""Reads of refunds. They are made by `square_orders`."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from datasources.sql.refund import RefundRow, RefundRowState


class Refunds:
    """Works inside the session it is given."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

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

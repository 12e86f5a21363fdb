"""Finance's worklist: noting a matter once, and dealing with it once."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, update
from sqlmodel.ext.asyncio.session import AsyncSession

from datasources.sql.finance_item import FinanceItem, FinanceItemState, FinanceKind


class FinanceItems:
    """Works inside the session it is given."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def note(self, item: FinanceItem) -> bool:
        """Add a matter unless it stands there open already; whether it was added."""
        values = item.model_dump(exclude={"id"})
        added = await self._session.exec(
            insert(FinanceItem).values(**values).on_conflict_do_nothing().returning(col(FinanceItem.id))
        )
        return added.one_or_none() is not None

    async def came_right(self, kind: FinanceKind, refund_number: str, resolution: str, now: datetime) -> None:
        """Mark what is open about this refund as settled by itself."""
        await self._session.exec(
            update(FinanceItem)
            .where(
                col(FinanceItem.kind) == kind,
                col(FinanceItem.refund_number) == refund_number,
                col(FinanceItem.state) == FinanceItemState.OPEN,
            )
            .values(state=FinanceItemState.RESOLVED, resolved_at=now, resolution=resolution)
        )

    async def get(self, id: int) -> FinanceItem | None:
        """The matter with this id."""
        return await self._session.get(FinanceItem, id)

    async def take(self, id: int) -> FinanceItem | None:
        """The matter with this id, held until the transaction ends."""
        return await self._session.get(FinanceItem, id, with_for_update=True, populate_existing=True)

    async def resolve(self, id: int, by: UUID | None, resolution: str, note: str, now: datetime) -> FinanceItem | None:
        """Mark an open matter as dealt with, by nobody if it came right by itself. None if there is none, or it was."""
        resolved = await self._session.exec(
            update(FinanceItem)
            .where(col(FinanceItem.id) == id, col(FinanceItem.state) == FinanceItemState.OPEN)
            .values(state=FinanceItemState.RESOLVED, resolved_at=now, resolved_by=by, resolution=resolution, note=note)
            .returning(FinanceItem)
            .execution_options(populate_existing=True)
        )
        return resolved.scalar_one_or_none()

"""Finance's worklist: noting a matter once."""

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from datasources.sql.finance_item import FinanceItem


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

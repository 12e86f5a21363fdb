"""Keeping the messages of payment providers."""

from datetime import datetime

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, delete
from sqlmodel.ext.asyncio.session import AsyncSession

from datasources.sql.payment_notice import NoticeFate, PaymentNotice


class PaymentNotices:
    """Works inside the session it is given."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, notice: PaymentNotice) -> None:
        """Keep one that changes nothing."""
        self._session.add(notice)
        await self._session.flush()

    async def add_applied(self, notice: PaymentNotice) -> bool:
        """Keep one that this transaction applies; False if the same was applied before, and it is kept as such."""
        values = notice.model_dump(exclude={"id"}) | {"fate": str(NoticeFate.APPLIED)}
        added = await self._session.exec(
            insert(PaymentNotice).values(**values).on_conflict_do_nothing().returning(col(PaymentNotice.id))
        )
        if added.one_or_none() is not None:
            return True
        await self.add(PaymentNotice(**(values | {"fate": str(NoticeFate.REPEATED)})))
        return False

    async def forget_before(self, moment: datetime) -> None:
        """Delete what came before then and changed nothing."""
        await self._session.exec(
            delete(PaymentNotice).where(
                col(PaymentNotice.received_at) < moment, col(PaymentNotice.fate) != NoticeFate.APPLIED
            )
        )

"""Lists of finance's worklist, and of the days that were compared with the providers' bills."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from datasources.payments.channel import Provider
from datasources.sql.finance_item import FinanceItem, FinanceItemState, FinanceKind, ReconciledDay


@dataclass(frozen=True, slots=True)
class ItemCriteria:
    """What a matter must meet to be in the list; None asks for nothing."""

    state: FinanceItemState | None = None
    kinds: Sequence[FinanceKind] | None = None
    provider: Provider | None = None
    number: str | None = None
    """Our number of the trade or of the refund."""
    since: datetime | None = None
    before: datetime | None = None


class FinanceItemReads:
    """Reads inside the session it is given. The newest matter comes first."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def page(self, criteria: ItemCriteria, behind: int | None, limit: int) -> list[FinanceItem]:
        """The newest matters that meet the criteria, from behind the given one on."""
        query = select(FinanceItem).where(*_conditions(criteria)).order_by(col(FinanceItem.id).desc()).limit(limit)
        if behind is not None:
            query = query.where(col(FinanceItem.id) < behind)
        return list(await self._session.exec(query))

    async def count(self, criteria: ItemCriteria) -> int:
        """How many matters meet the criteria."""
        return (
            await self._session.exec(select(func.count()).select_from(FinanceItem).where(*_conditions(criteria)))
        ).one()

    async def open_by_kind(self) -> Mapping[FinanceKind, int]:
        """How many matters of each kind nobody has dealt with."""
        found = await self._session.exec(
            select(FinanceItem.kind, func.count())
            .where(col(FinanceItem.state) == FinanceItemState.OPEN)
            .group_by(FinanceItem.kind)
        )
        return {FinanceKind(kind): count for kind, count in found}

    async def of_bill(self, provider: Provider, day: str) -> list[FinanceItem]:
        """What the bill of this day has brought up, dealt with or not."""
        found = await self._session.exec(
            select(FinanceItem).where(
                col(FinanceItem.channel) == provider,
                col(FinanceItem.detail) == day,
                col(FinanceItem.kind).startswith("BILL_"),
            )
        )
        return list(found)


class ReconciledDays:
    """Works inside the session it is given."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def keep(self, day: ReconciledDay) -> None:
        """Note what came of a day, in the place of what was noted before."""
        values = day.model_dump()
        changes = {name: value for name, value in values.items() if name not in ("channel", "day")}
        await self._session.exec(
            insert(ReconciledDay)
            .values(**values)
            .on_conflict_do_update(index_elements=["channel", "day"], set_=changes)
        )

    async def latest(self, provider: Provider | None, limit: int) -> list[ReconciledDay]:
        """The last days that were compared, the latest first."""
        query = select(ReconciledDay).order_by(col(ReconciledDay.day).desc(), col(ReconciledDay.channel)).limit(limit)
        if provider is not None:
            query = query.where(col(ReconciledDay.channel) == provider)
        return list(await self._session.exec(query))

    async def since(self, provider: Provider, first: date) -> set[date]:
        """The days from this one on that were compared."""
        found = await self._session.exec(
            select(ReconciledDay).where(col(ReconciledDay.channel) == provider, col(ReconciledDay.day) >= first)
        )
        return {compared.day for compared in found}


def _conditions(criteria: ItemCriteria) -> list[Any]:
    conditions: list[Any] = []
    if criteria.state is not None:
        conditions.append(col(FinanceItem.state) == criteria.state)
    if criteria.kinds is not None:
        conditions.append(col(FinanceItem.kind).in_(criteria.kinds))
    if criteria.provider is not None:
        conditions.append(col(FinanceItem.channel) == criteria.provider)
    if criteria.since is not None:
        conditions.append(col(FinanceItem.found_at) >= criteria.since)
    if criteria.before is not None:
        conditions.append(col(FinanceItem.found_at) < criteria.before)
    if criteria.number is not None:
        conditions.append(
            or_(col(FinanceItem.trade_number) == criteria.number, col(FinanceItem.refund_number) == criteria.number)
        )
    return conditions

"""Writing and deciding on contributions to the discussion area. Each change of state is one UPDATE."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, delete, func, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from datasources.sql.contribution import Contribution, ContributionReport, ContributionState
from datasources.sql.user_account import UserAccount, Verification


class Contributions:
    """Reads and changes contributions inside the session it is given."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def lock_author(self, user_id: UUID) -> Verification:
        """How the account is known by real name. Others that count what it wrote wait until the transaction ends."""
        found = await self._session.exec(
            select(UserAccount.verification).where(col(UserAccount.id) == user_id).with_for_update(key_share=True)
        )
        return Verification(found.one_or_none() or Verification.NONE)

    async def add(self, contribution: Contribution) -> None:
        """Store a new one."""
        self._session.add(contribution)
        await self._session.flush()

    async def get(self, id: UUID) -> Contribution | None:
        """The contribution as it now is."""
        return await self._session.get(Contribution, id, populate_existing=True)

    async def written_since(self, author_id: UUID, since: datetime, *, replies: bool) -> Sequence[datetime]:
        """When the author wrote posts, or replies, after this moment, deleted ones too; the earliest first."""
        kind = col(Contribution.post_id).is_not(None) if replies else col(Contribution.post_id).is_(None)
        found = await self._session.exec(
            select(Contribution.created_at)
            .where(col(Contribution.author_id) == author_id, col(Contribution.created_at) > since, kind)
            .order_by(col(Contribution.created_at))
        )
        return found.all()

    async def same_since(self, author_id: UUID, since: datetime, like: Contribution) -> Contribution | None:
        """What the author wrote after this moment in just these words, in the same place."""
        found = await self._session.exec(
            select(Contribution).where(
                col(Contribution.author_id) == author_id,
                col(Contribution.created_at) > since,
                col(Contribution.post_id).is_not_distinct_from(like.post_id),
                col(Contribution.title) == like.title,
                col(Contribution.body) == like.body,
                col(Contribution.state) != ContributionState.DELETED,
            )
        )
        return found.first()

    async def was_approved(self, author_id: UUID) -> bool:
        """Whether a moderator ever showed something of this author's."""
        found = await self._session.exec(
            select(Contribution.id)
            .where(
                col(Contribution.author_id) == author_id,
                col(Contribution.state) == ContributionState.VISIBLE,
                col(Contribution.decided_at).is_not(None),
            )
            .limit(1)
        )
        return found.first() is not None

    async def delete_own(self, author_id: UUID, id: UUID) -> bool:
        """Take the author's own words away; whether this call did."""
        changed = await self._session.exec(
            update(Contribution)
            .where(
                col(Contribution.id) == id,
                col(Contribution.author_id) == author_id,
                col(Contribution.state) != ContributionState.DELETED,
            )
            .values(state=ContributionState.DELETED.value, title="", body="", hidden_reason="")
            .returning(col(Contribution.id))
        )
        return changed.one_or_none() is not None

    async def decide(
        self, id: UUID, state: ContributionState, reason: str, staff_id: UUID, now: datetime
    ) -> Contribution | None:
        """Show or hide one that its author has not deleted; None where there is none. Its reports are settled."""
        changed = await self._session.exec(
            update(Contribution)
            .where(col(Contribution.id) == id, col(Contribution.state) != ContributionState.DELETED)
            .values(state=state.value, hidden_reason=reason, decided_at=now, decided_by=staff_id)
            .returning(col(Contribution.id))
        )
        if changed.one_or_none() is None:
            return None
        await self._session.exec(
            update(ContributionReport)
            .where(col(ContributionReport.contribution_id) == id, col(ContributionReport.settled_at).is_(None))
            .values(settled_at=now)
        )
        return await self.get(id)

    async def report(self, report: ContributionReport) -> bool:
        """Keep a person's report; whether it is that person's first of this contribution."""
        added = await self._session.exec(
            insert(ContributionReport)
            .values(**report.model_dump())
            .on_conflict_do_nothing(index_elements=["contribution_id", "reporter_id"])
            .returning(col(ContributionReport.reporter_id))
        )
        return added.one_or_none() is not None

    async def has_reported(self, reporter_id: UUID, id: UUID) -> bool:
        """Whether this person has reported it."""
        return await self._session.get(ContributionReport, (id, reporter_id)) is not None

    async def reports_since(self, reporter_id: UUID, since: datetime) -> Sequence[datetime]:
        """When the person reported something after this moment, the earliest first."""
        found = await self._session.exec(
            select(ContributionReport.created_at)
            .where(col(ContributionReport.reporter_id) == reporter_id, col(ContributionReport.created_at) > since)
            .order_by(col(ContributionReport.created_at))
        )
        return found.all()

    async def withhold_reported(self, id: UUID, from_reports: int) -> None:
        """Let a visible one wait for a moderator once so many people have open reports of it."""
        open_reports = (
            select(func.count())
            .select_from(ContributionReport)
            .where(col(ContributionReport.contribution_id) == id, col(ContributionReport.settled_at).is_(None))
            .scalar_subquery()
        )
        await self._session.exec(
            update(Contribution)
            .where(
                col(Contribution.id) == id,
                col(Contribution.state) == ContributionState.VISIBLE,
                open_reports >= from_reports,
            )
            .values(state=ContributionState.PENDING.value)
        )

    async def erase_of(self, user_id: UUID) -> None:
        """Take away all the words and the reports of an account."""
        await self._session.exec(delete(ContributionReport).where(col(ContributionReport.reporter_id) == user_id))
        await self._session.exec(
            update(Contribution)
            .where(col(Contribution.author_id) == user_id)
            .values(state=ContributionState.DELETED.value, title="", body="", hidden_reason="")
        )

    async def all_of(self, user_id: UUID) -> Sequence[Contribution]:
        """Everything of an account that it has not deleted, the earliest first."""
        found = await self._session.exec(
            select(Contribution)
            .where(col(Contribution.author_id) == user_id, col(Contribution.state) != ContributionState.DELETED)
            .order_by(col(Contribution.created_at), col(Contribution.id))
        )
        return found.all()

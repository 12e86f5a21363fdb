"""Reads of hospitals' applications: one account's, one by its receipt, and the reviewers' queue."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func
from sqlmodel import col, or_, select, tuple_
from sqlmodel.ext.asyncio.session import AsyncSession

from datasources.sql.hospital_account import HospitalAccount
from datasources.sql.hospital_application import ApplicationState, HospitalApplication


@dataclass(frozen=True, slots=True)
class ApplicationFilter:
    """Which applications a list shows; None leaves a question open."""

    state: ApplicationState | None = None
    text: str | None = None
    """Part of the hospital's name, or the application's number or the licence's in full."""
    region_prefix: str | None = None
    """The digits with which the region's code begins."""
    submitted_from: datetime | None = None
    submitted_before: datetime | None = None

    def conditions(self) -> list[Any]:
        """The WHERE of the list and of its count."""
        found: list[Any] = []
        if self.state is not None:
            found.append(col(HospitalApplication.state) == self.state)
        if self.text is not None:
            found.append(
                or_(
                    col(HospitalApplication.name).icontains(self.text, autoescape=True),
                    col(HospitalApplication.number) == self.text.upper(),
                    col(HospitalApplication.registration_number) == self.text.upper(),
                )
            )
        if self.region_prefix is not None:
            found.append(col(HospitalApplication.region_code).startswith(self.region_prefix, autoescape=True))
        if self.submitted_from is not None:
            found.append(col(HospitalApplication.submitted_at) >= self.submitted_from)
        if self.submitted_before is not None:
            found.append(col(HospitalApplication.submitted_at) < self.submitted_before)
        return found


class HospitalApplicationReads:
    """Reads inside the session it is given."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def by_id(
        self, id: UUID, *, user_id: UUID | None = None, for_change: bool = False
    ) -> HospitalApplication | None:
        """The application, if it is this account's where one is given; as it now is."""
        query = select(HospitalApplication).where(col(HospitalApplication.id) == id)
        if user_id is not None:
            query = query.where(col(HospitalApplication.user_id) == user_id)
        if for_change:
            query = query.with_for_update(key_share=True)
        return (await self._session.exec(query.execution_options(populate_existing=True))).one_or_none()

    async def by_number(self, number: str) -> HospitalApplication | None:
        """The application with this number."""
        found = await self._session.exec(select(HospitalApplication).where(col(HospitalApplication.number) == number))
        return found.one_or_none()

    async def of_user(self, user_id: UUID, *, most: int) -> Sequence[HospitalApplication]:
        """The account's applications, the latest first."""
        found = await self._session.exec(
            select(HospitalApplication)
            .where(col(HospitalApplication.user_id) == user_id)
            .order_by(col(HospitalApplication.applied_at).desc(), col(HospitalApplication.id).desc())
            .limit(most)
        )
        return found.all()

    async def live_with(self, registration_number: str) -> HospitalApplication | None:
        """The application with this registration number that waits for its decision or was approved."""
        found = await self._session.exec(
            select(HospitalApplication).where(
                col(HospitalApplication.registration_number) == registration_number,
                col(HospitalApplication.state).in_((ApplicationState.SUBMITTED, ApplicationState.APPROVED)),
            )
        )
        return found.one_or_none()

    async def next_rejected(self, decided_before: datetime) -> HospitalApplication | None:
        """The application that was rejected longest ago, before this time, and stands so."""
        found = await self._session.exec(
            select(HospitalApplication)
            .where(
                col(HospitalApplication.state) == ApplicationState.REJECTED,
                col(HospitalApplication.decided_at) < decided_before,
            )
            .order_by(col(HospitalApplication.decided_at), col(HospitalApplication.id))
            .limit(1)
        )
        return found.first()

    async def counts_of(self, user_id: UUID, *, since: datetime) -> tuple[int, int]:
        """How many of the account's applications wait, and how often it handed one in at this time or later, by the
        row's latest submission."""
        found = await self._session.exec(
            select(
                func.count().filter(col(HospitalApplication.state) == ApplicationState.SUBMITTED),
                func.count().filter(col(HospitalApplication.submitted_at) >= since),
            ).where(col(HospitalApplication.user_id) == user_id)
        )
        waiting, today = found.one()
        return int(waiting), int(today)

    async def page(
        self, filter: ApplicationFilter, *, limit: int, behind: tuple[datetime, UUID] | None
    ) -> Sequence[HospitalApplication]:
        """Applications, those that wait longest first, from behind this place on."""
        place = tuple_(col(HospitalApplication.submitted_at), col(HospitalApplication.id))
        query = select(HospitalApplication).where(*filter.conditions())
        if behind is not None:
            query = query.where(place > behind)
        query = query.order_by(col(HospitalApplication.submitted_at), col(HospitalApplication.id)).limit(limit)
        return (await self._session.exec(query)).all()

    async def count(self, filter: ApplicationFilter) -> int:
        """How many applications the filter lets through."""
        found = await self._session.exec(
            select(func.count()).select_from(HospitalApplication).where(*filter.conditions())
        )
        return found.one()

    async def hospitals_named(self, names: Sequence[str]) -> dict[str, list[str]]:
        """The codes of the platform's hospitals that have these names, by name."""
        if not names:
            return {}
        found = await self._session.exec(
            select(HospitalAccount.name, HospitalAccount.code)
            .where(col(HospitalAccount.name).in_(set(names)))
            .order_by(col(HospitalAccount.code))
        )
        codes: dict[str, list[str]] = {}
        for name, code in found.all():
            codes.setdefault(name, []).append(code)
        return codes

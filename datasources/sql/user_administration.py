"""Users' accounts as staff list and change them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, tuple_
from sqlmodel import col, func, or_, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from datasources.sql.user_account import UserAccount, UserStatus, Verification


class UserSort(StrEnum):
    """Order of a list of users."""

    NEWEST = "NEWEST"
    OLDEST = "OLDEST"


@dataclass(frozen=True, slots=True)
class UserCriteria:
    """Which users to list. A text finds part of the nickname, or exactly the phone of which it has the index."""

    nickname: str | None = None
    phone_index: bytes | None = None
    status: UserStatus | None = None
    verification: Verification | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        """The WHERE of the list and of its count."""
        found: list[ColumnElement[bool]] = []
        by_text: list[ColumnElement[bool]] = []
        if self.nickname is not None:
            by_text.append(col(UserAccount.nickname).icontains(self.nickname, autoescape=True))
        if self.phone_index is not None:
            by_text.append(col(UserAccount.phone_index) == self.phone_index)
        if by_text:
            found.append(or_(*by_text))
        if self.status is not None:
            found.append(col(UserAccount.status) == self.status)
        if self.verification is not None:
            found.append(col(UserAccount.verification) == self.verification)
        return found


class UserAdministration:
    """Lists and changes users inside the session it is given. A state's change names the states it may come from."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def page(
        self, criteria: UserCriteria, sort: UserSort, behind: tuple[datetime, UUID] | None, most: int
    ) -> Sequence[UserAccount]:
        """Accounts by the time they were made, from behind this place on."""
        made, id = col(UserAccount.created_at), col(UserAccount.id)
        query = select(UserAccount).where(*criteria.conditions())
        if behind is not None:
            place = tuple_(made, id)
            query = query.where(place < behind if sort is UserSort.NEWEST else place > behind)
        order = (made.desc(), id.desc()) if sort is UserSort.NEWEST else (made, id)
        return (await self._session.exec(query.order_by(*order).limit(most))).all()

    async def count(self, criteria: UserCriteria) -> int:
        """How many accounts meet the criteria."""
        found = await self._session.exec(select(func.count()).select_from(UserAccount).where(*criteria.conditions()))
        return found.one()

    async def add(self, user: UserAccount) -> None:
        """Store a new account; a taken phone violates its unique index."""
        self._session.add(user)
        await self._session.flush()
        await self._session.refresh(user)

    async def change(self, id: UUID, from_statuses: Sequence[UserStatus], values: dict[str, Any]) -> UserAccount | None:
        """Change an account that is in one of these states; None if it is in none of them, or isn't there."""
        changed = await self._session.exec(
            update(UserAccount)
            .where(col(UserAccount.id) == id, col(UserAccount.status).in_(from_statuses))
            .values(**values)
            .returning(UserAccount)
            .execution_options(populate_existing=True)
        )
        return changed.scalar_one_or_none()

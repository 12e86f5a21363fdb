"""Which account a WeChat user has."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from datasources.cache.wechat_tickets import ScannedBy
from datasources.sql.user_account import SIGNED_IN_STATUSES, UserAccount


class WeChatAccounts:
    """Finds and changes the WeChat of accounts inside the session given."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def find(self, person: ScannedBy) -> UserAccount | None:
        """The person's account: by the union id where there is one, else by the app and its open id.

        An account that was linked before WeChat gave a union id is found by the open id still.
        """
        if person.union_id is not None:
            found = await self._one(col(UserAccount.wechat_union_id) == person.union_id)
            if found is not None:
                return found
            return await self._one(
                col(UserAccount.wechat_open_id) == person.open_id, col(UserAccount.wechat_union_id).is_(None)
            )
        return await self._one(col(UserAccount.wechat_open_id) == person.open_id)

    async def sign_in(self, id: UUID, person: ScannedBy, now: datetime) -> UserAccount | None:
        """Mark the account as signed in now, by a person who is still its own. None if it may not be signed in."""
        values: dict[str, Any] = {"last_signed_in_at": now}
        if person.union_id is not None:
            values["wechat_union_id"] = person.union_id
        return await self._change(
            values,
            col(UserAccount.id) == id,
            col(UserAccount.status).in_(SIGNED_IN_STATUSES),
            (col(UserAccount.wechat_open_id) == person.open_id)
            | (col(UserAccount.wechat_union_id) == (person.union_id or "")),
        )

    async def link(self, id: UUID, person: ScannedBy) -> UserAccount | None:
        """Give an account without WeChat this one. None if it has one already.

        Raises IntegrityError when the person has another account.
        """
        return await self._change(
            {"wechat_open_id": person.open_id, "wechat_union_id": person.union_id},
            col(UserAccount.id) == id,
            col(UserAccount.wechat_open_id).is_(None),
            col(UserAccount.wechat_union_id).is_(None),
        )

    async def unlink(self, id: UUID) -> UserAccount | None:
        """Take an account's WeChat away, if it has one and can be signed in to by phone. None if not."""
        return await self._change(
            {"wechat_open_id": None, "wechat_union_id": None},
            col(UserAccount.id) == id,
            col(UserAccount.status).in_(SIGNED_IN_STATUSES),
            col(UserAccount.phone_index).is_not(None),
            col(UserAccount.wechat_open_id).is_not(None),
        )

    async def _one(self, *conditions: Any) -> UserAccount | None:
        return (await self._session.exec(select(UserAccount).where(*conditions))).one_or_none()

    async def _change(self, values: dict[str, Any], *conditions: Any) -> UserAccount | None:
        changed = await self._session.exec(
            update(UserAccount)
            .where(*conditions)
            .values(**values)
            .returning(UserAccount)
            .execution_options(populate_existing=True)
        )
        return changed.scalar_one_or_none()

"""Integration keys: how a hospital's own system proves itself."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Column, ColumnElement, DateTime, LargeBinary, func
from sqlmodel import Field, SQLModel, col, or_, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from datasources.sql.hospital_account import HospitalAccount


class IntegrationKey(SQLModel, table=True):
    """A key's id and its sealed secret. The secret is shown once when made and afterwards only verifies."""

    __tablename__ = "integration_key"

    key_id: str = Field(primary_key=True)
    hospital_code: str = Field(foreign_key="hospital_account.code", index=True)
    label: str = Field(default="")
    sealed_secret: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    created_at: datetime | None = Field(
        default=None, sa_column=Column(DateTime(timezone=True), nullable=False, server_default=func.now())
    )
    last_used_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    revoked_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    ends_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    """From when it is refused as a revoked one is, where another has taken its place."""


class IntegrationKeys:
    """Reads and changes integration keys inside the session it is given."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def get(self, key_id: str) -> IntegrationKey | None:
        """The key with this id, revoked or not."""
        return await self._session.get(IntegrationKey, key_id)

    async def add(self, key: IntegrationKey) -> None:
        """Store a new key; its `created_at` is read back."""
        self._session.add(key)
        await self._session.flush()
        await self._session.refresh(key)

    async def lock_hospital(self, hospital_code: str) -> bool:
        """Make others that count or add this hospital's keys wait until the transaction ends; False if there is none.

        The lock is the weaker NO KEY one, so rows that merely refer to the hospital can be written meanwhile.
        """
        found = await self._session.exec(
            select(HospitalAccount.code)
            .where(col(HospitalAccount.code) == hospital_code)
            .with_for_update(key_share=True)
        )
        return found.one_or_none() is not None

    async def live_ids(self, hospital_code: str) -> list[str]:
        """The ids of the hospital's keys that aren't revoked, oldest first."""
        found = await self._session.exec(
            select(IntegrationKey.key_id)
            .where(col(IntegrationKey.hospital_code) == hospital_code, col(IntegrationKey.revoked_at).is_(None))
            .order_by(col(IntegrationKey.created_at), col(IntegrationKey.key_id))
        )
        return list(found.all())

    async def live_among(self, key_ids: Collection[str], now: datetime) -> Sequence[str]:
        """Those of these ids whose keys haven't ended."""
        found = await self._session.exec(
            select(IntegrationKey.key_id).where(col(IntegrationKey.key_id).in_(key_ids), *_live(now))
        )
        return found.all()

    async def in_order(self, hospital_code: str | None) -> list[IntegrationKey]:
        """One hospital's keys, or everybody's for None, by hospital and then oldest first."""
        query = select(IntegrationKey)
        if hospital_code is not None:
            query = query.where(col(IntegrationKey.hospital_code) == hospital_code)
        found = await self._session.exec(
            query.order_by(
                col(IntegrationKey.hospital_code), col(IntegrationKey.created_at), col(IntegrationKey.key_id)
            )
        )
        return list(found.all())

    async def end_at(self, key_id: str, ends_at: datetime, now: datetime) -> bool:
        """Let a live key end at this time, or earlier if that was said before. False if it has ended."""
        changed = await self._session.exec(
            update(IntegrationKey)
            .where(col(IntegrationKey.key_id) == key_id, *_live(now))
            .values(ends_at=func.least(col(IntegrationKey.ends_at), ends_at))
            .returning(col(IntegrationKey.key_id))
        )
        return changed.one_or_none() is not None

    async def revoke_ended(self, hospital_code: str, now: datetime) -> None:
        """Mark the hospital's keys whose set time has come as revoked at that time."""
        ends_at = col(IntegrationKey.ends_at)
        await (await self._session.connection()).execute(
            update(IntegrationKey)
            .where(
                col(IntegrationKey.hospital_code) == hospital_code,
                col(IntegrationKey.revoked_at).is_(None),
                ends_at <= now,
            )
            .values(revoked_at=ends_at)
        )

    async def revoke(self, key_id: str, now: datetime) -> bool:
        """End a live key. True if this call ended it; False if it was revoked before or never existed."""
        ended = await self._session.exec(
            update(IntegrationKey)
            .where(col(IntegrationKey.key_id) == key_id, col(IntegrationKey.revoked_at).is_(None))
            .values(revoked_at=now)
            .returning(col(IntegrationKey.key_id))
        )
        return ended.one_or_none() is not None

    async def mark_used(self, key_id: str, now: datetime, *, at_most_every: timedelta) -> bool:
        """Note that the key was used, unless that was noted less than `at_most_every` ago; whether it was written.

        The interval stands in the WHERE, so any number of processes together write once per interval.
        """
        noted = await self._session.exec(
            update(IntegrationKey)
            .where(
                col(IntegrationKey.key_id) == key_id,
                or_(
                    col(IntegrationKey.last_used_at).is_(None),
                    col(IntegrationKey.last_used_at) <= now - at_most_every,
                ),
            )
            .values(last_used_at=now)
            .returning(col(IntegrationKey.key_id))
        )
        return noted.one_or_none() is not None


def _live(now: datetime) -> tuple[ColumnElement[bool], ...]:
    ends_at = col(IntegrationKey.ends_at)
    return col(IntegrationKey.revoked_at).is_(None), or_(ends_at.is_(None), ends_at > now)

"""Keys of the older form protocol: one per hospital, sealed, because its signature can only be checked with it."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Column, DateTime, LargeBinary
from sqlmodel import Field, SQLModel, col, delete, select, update
from sqlmodel.ext.asyncio.session import AsyncSession


class LegacyKey(SQLModel, table=True):
    """A hospital's key for the older protocol. It opens nothing else, and no integration key opens that protocol."""

    __tablename__ = "legacy_key"

    hospital_code: str = Field(primary_key=True, foreign_key="hospital_account.code")
    sealed_key: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    created_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    last_used_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))


class LegacyKeys:
    """Reads and changes these keys inside the session it is given."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def get(self, hospital_code: str) -> LegacyKey | None:
        """The hospital's key."""
        return await self._session.get(LegacyKey, hospital_code)

    async def put(self, key: LegacyKey) -> None:
        """Store a key in place of the one there is."""
        await self.remove(key.hospital_code)
        self._session.add(key)
        await self._session.flush()

    async def remove(self, hospital_code: str) -> bool:
        """Whether there was one to forget."""
        gone = await self._session.exec(
            delete(LegacyKey)
            .where(col(LegacyKey.hospital_code) == hospital_code)
            .returning(col(LegacyKey.hospital_code))
        )
        return gone.one_or_none() is not None

    async def in_order(self) -> Sequence[LegacyKey]:
        """Every hospital's, by its code."""
        return (await self._session.exec(select(LegacyKey).order_by(col(LegacyKey.hospital_code)))).all()

    async def mark_used(self, hospital_code: str, now: datetime, *, unless_since: datetime) -> None:
        """Note that the key was used, unless that was noted since then."""
        await self._session.exec(
            update(LegacyKey)
            .where(
                col(LegacyKey.hospital_code) == hospital_code,
                (col(LegacyKey.last_used_at).is_(None)) | (col(LegacyKey.last_used_at) <= unless_since),
            )
            .values(last_used_at=now)
        )

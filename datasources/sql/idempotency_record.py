"""What was done under an idempotency key, so that the same call again answers the same and does nothing."""

from datetime import datetime

from sqlalchemy import Column, DateTime, LargeBinary, delete
from sqlmodel import Field, SQLModel, col
from sqlmodel.ext.asyncio.session import AsyncSession


class IdempotencyRecord(SQLModel, table=True):
    """One row per call that changed something, written in the transaction that made the change."""

    __tablename__ = "idempotency_record"

    caller: str = Field(primary_key=True)
    operation: str = Field(primary_key=True)
    idempotency_key: str = Field(primary_key=True, max_length=128)
    request_hash: bytes = Field(sa_column=Column(LargeBinary(32), nullable=False))
    subject_id: str
    created_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False, index=True))


class IdempotencyRecords:
    """Reads and writes records inside the session given."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def get(self, caller: str, operation: str, key: str) -> IdempotencyRecord | None:
        """What was done under this key."""
        return await self._session.get(IdempotencyRecord, (caller, operation, key))

    async def add(self, record: IdempotencyRecord) -> None:
        """Record a call. Of two at once the second violates the primary key, and its transaction is undone."""
        self._session.add(record)
        await self._session.flush()

    async def forget_before(self, moment: datetime) -> None:
        """Delete what is older: its keys may be used anew."""
        await (await self._session.connection()).execute(
            delete(IdempotencyRecord).where(col(IdempotencyRecord.created_at) < moment)
        )

"""How far a rotation of the sealing key has come."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import BigInteger, Column, DateTime, Integer
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Field, SQLModel, col, select
from sqlmodel.ext.asyncio.session import AsyncSession


class KeyRotation(SQLModel, table=True):
    """One row per target key and table: every row up to `last_row` was brought to the target key."""

    __tablename__ = "key_rotation"

    target_key: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    """Id of the root key to which the table's values are being sealed."""
    table_name: str = Field(primary_key=True)
    last_row: str = Field(default="")
    """Primary key of the last row that was looked at; empty before the first."""
    resealed: int = Field(default=0, sa_column=Column(BigInteger, nullable=False))
    unopened: int = Field(default=0, sa_column=Column(BigInteger, nullable=False))
    """Values that no key of the ring opens; they stay as they are."""
    updated_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    finished_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))


@dataclass(frozen=True, slots=True)
class Progress:
    """What one batch adds to a table's rotation."""

    last_row: str
    resealed: int
    unopened: int
    finished: bool


class KeyRotations:
    """Reads and writes the progress of rotations inside the session it is given."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def begin(self, target_key: int, table_name: str, now: datetime) -> KeyRotation:
        """The table's row, made if there was none, and locked: another process waits until the transaction ends."""
        connection = await self._session.connection()
        await connection.execute(
            insert(KeyRotation)
            .values(target_key=target_key, table_name=table_name, last_row="", resealed=0, unopened=0, updated_at=now)
            .on_conflict_do_nothing()
        )
        found = await self._session.exec(
            select(KeyRotation)
            .where(col(KeyRotation.target_key) == target_key, col(KeyRotation.table_name) == table_name)
            .with_for_update()
        )
        return found.one()

    async def advance(self, row: KeyRotation, progress: Progress, now: datetime) -> None:
        """Note what a batch did."""
        row.last_row = progress.last_row
        row.resealed += progress.resealed
        row.unopened += progress.unopened
        row.updated_at = now
        row.finished_at = now if progress.finished else None
        self._session.add(row)
        await self._session.flush()

    async def of_target(self, target_key: int) -> list[KeyRotation]:
        """Every table's progress towards this key, by the table's name."""
        found = await self._session.exec(
            select(KeyRotation).where(col(KeyRotation.target_key) == target_key).order_by(col(KeyRotation.table_name))
        )
        return list(found)

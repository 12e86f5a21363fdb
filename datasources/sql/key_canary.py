"""The canary: a value sealed when the database was new, by which a wrong root key shows before it does harm."""

from sqlalchemy import CheckConstraint, Column, Integer, LargeBinary
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Field, SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

ONLY_ID = 1


class KeyCanary(SQLModel, table=True):
    """The only row: a sealed text that everybody knows, and the blind index of the same text."""

    __tablename__ = "key_canary"
    __table_args__ = (CheckConstraint("id = 1", name="key_canary_is_one"),)

    id: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    sealed_text: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    text_index: bytes = Field(sa_column=Column(LargeBinary(16), nullable=False))


class KeyCanaries:
    """Reads and makes the canary inside the session it is given."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def first_or(self, fresh: KeyCanary) -> KeyCanary:
        """The canary that stands, which is `fresh` if there was none. Any number of processes may ask at once."""
        connection = await self._session.connection()
        await connection.execute(
            insert(KeyCanary)
            .values(id=fresh.id, sealed_text=fresh.sealed_text, text_index=fresh.text_index)
            .on_conflict_do_nothing()
        )
        standing = await self._session.get(KeyCanary, ONLY_ID)
        if standing is None:
            raise LookupError("the canary was taken away while it was read")
        return standing

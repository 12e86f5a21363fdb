"""By which ways people want to be told, where they said otherwise than usual."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import CheckConstraint, delete
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Field, SQLModel, col, select
from sqlmodel.ext.asyncio.session import AsyncSession


class MessageChoice(SQLModel, table=True):
    """One row per account and kind whose SMS somebody turned on or off."""

    __tablename__ = "message_choice"

    user_id: UUID = Field(foreign_key="user_account.id", primary_key=True)
    kind: str = Field(primary_key=True)
    sms: bool


class MessageLanguage(SQLModel, table=True):
    """The language of an account's text messages; without a row it is Chinese."""

    __tablename__ = "message_language"
    __table_args__ = (CheckConstraint("language IN ('zh-CN', 'en')", name="message_language_language"),)

    user_id: UUID = Field(foreign_key="user_account.id", primary_key=True)
    language: str


class MessageChoices:
    """Reads and changes choices inside the session it is given."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def of(self, user_ids: Sequence[UUID]) -> dict[tuple[UUID, str], bool]:
        """Whether an SMS is wanted, by account and kind, where they chose."""
        found = await self._session.exec(select(MessageChoice).where(col(MessageChoice.user_id).in_(user_ids)))
        return {(each.user_id, each.kind): each.sms for each in found.all()}

    async def languages_of(self, user_ids: Sequence[UUID]) -> dict[UUID, str]:
        """The languages that accounts chose."""
        found = await self._session.exec(select(MessageLanguage).where(col(MessageLanguage.user_id).in_(user_ids)))
        return {each.user_id: each.language for each in found.all()}

    async def choose(self, user_id: UUID, kind: str, *, sms: bool) -> None:
        """Remember a choice."""
        statement = insert(MessageChoice).values(user_id=user_id, kind=kind, sms=sms)
        await (await self._session.connection()).execute(
            statement.on_conflict_do_update(index_elements=["user_id", "kind"], set_={"sms": sms})
        )

    async def choose_language(self, user_id: UUID, language: str) -> None:
        """Remember a language."""
        statement = insert(MessageLanguage).values(user_id=user_id, language=language)
        await (await self._session.connection()).execute(
            statement.on_conflict_do_update(index_elements=["user_id"], set_={"language": language})
        )

    async def delete_of(self, user_id: UUID) -> None:
        """Forget what an account chose."""
        connection = await self._session.connection()
        await connection.execute(delete(MessageChoice).where(col(MessageChoice.user_id) == user_id))
        await connection.execute(delete(MessageLanguage).where(col(MessageLanguage.user_id) == user_id))

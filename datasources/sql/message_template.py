"""What administrators changed of the words of messages. What has no row here is said by the code's own."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, DateTime, delete
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Field, SQLModel, col, select
from sqlmodel.ext.asyncio.session import AsyncSession


class MessageTemplate(SQLModel, table=True):
    """One row per kind and language."""

    __tablename__ = "message_template"
    __table_args__ = (CheckConstraint("language IN ('zh-CN', 'en')", name="message_template_language"),)

    kind: str = Field(primary_key=True)
    language: str = Field(primary_key=True)
    title: str
    body: str
    sms: str
    """Empty: no SMS is sent in this language."""
    updated_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    updated_by: UUID = Field(foreign_key="staff_account.id")


class MessageTemplates:
    """Reads and changes templates inside the session it is given."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def all(self) -> Sequence[MessageTemplate]:
        """Everything that was changed: at most one for each kind and language."""
        return (await self._session.exec(select(MessageTemplate))).all()

    async def put(self, template: MessageTemplate) -> None:
        """Have this said from now on."""
        values = template.model_dump()
        statement = insert(MessageTemplate).values(**values)
        changed = {name: value for name, value in values.items() if name not in ("kind", "language")}
        await (await self._session.connection()).execute(
            statement.on_conflict_do_update(index_elements=["kind", "language"], set_=changed)
        )

    async def remove(self, kind: str, language: str) -> None:
        """Have the code's own words said again."""
        await (await self._session.connection()).execute(
            delete(MessageTemplate).where(col(MessageTemplate.kind) == kind, col(MessageTemplate.language) == language)
        )

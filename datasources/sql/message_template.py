"""What administrators changed of the words of messages. What has no row here is said by the code's own."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, ColumnElement, DateTime, delete
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Field, SQLModel, col, func, select
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


class MessageTemplateVersion(SQLModel, table=True):
    """One row per change, the return to the code's own words included: what was said when."""

    __tablename__ = "message_template_version"

    kind: str = Field(primary_key=True)
    language: str = Field(primary_key=True)
    version: int = Field(primary_key=True)
    title: str
    body: str
    sms: str
    is_default: bool
    """Whether these were the code's own words."""
    saved_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    saved_by: UUID


class MessageTemplateVersions:
    """Reads and adds versions inside the session it is given."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def latest(self) -> dict[tuple[str, str], int]:
        """The number of the latest version of each kind and language that was ever changed."""
        kind, language = col(MessageTemplateVersion.kind), col(MessageTemplateVersion.language)
        found = await self._session.exec(
            select(kind, language, func.max(col(MessageTemplateVersion.version))).group_by(kind, language)
        )
        return {(row[0], row[1]): row[2] for row in found.all()}

    async def add(self, version: MessageTemplateVersion) -> bool:
        """Store a version; False if somebody stored one with this number before, or the one before it is missing."""
        before = await self._session.get(MessageTemplateVersion, (version.kind, version.language, version.version - 1))
        if version.version < 1 or (version.version > 1 and before is None):
            return False
        statement = insert(MessageTemplateVersion).values(**version.model_dump()).on_conflict_do_nothing()
        stored = await (await self._session.connection()).execute(
            statement.returning(col(MessageTemplateVersion.version))
        )
        return stored.first() is not None

    async def page(self, kind: str, language: str, behind: int | None, most: int) -> Sequence[MessageTemplateVersion]:
        """The latest first."""
        query = select(MessageTemplateVersion).where(*_of(kind, language))
        if behind is not None:
            query = query.where(col(MessageTemplateVersion.version) < behind)
        return (await self._session.exec(query.order_by(col(MessageTemplateVersion.version).desc()).limit(most))).all()

    async def count(self, kind: str, language: str) -> int:
        """How many there are."""
        return (
            await self._session.exec(
                select(func.count(col(MessageTemplateVersion.version))).where(*_of(kind, language))
            )
        ).one()


def _of(kind: str, language: str) -> tuple[ColumnElement[bool], ...]:
    return col(MessageTemplateVersion.kind) == kind, col(MessageTemplateVersion.language) == language

"""What account owners agreed to, in which version of its text, and when."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, DateTime, Index, text
from sqlmodel import Field, SQLModel, col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession


class ConsentKind(StrEnum):
    """What the law wants a consent of its own for (PIPL art. 29, GB/T 45574)."""

    HEALTH_DATA = "HEALTH_DATA"
    IDENTITY_PICTURES = "IDENTITY_PICTURES"


class Consent(SQLModel, table=True):
    """One row each time somebody agreed. Rows are never deleted: they prove what was lawful when."""

    __tablename__ = "consent"
    __table_args__ = (
        CheckConstraint("kind IN ('HEALTH_DATA', 'IDENTITY_PICTURES')", name="consent_kind"),
        Index(
            "consent_live_once",
            "user_id",
            "kind",
            "version",
            unique=True,
            postgresql_where=text("withdrawn_at IS NULL"),
        ),
    )

    id: UUID = Field(primary_key=True)
    user_id: UUID = Field(foreign_key="user_account.id", index=True)
    kind: str
    version: str
    given_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    withdrawn_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))


class Consents:
    """Reads and changes consents inside the session it is given."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def of_user(self, user_id: UUID) -> list[Consent]:
        """Everything the account's owner ever agreed to, the latest first."""
        found = await self._session.exec(
            select(Consent)
            .where(col(Consent.user_id) == user_id)
            .order_by(col(Consent.given_at).desc(), col(Consent.id).desc())
        )
        return list(found)

    async def live(self, user_id: UUID, kind: ConsentKind, version: str) -> Consent | None:
        """The consent to this version of the text, if it was given and not withdrawn."""
        found = await self._session.exec(
            select(Consent).where(
                col(Consent.user_id) == user_id,
                col(Consent.kind) == kind,
                col(Consent.version) == version,
                col(Consent.withdrawn_at).is_(None),
            )
        )
        return found.one_or_none()

    async def add(self, consent: Consent) -> None:
        """Record a consent."""
        self._session.add(consent)
        await self._session.flush()

    async def withdraw(self, user_id: UUID, kind: ConsentKind, now: datetime) -> int:
        """End the consents of this kind, whichever version; how many this call ended."""
        ended = await self._session.exec(
            update(Consent)
            .where(col(Consent.user_id) == user_id, col(Consent.kind) == kind, col(Consent.withdrawn_at).is_(None))
            .values(withdrawn_at=now)
            .returning(col(Consent.id))
        )
        return len(ended.all())

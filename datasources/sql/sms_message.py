"""Text messages to send: each stays here from the transaction that promised it to what became of it.

States are moved by `datasources/sql/sms_steps.py` alone, each step one UPDATE that names the old state.
"""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, CheckConstraint, Column, DateTime, Identity, Index, String, text
from sqlalchemy import UniqueConstraint as Unique
from sqlmodel import Field, SQLModel


class SmsKind(StrEnum):
    """What a message is for; how it is treated depends on it."""

    CODE = "CODE"
    """A one-time code: first in the queue, at any hour, never sent a second time."""
    NOTICE = "NOTICE"
    """What a person must know: a session is withdrawn, money comes back. Nobody opts out of it."""
    REMINDER = "REMINDER"
    ANNOUNCEMENT = "ANNOUNCEMENT"
    TEST = "TEST"
    """An administrator tries a phone or a provider."""


class SmsState(StrEnum):
    """Where a message stands."""

    QUEUED = "QUEUED"
    LEASED = "LEASED"
    """Somebody has it and has not begun: it may still be taken back."""
    HANDED = "HANDED"
    """Whoever has it may have begun to send: nobody else ever gets it."""
    SENT = "SENT"
    DELIVERED = "DELIVERED"
    FAILED = "FAILED"
    UNKNOWN = "UNKNOWN"
    """It was handed over and nothing is known since. It is not sent again by itself."""
    EXPIRED = "EXPIRED"
    CANCELLED = "CANCELLED"


class SmsRoute(StrEnum):
    """A way to people's phones."""

    PHONE = "PHONE"
    """A telephone of the platform's own with `mobile_sms` on it."""
    ALIYUN = "ALIYUN"
    CONSOLE = "CONSOLE"
    """The sandbox inbox of a development installation."""


OPEN = (SmsState.QUEUED, SmsState.LEASED, SmsState.HANDED)
RECALLABLE = (SmsState.QUEUED, SmsState.LEASED)
"""States in which nobody has begun to send."""

_STATES = "state IN (" + ", ".join(f"'{state}'" for state in SmsState) + ")"
_KINDS = "kind IN (" + ", ".join(f"'{kind}'" for kind in SmsKind) + ")"
_ROUTES = "route IN (" + ", ".join(f"'{route}'" for route in SmsRoute) + ")"


class SmsMessage(SQLModel, table=True):
    """One message to one phone. Number and text are sealed; of a code that is over, the text is gone."""

    __tablename__ = "sms_message"
    __table_args__ = (
        CheckConstraint(_STATES, name="sms_message_state"),
        CheckConstraint(_KINDS, name="sms_message_kind"),
        CheckConstraint(_ROUTES, name="sms_message_route"),
        CheckConstraint("parts > 0", name="sms_message_parts"),
        CheckConstraint(
            "(state IN ('LEASED', 'HANDED')) = (lease_until IS NOT NULL)", name="sms_message_leased_for_a_time"
        ),
        CheckConstraint(
            "(state IN ('QUEUED', 'LEASED', 'HANDED')) = (finished_at IS NULL)", name="sms_message_finished_once"
        ),
        Unique("dedupe_key", name="sms_message_dedupe_key"),
        Index("sms_message_due", "priority", "not_before", "id", postgresql_where=text("state = 'QUEUED'")),
        Index("sms_message_leased", "lease_until", postgresql_where=text("lease_until IS NOT NULL")),
        Index("sms_message_of_phone", "phone_id", postgresql_where=text("lease_until IS NOT NULL")),
        Index("sms_message_expiring", "expires_at", postgresql_where=text("state = 'QUEUED' OR state = 'LEASED'")),
        Index(
            "sms_message_superseding",
            "supersede_key",
            postgresql_where=text("supersede_key IS NOT NULL AND (state = 'QUEUED' OR state = 'LEASED')"),
        ),
        Index(
            "sms_message_provider_number",
            "route",
            "provider_number",
            unique=True,
            postgresql_where=text("provider_number IS NOT NULL"),
        ),
        Index("sms_message_to", "phone_index"),
        Index("sms_message_latest", "created_at", "id"),
        Index("sms_message_finished", "finished_at", postgresql_where=text("finished_at IS NOT NULL")),
    )

    id: UUID = Field(primary_key=True)
    kind: str
    priority: int
    """The lower goes first."""
    phone_index: bytes
    sealed_phone: bytes
    sealed_text: bytes | None = Field(default=None)
    template: str = Field(default="", sa_column_kwargs={"server_default": ""})
    """The name under which providers with templates of their own know the text; empty: none of them can send it."""
    sealed_variables: bytes | None = Field(default=None)
    """The template's variables as a JSON object of strings."""
    parts: int
    """As carriers count: each part costs and is limited as one message."""
    dedupe_key: str | None = Field(default=None)
    supersede_key: str | None = Field(default=None)
    """A newer message with the same key takes the place of this one."""
    state: str = Field(default=SmsState.QUEUED)
    reason: str = Field(default="", sa_column_kwargs={"server_default": ""})
    """Why it stands where it stands, as a code."""
    attempt: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    """Counts who was given it. What is reported about an older attempt changes nothing."""
    failures: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    """How often an attempt failed in a way that may pass."""
    route: str | None = Field(default=None)
    failed_routes: list[str] = Field(sa_column=Column(ARRAY(String), nullable=False, server_default="{}"))
    """Ways that could not send it; others come first next time."""
    phone_id: UUID | None = Field(default=None, foreign_key="sms_phone.id")
    provider_number: str | None = Field(default=None)
    not_before: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    expires_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    """From then on nobody begins to send it."""
    lease_until: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    created_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    handed_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    finished_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    """When it stopped being open: sent, failed or given up."""


class SmsAttempt(SQLModel, table=True):
    """One time that a message was handed to a radio or a provider: for quotas, and for what goes wrong where."""

    __tablename__ = "sms_attempt"
    __table_args__ = (
        CheckConstraint(_ROUTES, name="sms_attempt_route"),
        Unique("message_id", "attempt", name="sms_attempt_once"),
        Index("sms_attempt_of_phone", "phone_id", "at"),
        Index("sms_attempt_latest", "at"),
    )

    id: int | None = Field(default=None, sa_column=Column(BigInteger, Identity(), primary_key=True))
    message_id: UUID = Field(foreign_key="sms_message.id", ondelete="CASCADE")
    attempt: int
    route: str
    phone_id: UUID | None = Field(default=None, foreign_key="sms_phone.id")
    parts: int
    at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    outcome: str = Field(default="", sa_column_kwargs={"server_default": ""})
    """The state that was reported; empty while nothing is."""
    reason: str = Field(default="", sa_column_kwargs={"server_default": ""})

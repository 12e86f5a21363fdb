"""What people write in the discussion area, posts and replies alike, and who reported what."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, DateTime, Index, text
from sqlmodel import Field, SQLModel


class ContributionState(StrEnum):
    """Where a contribution stands. A DELETED one keeps its row, without its words."""

    PENDING = "PENDING"
    VISIBLE = "VISIBLE"
    HIDDEN = "HIDDEN"
    DELETED = "DELETED"


class ReportReason(StrEnum):
    """What is wrong with a contribution in the eyes of who reports it."""

    PERSONAL_DATA = "PERSONAL_DATA"
    ADVERTISING = "ADVERTISING"
    ABUSE = "ABUSE"
    FALSE_INFORMATION = "FALSE_INFORMATION"
    OTHER = "OTHER"


class Contribution(SQLModel, table=True):
    """One row per post or reply. A reply names its post and has no title."""

    __tablename__ = "contribution"
    __table_args__ = (
        CheckConstraint("state IN ('PENDING', 'VISIBLE', 'HIDDEN', 'DELETED')", name="contribution_state"),
        CheckConstraint(
            "state = 'DELETED' OR (post_id IS NULL) = (title <> '')", name="contribution_posts_have_titles"
        ),
        CheckConstraint("(state = 'HIDDEN') = (hidden_reason <> '')", name="contribution_hidden_for_a_reason"),
        Index("contribution_posts", "created_at", "id", postgresql_where=text("post_id IS NULL")),
        Index("contribution_replies", "post_id", "created_at", "id", postgresql_where=text("post_id IS NOT NULL")),
        Index("contribution_of_author", "author_id", "created_at"),
        Index("contribution_waiting", "created_at", "id", postgresql_where=text("state = 'PENDING'")),
    )

    id: UUID = Field(primary_key=True)
    post_id: UUID | None = Field(default=None, foreign_key="contribution.id")
    author_id: UUID = Field(foreign_key="user_account.id")
    title: str = Field(default="")
    body: str
    state: str
    hidden_reason: str = Field(default="")
    created_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    decided_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    decided_by: UUID | None = Field(default=None, foreign_key="staff_account.id")


class ContributionReport(SQLModel, table=True):
    """One row per contribution and person who reported it. It is open until a moderator has decided."""

    __tablename__ = "contribution_report"
    __table_args__ = (
        CheckConstraint(
            "reason IN ('PERSONAL_DATA', 'ADVERTISING', 'ABUSE', 'FALSE_INFORMATION', 'OTHER')",
            name="contribution_report_reason",
        ),
        Index("contribution_report_open", "contribution_id", postgresql_where=text("settled_at IS NULL")),
        Index("contribution_report_of_reporter", "reporter_id", "created_at"),
    )

    contribution_id: UUID = Field(primary_key=True, foreign_key="contribution.id", ondelete="CASCADE")
    reporter_id: UUID = Field(primary_key=True, foreign_key="user_account.id")
    reason: str
    note: str = Field(default="")
    created_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    settled_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))

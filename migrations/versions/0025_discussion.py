"""The discussion area: posts and replies, and what was reported of them."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "contribution",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("post_id", sa.Uuid(), nullable=True),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("hidden_reason", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint("state IN ('PENDING', 'VISIBLE', 'HIDDEN', 'DELETED')", name="contribution_state"),
        sa.CheckConstraint(
            "state = 'DELETED' OR (post_id IS NULL) = (title <> '')", name="contribution_posts_have_titles"
        ),
        sa.CheckConstraint("(state = 'HIDDEN') = (hidden_reason <> '')", name="contribution_hidden_for_a_reason"),
        sa.ForeignKeyConstraint(["author_id"], ["user_account.id"]),
        sa.ForeignKeyConstraint(["decided_by"], ["staff_account.id"]),
        sa.ForeignKeyConstraint(["post_id"], ["contribution.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "contribution_posts",
        "contribution",
        ["created_at", "id"],
        unique=False,
        postgresql_where=sa.text("post_id IS NULL"),
    )
    op.create_index(
        "contribution_replies",
        "contribution",
        ["post_id", "created_at", "id"],
        unique=False,
        postgresql_where=sa.text("post_id IS NOT NULL"),
    )
    op.create_index("contribution_of_author", "contribution", ["author_id", "created_at"], unique=False)
    op.create_index(
        "contribution_waiting",
        "contribution",
        ["created_at", "id"],
        unique=False,
        postgresql_where=sa.text("state = 'PENDING'"),
    )
    op.create_table(
        "contribution_report",
        sa.Column("contribution_id", sa.Uuid(), nullable=False),
        sa.Column("reporter_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "reason IN ('PERSONAL_DATA', 'ADVERTISING', 'ABUSE', 'FALSE_INFORMATION', 'OTHER')",
            name="contribution_report_reason",
        ),
        sa.ForeignKeyConstraint(["contribution_id"], ["contribution.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["reporter_id"], ["user_account.id"]),
        sa.PrimaryKeyConstraint("contribution_id", "reporter_id"),
    )
    op.create_index(
        "contribution_report_open",
        "contribution_report",
        ["contribution_id"],
        unique=False,
        postgresql_where=sa.text("settled_at IS NULL"),
    )
    op.create_index(
        "contribution_report_of_reporter", "contribution_report", ["reporter_id", "created_at"], unique=False
    )


def downgrade() -> None:
    """Undo it."""
    for table in ("contribution_report", "contribution"):
        op.drop_table(table)

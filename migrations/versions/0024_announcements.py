"""Announcements of the platform and notices of hospitals."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "announcement",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("hospital_code", sa.String(), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("title_zh", sa.String(), nullable=False),
        sa.Column("text_zh", sa.String(), nullable=False),
        sa.Column("title_en", sa.String(), nullable=False),
        sa.Column("text_en", sa.String(), nullable=False),
        sa.Column("pinned", sa.Boolean(), nullable=False),
        sa.Column("published_from", sa.DateTime(timezone=True), nullable=True),
        sa.Column("published_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind IN ('GENERAL', 'BOOKING', 'CLOSURE', 'MAINTENANCE', 'HEALTH')", name="announcement_kind"
        ),
        sa.CheckConstraint("published_until > published_from", name="announcement_ends_after_its_begin"),
        sa.CheckConstraint("(title_en = '') = (text_en = '')", name="announcement_english_whole"),
        sa.ForeignKeyConstraint(["hospital_code"], ["hospital_account.code"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "announcement_readable",
        "announcement",
        ["published_from", "id"],
        unique=False,
        postgresql_where=sa.text("published_from IS NOT NULL AND withdrawn_at IS NULL"),
    )
    op.create_index(
        "announcement_of_hospital",
        "announcement",
        ["hospital_code"],
        unique=False,
        postgresql_where=sa.text("hospital_code IS NOT NULL"),
    )
    op.create_index("announcement_latest", "announcement", ["created_at", "id"], unique=False)


def downgrade() -> None:
    """Undo it."""
    op.drop_table("announcement")

"""Broadcasts, versions of messages' words, and what the outbox's list is read by."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make them."""
    op.create_table(
        "broadcast",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("author_hospital_code", sa.String(), nullable=True),
        sa.Column("audience", sa.String(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("hospital_code", sa.String(), nullable=True),
        sa.Column("department_code", sa.String(), nullable=True),
        sa.Column("schedule_id", sa.String(), nullable=True),
        sa.Column("first_date", sa.Date(), nullable=True),
        sa.Column("last_date", sa.Date(), nullable=True),
        sa.Column("title_zh", sa.String(), nullable=False),
        sa.Column("body_zh", sa.String(), nullable=False),
        sa.Column("title_en", sa.String(), nullable=False),
        sa.Column("body_en", sa.String(), nullable=False),
        sa.Column("by_sms", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=False),
        sa.Column("useless_after", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cursor", sa.Uuid(), nullable=True),
        sa.Column("all_written", sa.Boolean(), nullable=False),
        sa.Column("planned", sa.Integer(), nullable=True),
        sa.Column("written", sa.Integer(), nullable=False),
        sa.Column("told", sa.Integer(), nullable=False),
        sa.Column("dropped", sa.Integer(), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column("texted", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('WAITING', 'RUNNING', 'PAUSED', 'CANCELLED', 'DONE')", name="broadcast_state"),
        sa.CheckConstraint("audience IN ('USER', 'HOLDERS', 'EVERYONE')", name="broadcast_audience"),
        sa.CheckConstraint("(audience = 'USER') = (user_id IS NOT NULL)", name="broadcast_user_named"),
        sa.CheckConstraint("(audience = 'HOLDERS') = (hospital_code IS NOT NULL)", name="broadcast_hospital_named"),
        sa.ForeignKeyConstraint(["author_hospital_code"], ["hospital_account.code"]),
        sa.ForeignKeyConstraint(["hospital_code"], ["hospital_account.code"]),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "broadcast_due",
        "broadcast",
        ["not_before", "id"],
        unique=False,
        postgresql_where=sa.text("state IN ('WAITING', 'RUNNING')"),
    )
    op.create_index("broadcast_latest", "broadcast", ["created_at", "id"], unique=False)
    op.create_table(
        "message_template_version",
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("sms", sa.String(), nullable=False),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("saved_by", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "language", "version"),
    )
    op.add_column("outgoing_message", sa.Column("broadcast_id", sa.Uuid(), nullable=True))
    op.add_column("outgoing_message", sa.Column("in_app_only", sa.Boolean(), server_default="false", nullable=False))
    op.create_foreign_key(
        "outgoing_message_broadcast_id_fkey", "outgoing_message", "broadcast", ["broadcast_id"], ["id"]
    )
    op.create_index(
        "outgoing_message_of_broadcast",
        "outgoing_message",
        ["broadcast_id"],
        unique=False,
        postgresql_where=sa.text("broadcast_id IS NOT NULL"),
    )
    op.create_index(
        "outgoing_message_given_up",
        "outgoing_message",
        ["created_at", "id"],
        unique=False,
        postgresql_where=sa.text("state = 'FAILED'"),
    )


def downgrade() -> None:
    """Undo it."""
    op.drop_index("outgoing_message_given_up", "outgoing_message")
    op.drop_index("outgoing_message_of_broadcast", "outgoing_message")
    op.drop_column("outgoing_message", "in_app_only")
    op.drop_column("outgoing_message", "broadcast_id")
    op.drop_table("message_template_version")
    op.drop_table("broadcast")

"""The outbox of messages to people, what they were told in the app, the words and their choices."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "outgoing_message",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("staff_id", sa.Uuid(), nullable=True),
        sa.Column("hospital_code", sa.String(), nullable=True),
        sa.Column("variables", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("subject_kind", sa.String(), nullable=False),
        sa.Column("subject_id", sa.String(), nullable=False),
        sa.Column("dedupe_key", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("useless_after", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(), server_default="", nullable=False),
        sa.Column("fates", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('WAITING', 'TOLD', 'DROPPED', 'FAILED')", name="outgoing_message_state"),
        sa.CheckConstraint("num_nonnulls(user_id, staff_id, hospital_code) = 1", name="outgoing_message_one_recipient"),
        sa.CheckConstraint("(state = 'WAITING') = (next_at IS NOT NULL)", name="outgoing_message_next_while_waiting"),
        sa.CheckConstraint(
            "(state = 'WAITING') = (finished_at IS NULL)", name="outgoing_message_finished_has_its_time"
        ),
        sa.ForeignKeyConstraint(["hospital_code"], ["hospital_account.code"]),
        sa.ForeignKeyConstraint(["staff_id"], ["staff_account.id"]),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("dedupe_key", name="outgoing_message_dedupe_key"),
    )
    op.create_index(
        "outgoing_message_due",
        "outgoing_message",
        ["next_at", "id"],
        unique=False,
        postgresql_where=sa.text("state = 'WAITING'"),
    )
    op.create_index("outgoing_message_latest", "outgoing_message", ["created_at", "id"], unique=False)
    op.create_index(
        "outgoing_message_of_user",
        "outgoing_message",
        ["user_id"],
        unique=False,
        postgresql_where=sa.text("user_id IS NOT NULL"),
    )
    op.create_table(
        "notification",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("recipient_kind", sa.String(), nullable=False),
        sa.Column("recipient_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("texts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("subject_kind", sa.String(), nullable=False),
        sa.Column("subject_id", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("recipient_kind IN ('user', 'staff')", name="notification_recipient_kind"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("notification_once", "notification", ["message_id", "recipient_id"], unique=True)
    op.create_index("notification_of_recipient", "notification", ["recipient_id", "created_at", "id"], unique=False)
    op.create_index(
        "notification_unread",
        "notification",
        ["recipient_id"],
        unique=False,
        postgresql_where=sa.text("read_at IS NULL"),
    )
    op.create_index("notification_oldest", "notification", ["created_at"], unique=False)
    op.create_table(
        "message_template",
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("sms", sa.String(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint("language IN ('zh-CN', 'en')", name="message_template_language"),
        sa.ForeignKeyConstraint(["updated_by"], ["staff_account.id"]),
        sa.PrimaryKeyConstraint("kind", "language"),
    )
    op.create_table(
        "message_choice",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("sms", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"]),
        sa.PrimaryKeyConstraint("user_id", "kind"),
    )
    op.create_table(
        "message_language",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.CheckConstraint("language IN ('zh-CN', 'en')", name="message_language_language"),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"]),
        sa.PrimaryKeyConstraint("user_id"),
    )


def downgrade() -> None:
    """Undo it."""
    for table in ("message_language", "message_choice", "message_template", "notification", "outgoing_message"):
        op.drop_table(table)

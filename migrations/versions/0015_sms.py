"""Text messages to send, the telephones that send them, what people answer, and who opted out."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "sms_opt_out",
        sa.Column("phone_index", sa.LargeBinary(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("phone_index", "kind"),
    )
    op.create_table(
        "sms_phone",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(), nullable=True),
        sa.Column("code_expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("token_hash", sa.LargeBinary(), nullable=True),
        sa.Column("enrolled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("paused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sim_slot", sa.Integer(), nullable=True),
        sa.Column("parts_per_half_hour", sa.Integer(), nullable=False),
        sa.Column("parts_per_day", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failures_in_a_row", sa.Integer(), server_default="0", nullable=False),
        sa.Column("last_beat_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("battery_percent", sa.Integer(), nullable=True),
        sa.Column("charging", sa.Boolean(), nullable=True),
        sa.Column("signal_percent", sa.Integer(), nullable=True),
        sa.Column("sims", postgresql.JSONB(astext_type=sa.Text()), server_default="[]", nullable=False),
        sa.Column("journal_open", sa.Integer(), nullable=True),
        sa.Column("hung_calls", sa.Integer(), nullable=True),
        sa.Column("app_version", sa.String(), server_default="", nullable=False),
        sa.Column("radio", sa.String(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "sms_phone_code", "sms_phone", ["code_hash"], unique=True, postgresql_where=sa.text("code_hash IS NOT NULL")
    )
    op.create_index(
        "sms_phone_token", "sms_phone", ["token_hash"], unique=True, postgresql_where=sa.text("token_hash IS NOT NULL")
    )
    op.create_table(
        "sms_provider_health",
        sa.Column("route", sa.String(), nullable=False),
        sa.Column("failures_in_a_row", sa.Integer(), server_default="0", nullable=False),
        sa.Column("rest_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_problem", sa.String(), server_default="", nullable=False),
        sa.Column("last_ok_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("route"),
    )
    op.create_table(
        "sms_message",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("phone_index", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_phone", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_text", sa.LargeBinary(), nullable=True),
        sa.Column("template", sa.String(), server_default="", nullable=False),
        sa.Column("sealed_variables", sa.LargeBinary(), nullable=True),
        sa.Column("parts", sa.Integer(), nullable=False),
        sa.Column("dedupe_key", sa.String(), nullable=True),
        sa.Column("supersede_key", sa.String(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), server_default="", nullable=False),
        sa.Column("attempt", sa.Integer(), server_default="0", nullable=False),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("route", sa.String(), nullable=True),
        sa.Column("failed_routes", sa.ARRAY(sa.String()), server_default="{}", nullable=False),
        sa.Column("phone_id", sa.Uuid(), nullable=True),
        sa.Column("provider_number", sa.String(), nullable=True),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("handed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state IN ('LEASED', 'HANDED')) = (lease_until IS NOT NULL)", name="sms_message_leased_for_a_time"
        ),
        sa.CheckConstraint(
            "(state IN ('QUEUED', 'LEASED', 'HANDED')) = (finished_at IS NULL)", name="sms_message_finished_once"
        ),
        sa.CheckConstraint("kind IN ('CODE', 'NOTICE', 'REMINDER', 'ANNOUNCEMENT', 'TEST')", name="sms_message_kind"),
        sa.CheckConstraint("route IN ('PHONE', 'ALIYUN', 'CONSOLE')", name="sms_message_route"),
        sa.CheckConstraint(
            "state IN ('QUEUED', 'LEASED', 'HANDED', 'SENT', 'DELIVERED', 'FAILED', 'UNKNOWN', 'EXPIRED', 'CANCELLED')",
            name="sms_message_state",
        ),
        sa.CheckConstraint("parts > 0", name="sms_message_parts"),
        sa.ForeignKeyConstraint(
            ["phone_id"],
            ["sms_phone.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("dedupe_key", name="sms_message_dedupe_key"),
    )
    op.create_index(
        "sms_message_due",
        "sms_message",
        ["priority", "not_before", "id"],
        unique=False,
        postgresql_where=sa.text("state = 'QUEUED'"),
    )
    op.create_index(
        "sms_message_expiring",
        "sms_message",
        ["expires_at"],
        unique=False,
        postgresql_where=sa.text("state = 'QUEUED' OR state = 'LEASED'"),
    )
    op.create_index(
        "sms_message_finished",
        "sms_message",
        ["finished_at"],
        unique=False,
        postgresql_where=sa.text("finished_at IS NOT NULL"),
    )
    op.create_index("sms_message_latest", "sms_message", ["created_at", "id"], unique=False)
    op.create_index(
        "sms_message_leased",
        "sms_message",
        ["lease_until"],
        unique=False,
        postgresql_where=sa.text("lease_until IS NOT NULL"),
    )
    op.create_index(
        "sms_message_of_phone",
        "sms_message",
        ["phone_id"],
        unique=False,
        postgresql_where=sa.text("lease_until IS NOT NULL"),
    )
    op.create_index(
        "sms_message_provider_number",
        "sms_message",
        ["route", "provider_number"],
        unique=True,
        postgresql_where=sa.text("provider_number IS NOT NULL"),
    )
    op.create_index(
        "sms_message_superseding",
        "sms_message",
        ["supersede_key"],
        unique=False,
        postgresql_where=sa.text("supersede_key IS NOT NULL AND (state = 'QUEUED' OR state = 'LEASED')"),
    )
    op.create_index("sms_message_to", "sms_message", ["phone_index"], unique=False)
    op.create_table(
        "sms_received",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("phone_id", sa.Uuid(), nullable=True),
        sa.Column("phone_index", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_phone", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_text", sa.LargeBinary(), nullable=False),
        sa.Column("meaning", sa.String(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("meaning IN ('OPT_OUT', 'OPT_IN', 'OTHER')", name="sms_received_meaning"),
        sa.ForeignKeyConstraint(
            ["phone_id"],
            ["sms_phone.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("digest", name="sms_received_once"),
    )
    op.create_index("sms_received_from", "sms_received", ["phone_index"], unique=False)
    op.create_index("sms_received_latest", "sms_received", ["received_at", "id"], unique=False)
    op.create_table(
        "sms_attempt",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("route", sa.String(), nullable=False),
        sa.Column("phone_id", sa.Uuid(), nullable=True),
        sa.Column("parts", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.String(), server_default="", nullable=False),
        sa.Column("reason", sa.String(), server_default="", nullable=False),
        sa.CheckConstraint("route IN ('PHONE', 'ALIYUN', 'CONSOLE')", name="sms_attempt_route"),
        sa.ForeignKeyConstraint(["message_id"], ["sms_message.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["phone_id"],
            ["sms_phone.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("message_id", "attempt", name="sms_attempt_once"),
    )
    op.create_index("sms_attempt_latest", "sms_attempt", ["at"], unique=False)
    op.create_index("sms_attempt_of_phone", "sms_attempt", ["phone_id", "at"], unique=False)


def downgrade() -> None:
    """Undo it."""
    for table in ("sms_received", "sms_attempt", "sms_message", "sms_provider_health", "sms_phone", "sms_opt_out"):
        op.drop_table(table)

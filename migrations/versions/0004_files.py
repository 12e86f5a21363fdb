"""Files: one row for each, its bytes in object storage."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "stored_file",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("owner_kind", sa.String(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("refusal", sa.String(), nullable=True),
        sa.Column("content_type", sa.String(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(length=32), nullable=True),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=True),
        sa.Column("upload_key", sa.String(), nullable=True),
        sa.Column("object_key", sa.String(), nullable=True),
        sa.Column("used_by", sa.String(), nullable=True),
        sa.Column("idempotency_key", sa.String(length=128), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("upload_expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("inspecting_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ready_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "purpose IN ('IDENTITY_PICTURE', 'AVATAR', 'HOSPITAL_LICENCE', 'EXPORT')", name="stored_file_purpose"
        ),
        sa.CheckConstraint(
            "state IN ('UPLOADING', 'INSPECTING', 'READY', 'REFUSED', 'DELETED')", name="stored_file_state"
        ),
        sa.CheckConstraint("owner_kind IN ('USER', 'STAFF')", name="stored_file_owner_kind"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("owner_kind", "owner_id", "idempotency_key", name="stored_file_once"),
    )
    op.create_index("stored_file_owner", "stored_file", ["owner_kind", "owner_id", "created_at", "id"], unique=False)
    op.create_index("stored_file_created", "stored_file", ["created_at", "id"], unique=False)
    op.create_index(
        "stored_file_unsettled",
        "stored_file",
        ["created_at"],
        unique=False,
        postgresql_where=sa.text("upload_key IS NOT NULL OR (object_key IS NOT NULL AND state <> 'READY')"),
    )


def downgrade() -> None:
    """Undo it."""
    op.drop_index(
        "stored_file_unsettled",
        table_name="stored_file",
        postgresql_where=sa.text("upload_key IS NOT NULL OR (object_key IS NOT NULL AND state <> 'READY')"),
    )
    op.drop_index("stored_file_created", table_name="stored_file")
    op.drop_index("stored_file_owner", table_name="stored_file")
    op.drop_table("stored_file")

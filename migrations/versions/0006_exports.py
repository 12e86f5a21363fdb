"""Exports of people's own data, and how far the audit log's chain was proved."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_UNDER_WAY = sa.text("state = 'WAITING' OR state = 'RUNNING'")
_DUE = sa.text("due_at IS NOT NULL")
_READY = sa.text("state = 'READY'")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "data_export",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease_id", sa.Uuid(), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("file_id", sa.Uuid(), nullable=True),
        sa.Column("failure", sa.String(), nullable=True),
        sa.CheckConstraint("state IN ('WAITING', 'RUNNING', 'READY', 'FAILED', 'EXPIRED')", name="data_export_state"),
        sa.CheckConstraint("failure IN ('ACCOUNT_CLOSED', 'TOO_MANY_ATTEMPTS')", name="data_export_failure"),
        sa.CheckConstraint(
            "(state = 'WAITING' AND due_at IS NOT NULL"
            " AND num_nonnulls(lease_id, finished_at, expires_at, file_id, failure) = 0)"
            " OR (state = 'RUNNING' AND num_nulls(due_at, lease_id) = 0"
            " AND num_nonnulls(finished_at, expires_at, file_id, failure) = 0)"
            " OR (state = 'FAILED' AND num_nulls(finished_at, failure) = 0"
            " AND num_nonnulls(due_at, lease_id, expires_at, file_id) = 0)"
            " OR (state IN ('READY', 'EXPIRED') AND num_nulls(finished_at, expires_at, file_id) = 0"
            " AND num_nonnulls(due_at, lease_id, failure) = 0)",
            name="data_export_stands",
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"]),
        sa.ForeignKeyConstraint(["file_id"], ["stored_file.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("data_export_one_at_a_time", "data_export", ["user_id"], unique=True, postgresql_where=_UNDER_WAY)
    op.create_index("data_export_user", "data_export", ["user_id", "requested_at", "id"], unique=False)
    op.create_index("data_export_due", "data_export", ["due_at"], unique=False, postgresql_where=_DUE)
    op.create_index("data_export_expiring", "data_export", ["expires_at"], unique=False, postgresql_where=_READY)
    op.create_table(
        "audit_check",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("proved_number", sa.BigInteger(), nullable=False),
        sa.Column("proved_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("walked_number", sa.BigInteger(), nullable=False),
        sa.Column("walked_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("whole_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("broken_number", sa.BigInteger(), nullable=True),
        sa.Column("fault", sa.String(), nullable=True),
        sa.Column("broken_since", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("id = 1", name="audit_check_one_row"),
        sa.CheckConstraint("fault IN ('MISSING', 'ALTERED')", name="audit_check_fault"),
        sa.CheckConstraint("num_nonnulls(broken_number, fault, broken_since) IN (0, 3)", name="audit_check_broken"),
        sa.PrimaryKeyConstraint("id"),
    )


def downgrade() -> None:
    """Undo it."""
    op.drop_table("audit_check")
    op.drop_index("data_export_expiring", table_name="data_export", postgresql_where=_READY)
    op.drop_index("data_export_due", table_name="data_export", postgresql_where=_DUE)
    op.drop_index("data_export_user", table_name="data_export")
    op.drop_index("data_export_one_at_a_time", table_name="data_export", postgresql_where=_UNDER_WAY)
    op.drop_table("data_export")

"""Real-name verification: one row for each submission."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_LIVE = sa.text("state <> 'REJECTED'")
_VERIFIED = sa.text("state = 'VERIFIED'")
_WITH_ORIGINALS = sa.text("decided_at IS NOT NULL AND originals_deleted_at IS NULL")


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "verification_request",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("sealed_name", sa.LargeBinary(), nullable=True),
        sa.Column("certificate_kind", sa.String(), nullable=False),
        sa.Column("sealed_certificate", sa.LargeBinary(), nullable=True),
        sa.Column("certificate_index", sa.LargeBinary(length=16), nullable=True),
        sa.Column("front_file_id", sa.Uuid(), nullable=False),
        sa.Column("back_file_id", sa.Uuid(), nullable=True),
        sa.Column("consent_version", sa.String(), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("rejection", sa.String(), nullable=True),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("originals_deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('PENDING', 'VERIFIED', 'REJECTED')", name="verification_request_state"),
        sa.CheckConstraint(
            "rejection IN ('UNREADABLE_PICTURE', 'NOT_AS_STATED', 'EXPIRED_CERTIFICATE', 'WRONG_CERTIFICATE',"
            " 'SUSPECTED_FORGERY', 'USED_ELSEWHERE', 'OTHER')",
            name="verification_request_rejection",
        ),
        sa.CheckConstraint(
            "(state = 'PENDING' AND num_nonnulls(decided_at, decided_by, rejection, note, originals_deleted_at) = 0)"
            " OR (state = 'VERIFIED' AND num_nulls(decided_at, decided_by) = 0 AND num_nonnulls(rejection, note) = 0)"
            " OR (state = 'REJECTED' AND num_nulls(decided_at, decided_by, rejection) = 0)",
            name="verification_request_decided",
        ),
        sa.CheckConstraint(
            "num_nulls(sealed_name, sealed_certificate, certificate_index) = 0"
            " OR (num_nonnulls(sealed_name, sealed_certificate, certificate_index) = 0"
            " AND state = 'REJECTED' AND originals_deleted_at IS NOT NULL)",
            name="verification_request_details",
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"]),
        sa.ForeignKeyConstraint(["front_file_id"], ["stored_file.id"]),
        sa.ForeignKeyConstraint(["back_file_id"], ["stored_file.id"]),
        sa.ForeignKeyConstraint(["decided_by"], ["staff_account.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "verification_request_user", "verification_request", ["user_id", "submitted_at", "id"], unique=False
    )
    op.create_index(
        "verification_request_live_once", "verification_request", ["user_id"], unique=True, postgresql_where=_LIVE
    )
    op.create_index(
        "verification_request_certificate_once",
        "verification_request",
        ["certificate_kind", "certificate_index"],
        unique=True,
        postgresql_where=_VERIFIED,
    )
    op.create_index("verification_request_queue", "verification_request", ["state", "submitted_at", "id"], unique=False)
    op.create_index(
        "verification_request_originals",
        "verification_request",
        ["decided_at"],
        unique=False,
        postgresql_where=_WITH_ORIGINALS,
    )


def downgrade() -> None:
    """Undo it."""
    op.drop_index("verification_request_originals", table_name="verification_request", postgresql_where=_WITH_ORIGINALS)
    op.drop_index("verification_request_queue", table_name="verification_request")
    op.drop_index(
        "verification_request_certificate_once", table_name="verification_request", postgresql_where=_VERIFIED
    )
    op.drop_index("verification_request_live_once", table_name="verification_request", postgresql_where=_LIVE)
    op.drop_index("verification_request_user", table_name="verification_request")
    op.drop_table("verification_request")

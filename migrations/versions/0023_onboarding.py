"""Hospitals' applications, invitations to their staff, keys that end at a set time, and why a hospital is locked."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0023"
down_revision = "0027"
branch_labels = None
depends_on = None

STATES = "state IN ('SUBMITTED', 'APPROVED', 'REJECTED', 'WITHDRAWN')"
DECIDED = (
    "(state IN ('SUBMITTED', 'WITHDRAWN') AND num_nonnulls(decided_at, decided_by, reason, hospital_code) = 0)"
    " OR (state = 'REJECTED' AND num_nulls(decided_at, decided_by, reason) = 0 AND hospital_code IS NULL)"
    " OR (state = 'APPROVED' AND num_nulls(decided_at, decided_by, hospital_code) = 0 AND reason IS NULL)"
)


def upgrade() -> None:
    """Make the tables and columns."""
    op.create_table(
        "hospital_application",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("receipt_hash", sa.LargeBinary(32), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("level", sa.String(), nullable=False),
        sa.Column("region_code", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("registration_number", sa.String(), nullable=False),
        sa.Column("phone", sa.String(), nullable=False),
        sa.Column("api_base", sa.String(), nullable=False),
        sa.Column("sealed_contact_name", sa.LargeBinary(), nullable=True),
        sa.Column("sealed_contact_phone", sa.LargeBinary(), nullable=True),
        sa.Column("licence_file_ids", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("submissions", sa.Integer(), nullable=False),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("hospital_code", sa.String(), nullable=True),
        sa.CheckConstraint(STATES, name="hospital_application_state"),
        sa.CheckConstraint(DECIDED, name="hospital_application_decided"),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"]),
        sa.ForeignKeyConstraint(["decided_by"], ["staff_account.id"]),
        sa.ForeignKeyConstraint(["hospital_code"], ["hospital_account.code"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("hospital_application_number", "hospital_application", ["number"], unique=True)
    op.create_index("hospital_application_user", "hospital_application", ["user_id", "applied_at", "id"], unique=False)
    op.create_index(
        "hospital_application_registration_once",
        "hospital_application",
        ["registration_number"],
        unique=True,
        postgresql_where=sa.text("state IN ('SUBMITTED', 'APPROVED')"),
    )
    op.create_index("hospital_application_queue", "hospital_application", ["state", "submitted_at", "id"], unique=False)
    op.create_index("hospital_application_latest", "hospital_application", ["submitted_at", "id"], unique=False)
    op.create_table(
        "staff_invitation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("hospital_code", sa.String(), nullable=False),
        sa.Column("roles", postgresql.ARRAY(sa.String()), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(32), nullable=False),
        sa.Column("inviter_kind", sa.String(), nullable=False),
        sa.Column("inviter_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("staff_id", sa.Uuid(), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("inviter_kind IN ('staff', 'user')", name="staff_invitation_inviter_kind"),
        sa.CheckConstraint("num_nonnulls(accepted_at, revoked_at) <= 1", name="staff_invitation_one_end"),
        sa.CheckConstraint("num_nonnulls(accepted_at, staff_id) <> 1", name="staff_invitation_accepted"),
        sa.ForeignKeyConstraint(["hospital_code"], ["hospital_account.code"]),
        sa.ForeignKeyConstraint(["staff_id"], ["staff_account.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("staff_invitation_token", "staff_invitation", ["token_hash"], unique=True)
    op.create_index(
        "staff_invitation_hospital", "staff_invitation", ["hospital_code", "created_at", "id"], unique=False
    )
    op.add_column("integration_key", sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("hospital_account", sa.Column("lock_reason", sa.String(), nullable=True))
    op.add_column("hospital_account", sa.Column("status_changed_at", sa.DateTime(timezone=True), nullable=True))
    op.create_check_constraint(
        "hospital_account_lock_reason", "hospital_account", "status = 'LOCKED' OR lock_reason IS NULL"
    )


def downgrade() -> None:
    """Undo it."""
    op.drop_constraint("hospital_account_lock_reason", "hospital_account")
    op.drop_column("hospital_account", "status_changed_at")
    op.drop_column("hospital_account", "lock_reason")
    op.drop_column("integration_key", "ends_at")
    op.drop_table("staff_invitation")
    op.drop_table("hospital_application")

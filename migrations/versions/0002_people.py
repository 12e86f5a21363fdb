"""People: accounts of users and staff, their sessions, and the audit log."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the four tables; the audit log takes nothing but new rows."""
    op.create_table(
        "audit_entry",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_kind", sa.String(), nullable=False),
        sa.Column("actor_id", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("subject_kind", sa.String(), nullable=False),
        sa.Column("subject_id", sa.String(), nullable=False),
        sa.Column("hospital_code", sa.String(), nullable=True),
        sa.Column("result", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("request_id", sa.String(), nullable=False),
        sa.Column("detail", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("audit_entry_action", "audit_entry", ["action", "id"], unique=False)
    op.create_index("audit_entry_actor", "audit_entry", ["actor_kind", "actor_id", "id"], unique=False)
    op.create_index("audit_entry_hospital", "audit_entry", ["hospital_code", "id"], unique=False)
    op.create_index("audit_entry_subject", "audit_entry", ["subject_kind", "subject_id", "id"], unique=False)
    op.create_table(
        "user_account",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sealed_phone", sa.LargeBinary(), nullable=True),
        sa.Column("phone_index", sa.LargeBinary(length=16), nullable=True),
        sa.Column("masked_phone", sa.String(), nullable=False),
        sa.Column("nickname", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("verification", sa.String(), nullable=False),
        sa.Column("sealed_name", sa.LargeBinary(), nullable=True),
        sa.Column("masked_name", sa.String(), nullable=False),
        sa.Column("wechat_open_id", sa.String(), nullable=True),
        sa.Column("wechat_union_id", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("last_signed_in_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("delete_after", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("status IN ('ACTIVE', 'LOCKED', 'DELETING', 'DELETED')", name="user_account_status"),
        sa.CheckConstraint(
            "verification IN ('NONE', 'PENDING', 'VERIFIED', 'REJECTED')", name="user_account_verification"
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("phone_index"),
        sa.UniqueConstraint("wechat_open_id"),
        sa.UniqueConstraint("wechat_union_id"),
    )
    op.create_index(op.f("ix_user_account_status"), "user_account", ["status"], unique=False)
    op.create_table(
        "staff_account",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sign_in_name", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=50), nullable=False),
        sa.Column("hospital_code", sa.String(), nullable=True),
        sa.Column("roles", sa.ARRAY(sa.String()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=False),
        sa.Column("must_change_password", sa.Boolean(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("failed_tries", sa.Integer(), nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sealed_totp_secret", sa.LargeBinary(), nullable=True),
        sa.Column("totp_confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_totp_step", sa.Integer(), nullable=True),
        sa.Column("recovery_code_hashes", sa.ARRAY(sa.String()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("last_signed_in_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("status IN ('ACTIVE', 'LOCKED')", name="staff_account_status"),
        sa.ForeignKeyConstraint(
            ["hospital_code"],
            ["hospital_account.code"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_staff_account_hospital_code"), "staff_account", ["hospital_code"], unique=False)
    op.create_index(
        "staff_account_sign_in_name", "staff_account", [sa.literal_column("lower(sign_in_name)")], unique=True
    )
    op.create_table(
        "sign_in_session",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("staff_id", sa.Uuid(), nullable=True),
        sa.Column("device", sa.String(length=200), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("refresh_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("previous_refresh_hash", sa.LargeBinary(length=32), nullable=True),
        sa.Column("refreshed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("end_reason", sa.String(), nullable=True),
        sa.CheckConstraint("num_nonnulls(user_id, staff_id) = 1", name="sign_in_session_of_one_account"),
        sa.ForeignKeyConstraint(
            ["staff_id"],
            ["staff_account.id"],
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user_account.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("previous_refresh_hash"),
        sa.UniqueConstraint("refresh_hash"),
    )
    op.create_index(op.f("ix_sign_in_session_staff_id"), "sign_in_session", ["staff_id"], unique=False)
    op.create_index(op.f("ix_sign_in_session_user_id"), "sign_in_session", ["user_id"], unique=False)
    op.execute("""
        CREATE FUNCTION audit_entry_is_append_only() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'the audit log takes nothing but new rows'; END $$
    """)
    op.execute("""
        CREATE TRIGGER audit_entry_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entry
        FOR EACH STATEMENT EXECUTE FUNCTION audit_entry_is_append_only()
    """)


def downgrade() -> None:
    """Undo it."""
    op.drop_index(op.f("ix_sign_in_session_user_id"), table_name="sign_in_session")
    op.drop_index(op.f("ix_sign_in_session_staff_id"), table_name="sign_in_session")
    op.drop_table("sign_in_session")
    op.drop_index("staff_account_sign_in_name", table_name="staff_account")
    op.drop_index(op.f("ix_staff_account_hospital_code"), table_name="staff_account")
    op.drop_table("staff_account")
    op.drop_index(op.f("ix_user_account_status"), table_name="user_account")
    op.drop_table("user_account")
    op.drop_index("audit_entry_subject", table_name="audit_entry")
    op.drop_index("audit_entry_hospital", table_name="audit_entry")
    op.drop_index("audit_entry_actor", table_name="audit_entry")
    op.drop_index("audit_entry_action", table_name="audit_entry")
    op.drop_table("audit_entry")
    op.execute("DROP FUNCTION audit_entry_is_append_only()")

"""Patients, consents, and what watches over and renews the sealing key."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the four tables."""
    op.create_table(
        "patient",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("sealed_name", sa.LargeBinary(), nullable=True),
        sa.Column("certificate_kind", sa.String(), nullable=False),
        sa.Column("sealed_certificate", sa.LargeBinary(), nullable=True),
        sa.Column("certificate_index", sa.LargeBinary(length=16), nullable=True),
        sa.Column("check_at_desk", sa.Boolean(), nullable=False),
        sa.Column("sealed_birth_date", sa.LargeBinary(), nullable=True),
        sa.Column("sex", sa.String(), nullable=True),
        sa.Column("sealed_phone", sa.LargeBinary(), nullable=True),
        sa.Column("marital_status", sa.String(), nullable=True),
        sa.Column("insurance_kind", sa.String(), nullable=True),
        sa.Column("sealed_card_number", sa.LargeBinary(), nullable=True),
        sa.Column("region_code", sa.String(), nullable=True),
        sa.Column("sealed_address", sa.LargeBinary(), nullable=True),
        sa.Column("sealed_emergency_contact", sa.LargeBinary(), nullable=True),
        sa.Column("sealed_guardian", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("sex IN ('MALE', 'FEMALE', 'UNSTATED')", name="patient_sex"),
        sa.CheckConstraint(
            "(removed_at IS NULL AND num_nulls(sealed_name, sealed_certificate, certificate_index, sealed_phone) = 0)"
            " OR (removed_at IS NOT NULL AND num_nonnulls(sealed_name, sealed_certificate, certificate_index,"
            " sealed_birth_date, sealed_phone, sealed_card_number, sealed_address, sealed_emergency_contact,"
            " sealed_guardian, sex, marital_status, insurance_kind, region_code) = 0)",
            name="patient_removed_is_erased",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user_account.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "patient_certificate_once_per_account",
        "patient",
        ["user_id", "certificate_kind", "certificate_index"],
        unique=True,
        postgresql_where=sa.text("removed_at IS NULL"),
    )
    op.create_table(
        "consent",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind IN ('HEALTH_DATA', 'IDENTITY_PICTURES')", name="consent_kind"),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user_account.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_consent_user_id"), "consent", ["user_id"], unique=False)
    op.create_index(
        "consent_live_once",
        "consent",
        ["user_id", "kind", "version"],
        unique=True,
        postgresql_where=sa.text("withdrawn_at IS NULL"),
    )
    op.create_table(
        "key_canary",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sealed_text", sa.LargeBinary(), nullable=False),
        sa.Column("text_index", sa.LargeBinary(length=16), nullable=False),
        sa.CheckConstraint("id = 1", name="key_canary_is_one"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "key_rotation",
        sa.Column("target_key", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("table_name", sa.String(), nullable=False),
        sa.Column("last_row", sa.String(), nullable=False),
        sa.Column("resealed", sa.BigInteger(), nullable=False),
        sa.Column("unopened", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("target_key", "table_name"),
    )


def downgrade() -> None:
    """Undo it."""
    op.drop_table("key_rotation")
    op.drop_table("key_canary")
    op.drop_index("consent_live_once", table_name="consent", postgresql_where=sa.text("withdrawn_at IS NULL"))
    op.drop_index(op.f("ix_consent_user_id"), table_name="consent")
    op.drop_table("consent")
    op.drop_index(
        "patient_certificate_once_per_account", table_name="patient", postgresql_where=sa.text("removed_at IS NULL")
    )
    op.drop_table("patient")

"""Runs of the check whether ledger, orders, waitlist and catalogue agree, and what they found."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "invariant_run",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sessions_checked", sa.Integer(), server_default="0", nullable=False),
        sa.Column("texts_checked", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("breaches", sa.Integer(), server_default="0", nullable=False),
        sa.Column("drifts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("repaired", sa.Integer(), server_default="0", nullable=False),
        sa.CheckConstraint("scope IN ('RECENT', 'WHOLE')", name="invariant_run_scope"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("invariant_run_latest", "invariant_run", ["scope", "began_at"], unique=False)
    op.create_table(
        "invariant_finding",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("schedule_id", sa.String(), nullable=False),
        sa.Column("hospital_code", sa.String(), nullable=False),
        sa.Column("is_breach", sa.Boolean(), nullable=False),
        sa.Column("detail", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("first_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state IN ('OPEN', 'REPAIRED', 'GONE')", name="invariant_finding_state"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "invariant_finding_open_once",
        "invariant_finding",
        ["kind", "schedule_id"],
        unique=True,
        postgresql_where=sa.text("state = 'OPEN'"),
    )
    op.create_index("invariant_finding_latest", "invariant_finding", ["last_seen_at"], unique=False)


def downgrade() -> None:
    """Undo it."""
    op.drop_table("invariant_finding")
    op.drop_table("invariant_run")

"""The worker's jobs, their runs, and the workers."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "job_definition",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("at_seconds", sa.ARRAY(sa.Integer()), nullable=False),
        sa.Column("longest_seconds", sa.Float(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "job_run",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("job", sa.String(), nullable=False),
        sa.Column("worker", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("problem", sa.String(), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint("outcome IN ('ASKED', 'RUNNING', 'DONE', 'FAILED', 'LOST')", name="job_run_outcome"),
        sa.CheckConstraint("(outcome IN ('ASKED', 'RUNNING')) = (ended_at IS NULL)", name="job_run_ended_has_its_time"),
        sa.ForeignKeyConstraint(["asked_by"], ["staff_account.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("job_run_latest", "job_run", ["job", "id"], unique=False)
    op.create_index("job_run_asked", "job_run", ["id"], unique=False, postgresql_where=sa.text("outcome = 'ASKED'"))
    op.create_index(
        "job_run_running", "job_run", ["worker"], unique=False, postgresql_where=sa.text("outcome = 'RUNNING'")
    )
    op.create_index("job_run_oldest", "job_run", ["began_at"], unique=False)
    op.create_table(
        "worker_beat",
        sa.Column("worker", sa.String(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("beat_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("worker"),
    )


def downgrade() -> None:
    """Undo it."""
    for table in ("worker_beat", "job_run", "job_definition"):
        op.drop_table(table)

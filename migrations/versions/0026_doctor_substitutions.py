"""Doctor substitutions."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0026"
down_revision: str | None = "0023"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Add the sessions whose holders are to be told of another doctor."""
    op.create_table(
        "doctor_substitution",
        sa.Column("schedule_id", sa.String(), nullable=False),
        sa.Column("doctor", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["schedule_id"], ["slot_ledger.schedule_id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("schedule_id"),
    )


def downgrade() -> None:
    """Remove them."""
    op.drop_table("doctor_substitution")

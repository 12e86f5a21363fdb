"""Sessions whose holders are to be told of other times, as of another doctor."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0029"
down_revision: str | None = "0028"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Give the table its wider name, and the slices."""
    op.rename_table("doctor_substitution", "session_change")
    op.execute("ALTER TABLE session_change RENAME CONSTRAINT doctor_substitution_pkey TO session_change_pkey")
    op.execute(
        "ALTER TABLE session_change"
        " RENAME CONSTRAINT doctor_substitution_schedule_id_fkey TO session_change_schedule_id_fkey"
    )
    op.add_column("session_change", sa.Column("slices", postgresql.JSONB(), server_default="[]", nullable=False))


def downgrade() -> None:
    """As it was."""
    op.drop_column("session_change", "slices")
    op.execute(
        "ALTER TABLE session_change"
        " RENAME CONSTRAINT session_change_schedule_id_fkey TO doctor_substitution_schedule_id_fkey"
    )
    op.execute("ALTER TABLE session_change RENAME CONSTRAINT session_change_pkey TO doctor_substitution_pkey")
    op.rename_table("session_change", "doctor_substitution")

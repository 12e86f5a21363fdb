"""Keys of the older form protocol."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "legacy_key",
        sa.Column("hospital_code", sa.String(), nullable=False),
        sa.Column("sealed_key", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["hospital_code"], ["hospital_account.code"]),
        sa.PrimaryKeyConstraint("hospital_code"),
    )


def downgrade() -> None:
    """Take it away, with the keys."""
    op.drop_table("legacy_key")

"""Ended waitlist entries may outlive their session: one of which no number was sold may be removed."""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Drop the reference."""
    op.drop_constraint("waitlist_entry_schedule_id_fkey", "waitlist_entry", type_="foreignkey")


def downgrade() -> None:
    """Refer again; fails while entries of removed sessions are there."""
    op.create_foreign_key(
        "waitlist_entry_schedule_id_fkey", "waitlist_entry", "slot_ledger", ["schedule_id"], ["schedule_id"]
    )

"""What the jobs that move orders on look for: withdrawn sessions, and patients who came and were never seen off."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the indexes."""
    op.create_index(
        "slot_ledger_withdrawn",
        "slot_ledger",
        ["visit_date", "schedule_id"],
        unique=False,
        postgresql_where=sa.text("status = 'WITHDRAWN'"),
    )
    op.create_index(
        "booking_order_there",
        "booking_order",
        ["visit_date", "id"],
        unique=False,
        postgresql_where=sa.text("state = 'CHECKED_IN'"),
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_index("booking_order_there", "booking_order")
    op.drop_index("slot_ledger_withdrawn", "slot_ledger")

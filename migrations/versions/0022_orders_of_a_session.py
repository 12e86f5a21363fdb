"""An index by session: without it, each number ledger that is taken away reads all orders for its foreign key."""

from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the index; orders wait while it is built."""
    op.create_index("booking_order_of_schedule", "booking_order", ["schedule_id"])


def downgrade() -> None:
    """Drop it."""
    op.drop_index("booking_order_of_schedule", "booking_order")

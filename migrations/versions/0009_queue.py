"""The queue of each session: whoever has checked in, in the order in which they are called."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "queue_entry",
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("schedule_id", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("arrived_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("times_called", sa.Integer(), server_default="0", nullable=False),
        sa.Column("called_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("called_by", sa.String(), server_default="", nullable=False),
        sa.Column("room", sa.String(), server_default="", nullable=False),
        sa.CheckConstraint("number > 0 AND place >= 0", name="queue_entry_positive"),
        sa.CheckConstraint("times_called >= (called_at IS NOT NULL)::int", name="queue_entry_called_is_counted"),
        sa.ForeignKeyConstraint(["order_id"], ["booking_order.id"]),
        sa.ForeignKeyConstraint(["schedule_id"], ["slot_ledger.schedule_id"]),
        sa.PrimaryKeyConstraint("order_id"),
    )
    op.create_index("queue_entry_in_order", "queue_entry", ["schedule_id", "place"], unique=False)


def downgrade() -> None:
    """Undo it."""
    op.drop_table("queue_entry")

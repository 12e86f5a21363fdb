"""Taking numbers by plans made once: PostgreSQL planned some of the statements within anew for each attempt."""

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Have the function, and those that it calls, plan once per connection."""
    # What it looks for is always a few rows by their keys. Left to itself, PostgreSQL makes a plan for each set of
    # parameters, because it takes that for cheaper, and planning costs more than running.
    op.execute("ALTER FUNCTION book_numbers SET plan_cache_mode = force_generic_plan")


def downgrade() -> None:
    """Leave it to PostgreSQL again."""
    op.execute("ALTER FUNCTION book_numbers RESET plan_cache_mode")

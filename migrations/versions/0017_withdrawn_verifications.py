"""Requests for verification that their owner took back, and pictures that nobody ever handed in."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_DECIDED = (
    "(state = 'PENDING' AND num_nonnulls(decided_at, decided_by, rejection, note, originals_deleted_at) = 0)"
    " OR (state = 'VERIFIED' AND num_nulls(decided_at, decided_by) = 0 AND num_nonnulls(rejection, note) = 0)"
    " OR (state = 'REJECTED' AND num_nulls(decided_at, decided_by, rejection) = 0)"
)
_WITHDRAWN = (
    " OR (state = 'WITHDRAWN' AND num_nonnulls(decided_at, decided_by, rejection, note) = 0"
    " AND originals_deleted_at IS NOT NULL)"
)
_DETAILS = (
    "num_nulls(sealed_name, sealed_certificate, certificate_index) = 0"
    " OR (num_nonnulls(sealed_name, sealed_certificate, certificate_index) = 0"
    " AND {states} AND originals_deleted_at IS NOT NULL)"
)


def upgrade() -> None:
    """Allow the state, and find unused pictures."""
    _change(
        states="state IN ('PENDING', 'VERIFIED', 'REJECTED', 'WITHDRAWN')",
        decided=_DECIDED + _WITHDRAWN,
        details=_DETAILS.format(states="state IN ('REJECTED', 'WITHDRAWN')"),
        live="state IN ('PENDING', 'VERIFIED')",
    )
    op.create_index(
        "stored_file_unused_picture",
        "stored_file",
        ["created_at", "id"],
        postgresql_where=sa.text("purpose = 'IDENTITY_PICTURE' AND state = 'READY' AND used_by IS NULL"),
    )


def downgrade() -> None:
    """Forbid it again; fails while such requests are there."""
    op.drop_index("stored_file_unused_picture", "stored_file")
    _change(
        states="state IN ('PENDING', 'VERIFIED', 'REJECTED')",
        decided=_DECIDED,
        details=_DETAILS.format(states="state = 'REJECTED'"),
        live="state <> 'REJECTED'",
    )


def _change(*, states: str, decided: str, details: str, live: str) -> None:
    table = "verification_request"
    for name, condition in (("state", states), ("decided", decided), ("details", details)):
        op.drop_constraint(f"{table}_{name}", table, type_="check")
        op.create_check_constraint(f"{table}_{name}", table, condition)
    op.drop_index(f"{table}_live_once", table)
    op.create_index(f"{table}_live_once", table, ["user_id"], unique=True, postgresql_where=sa.text(live))

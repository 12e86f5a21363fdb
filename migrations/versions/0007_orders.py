"""Orders, their history, the waitlist, bans, and what was done under an idempotency key."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables and the ledger's count of the waiting."""
    op.create_table(
        "idempotency_record",
        sa.Column("caller", sa.String(), nullable=False),
        sa.Column("operation", sa.String(), nullable=False),
        sa.Column("idempotency_key", sa.String(length=128), nullable=False),
        sa.Column("request_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("subject_id", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("caller", "operation", "idempotency_key"),
    )
    op.create_index(op.f("ix_idempotency_record_created_at"), "idempotency_record", ["created_at"], unique=False)
    op.create_table(
        "booking_ban",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person", sa.LargeBinary(length=16), nullable=True),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("no_shows", sa.Integer(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lifted_by", sa.Uuid(), nullable=True),
        sa.Column("lifted_because", sa.String(), nullable=False),
        sa.CheckConstraint("until > since", name="booking_ban_lasts"),
        sa.ForeignKeyConstraint(
            ["patient_id"],
            ["patient.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("person", "year", "no_shows", name="booking_ban_once"),
    )
    op.create_index("booking_ban_of_person", "booking_ban", ["person", "until"], unique=False)
    op.create_table(
        "booking_order",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("order_number", sa.String(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("person", sa.LargeBinary(length=16), nullable=True),
        sa.Column("masked_patient_name", sa.String(), nullable=False),
        sa.Column("schedule_id", sa.String(), nullable=False),
        sa.Column("hospital_code", sa.String(), nullable=False),
        sa.Column("department_code", sa.String(), nullable=False),
        sa.Column("visit_date", sa.Date(), nullable=False),
        sa.Column("half_day", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("fee", sa.Numeric(precision=10, scale=2), nullable=False),
        sa.Column("paid_amount", sa.Numeric(precision=10, scale=2), server_default="0", nullable=False),
        sa.Column("lapses_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancel_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("fetch_time", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fetch_address", sa.String(), nullable=False),
        sa.Column("hospital_record_id", sa.String(), nullable=True),
        sa.Column("texts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("idempotency_key", sa.String(length=128), nullable=False),
        sa.Column("request_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state_changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("checked_in_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_because", sa.String(), nullable=True),
        sa.CheckConstraint(
            "(state IN ('PENDING_HOSPITAL', 'AWAITING_PAYMENT')) = (lapses_at IS NOT NULL)",
            name="booking_order_lapses_while_waiting",
        ),
        sa.CheckConstraint("half_day IN ('AM', 'PM')", name="booking_order_half_day"),
        sa.CheckConstraint(
            "person IS NOT NULL OR NOT (state IN ('PENDING_HOSPITAL', 'AWAITING_PAYMENT', 'PAID', 'CHECKED_IN'))",
            name="booking_order_live_has_person",
        ),
        sa.CheckConstraint(
            "state IN ('PENDING_HOSPITAL', 'AWAITING_PAYMENT', 'PAID', 'CHECKED_IN', 'COMPLETED', 'CANCELLED', "
            "'EXPIRED', 'REJECTED', 'REFUNDING', 'REFUNDED', 'NO_SHOW')",
            name="booking_order_state",
        ),
        sa.CheckConstraint("fee >= 0 AND paid_amount >= 0", name="booking_order_amounts"),
        sa.CheckConstraint("number > 0", name="booking_order_number_positive"),
        sa.ForeignKeyConstraint(
            ["patient_id"],
            ["patient.id"],
        ),
        sa.ForeignKeyConstraint(
            ["schedule_id"],
            ["slot_ledger.schedule_id"],
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user_account.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("order_number", name="booking_order_order_number"),
        sa.UniqueConstraint("user_id", "idempotency_key", name="booking_order_once_per_key"),
    )
    op.create_index(
        "booking_order_lapsing",
        "booking_order",
        ["lapses_at"],
        unique=False,
        postgresql_where=sa.text("lapses_at IS NOT NULL"),
    )
    op.create_index(
        "booking_order_number_once",
        "booking_order",
        ["schedule_id", "number"],
        unique=True,
        postgresql_where=sa.text(
            "state IN ('PENDING_HOSPITAL', 'AWAITING_PAYMENT', 'PAID', 'CHECKED_IN', 'COMPLETED', 'NO_SHOW')"
        ),
    )
    op.create_index("booking_order_of_hospital", "booking_order", ["hospital_code", "visit_date", "id"], unique=False)
    op.create_index("booking_order_of_patient", "booking_order", ["patient_id"], unique=False)
    op.create_index("booking_order_of_user", "booking_order", ["user_id", "id"], unique=False)
    op.create_index(
        "booking_order_person_once",
        "booking_order",
        ["person", "hospital_code", "department_code", "visit_date", "half_day"],
        unique=True,
        postgresql_where=sa.text(
            "state IN ('PENDING_HOSPITAL', 'AWAITING_PAYMENT', 'PAID', 'CHECKED_IN', 'COMPLETED', 'NO_SHOW')"
        ),
    )
    op.create_index(
        "booking_order_to_come",
        "booking_order",
        ["visit_date", "half_day"],
        unique=False,
        postgresql_where=sa.text("state = 'PAID'"),
    )
    op.create_table(
        "order_event",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("from_state", sa.String(), nullable=True),
        sa.Column("to_state", sa.String(), nullable=False),
        sa.Column("actor_kind", sa.String(), nullable=False),
        sa.Column("actor_id", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("detail", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.ForeignKeyConstraint(
            ["order_id"],
            ["booking_order.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("order_event_of_order", "order_event", ["order_id", "id"], unique=False)
    op.create_table(
        "waitlist_entry",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("person", sa.LargeBinary(length=16), nullable=True),
        sa.Column("masked_patient_name", sa.String(), nullable=False),
        sa.Column("schedule_id", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("order_id", sa.Uuid(), nullable=True),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("offered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("offer_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_because", sa.String(), nullable=True),
        sa.CheckConstraint(
            "(state = 'ACCEPTED') = (order_id IS NOT NULL)", name="waitlist_entry_accepted_has_its_order"
        ),
        sa.CheckConstraint("(state = 'OFFERED') = (offer_until IS NOT NULL)", name="waitlist_entry_offer_has_its_end"),
        sa.CheckConstraint(
            "person IS NOT NULL OR NOT (state IN ('WAITING', 'OFFERED'))", name="waitlist_entry_open_has_person"
        ),
        sa.CheckConstraint("state <> 'OFFERED' OR number IS NOT NULL", name="waitlist_entry_offer_has_its_number"),
        sa.CheckConstraint(
            "state IN ('WAITING', 'OFFERED', 'ACCEPTED', 'LAPSED', 'LEFT', 'ENDED')", name="waitlist_entry_state"
        ),
        sa.ForeignKeyConstraint(
            ["order_id"],
            ["booking_order.id"],
        ),
        sa.ForeignKeyConstraint(
            ["patient_id"],
            ["patient.id"],
        ),
        sa.ForeignKeyConstraint(
            ["schedule_id"],
            ["slot_ledger.schedule_id"],
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user_account.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "waitlist_entry_in_turn",
        "waitlist_entry",
        ["schedule_id", "place"],
        unique=False,
        postgresql_where=sa.text("state = 'WAITING'"),
    )
    op.create_index(
        "waitlist_entry_number_once",
        "waitlist_entry",
        ["schedule_id", "number"],
        unique=True,
        postgresql_where=sa.text("state = 'OFFERED'"),
    )
    op.create_index("waitlist_entry_of_user", "waitlist_entry", ["user_id", "id"], unique=False)
    op.create_index(
        "waitlist_entry_offers",
        "waitlist_entry",
        ["offer_until"],
        unique=False,
        postgresql_where=sa.text("state = 'OFFERED'"),
    )
    op.create_index(
        "waitlist_entry_once",
        "waitlist_entry",
        ["person", "schedule_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('WAITING', 'OFFERED')"),
    )
    op.add_column("hospital_account", sa.Column("booking_mode", sa.String(), server_default="INSTANT", nullable=False))
    op.add_column("hospital_account", sa.Column("confirm_seconds", sa.Integer(), server_default="120", nullable=False))
    op.add_column("slot_ledger", sa.Column("waiting", sa.Integer(), server_default="0", nullable=False))
    op.add_column("slot_ledger", sa.Column("last_number", sa.Integer(), server_default="0", nullable=False))
    op.create_check_constraint("slot_ledger_waiting", "slot_ledger", "waiting >= 0")
    op.create_check_constraint(
        "hospital_account_booking_mode", "hospital_account", "booking_mode IN ('INSTANT', 'CONFIRM')"
    )
    op.create_check_constraint(
        "hospital_account_confirm_seconds", "hospital_account", "confirm_seconds >= 10 AND confirm_seconds <= 86400"
    )


def downgrade() -> None:
    """Undo it."""
    op.drop_constraint("hospital_account_confirm_seconds", "hospital_account")
    op.drop_constraint("hospital_account_booking_mode", "hospital_account")
    op.drop_constraint("slot_ledger_waiting", "slot_ledger")
    op.drop_column("slot_ledger", "last_number")
    op.drop_column("slot_ledger", "waiting")
    op.drop_column("hospital_account", "confirm_seconds")
    op.drop_column("hospital_account", "booking_mode")
    for table in ("waitlist_entry", "order_event", "booking_order", "booking_ban", "idempotency_record"):
        op.drop_table(table)

"""Events for hospitals, written by a trigger with each step of an order, and the function that numbers them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

# For each statement, not for each row: a withdrawn session's steps come by the hundred.
_WRITE = """
    CREATE FUNCTION write_hospital_events() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO hospital_event (hospital_code, order_id, step, at, actor_kind, reason, facts)
        SELECT o.hospital_code, o.id, s.event, s.at, s.actor_kind, s.reason,
               jsonb_build_object(
                   'order_number', o.order_number, 'state', s.to_state, 'department_code', o.department_code,
                   'external_id', l.external_id, 'visit_date', o.visit_date, 'half_day', o.half_day,
                   'number', o.number, 'fee', o.fee::text, 'paid', o.paid_amount::text)
          FROM steps s
          JOIN booking_order o ON o.id = s.order_id
          JOIN slot_ledger l ON l.schedule_id = o.schedule_id
         ORDER BY s.id;
        RETURN NULL;
    END $$
"""
# Each statement of it sees what was committed before that statement: what another numbered is seen once its lock is
# let go. A row is numbered after its commit, so numbers are given in an order in which everybody can read them.
_NUMBER = """
    CREATE FUNCTION number_hospital_events(_hospital text) RETURNS bigint LANGUAGE plpgsql AS $$
    DECLARE
        head bigint;
        numbered bigint;
    BEGIN
        IF NOT EXISTS (SELECT FROM hospital_event WHERE hospital_code = _hospital AND sequence IS NULL) THEN
            RETURN coalesce((SELECT last_sequence FROM hospital_event_head WHERE hospital_code = _hospital), 0);
        END IF;
        INSERT INTO hospital_event_head (hospital_code) VALUES (_hospital) ON CONFLICT DO NOTHING;
        SELECT last_sequence INTO head FROM hospital_event_head WHERE hospital_code = _hospital FOR UPDATE;
        UPDATE hospital_event e SET sequence = head + fresh.place
          FROM (SELECT id, row_number() OVER (ORDER BY id) AS place FROM hospital_event
                 WHERE hospital_code = _hospital AND sequence IS NULL) AS fresh
         WHERE e.id = fresh.id;
        GET DIAGNOSTICS numbered = ROW_COUNT;
        UPDATE hospital_event_head SET last_sequence = head + numbered WHERE hospital_code = _hospital;
        RETURN head + numbered;
    END $$
"""


def upgrade() -> None:
    """Make the tables, the functions and the trigger."""
    op.create_table(
        "hospital_event",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("hospital_code", sa.String(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=True),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("step", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_kind", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("facts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["booking_order.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("hospital_code", "sequence", name="hospital_event_in_order"),
    )
    op.create_index(
        "hospital_event_unnumbered",
        "hospital_event",
        ["hospital_code", "id"],
        unique=False,
        postgresql_where=sa.text("sequence IS NULL"),
    )
    op.create_table(
        "hospital_event_head",
        sa.Column("hospital_code", sa.String(), nullable=False),
        sa.Column("last_sequence", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("hospital_code"),
    )
    op.execute(_WRITE)
    op.execute(_NUMBER)
    op.execute(
        "CREATE TRIGGER order_event_reaches_hospital AFTER INSERT ON order_event "
        "REFERENCING NEW TABLE AS steps FOR EACH STATEMENT EXECUTE FUNCTION write_hospital_events()"
    )


def downgrade() -> None:
    """Drop them."""
    op.execute("DROP TRIGGER order_event_reaches_hospital ON order_event")
    op.execute("DROP FUNCTION number_hospital_events")
    op.execute("DROP FUNCTION write_hospital_events")
    op.drop_table("hospital_event_head")
    op.drop_table("hospital_event")

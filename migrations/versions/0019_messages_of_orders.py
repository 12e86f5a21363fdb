"""New orders are told of by the statement that makes them; waitlist entries keep the texts they are told with."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

# What `domain/messages/of_order.py` says of an order, so that both say the same.
_VARIABLES = """
    CREATE FUNCTION order_message_variables(o booking_order) RETURNS jsonb LANGUAGE sql STABLE AS $$
        SELECT jsonb_build_object(
            'hospital', coalesce(o.texts ->> 'hospital', ''),
            'department', coalesce(o.texts ->> 'department', ''),
            'doctor', coalesce(o.texts ->> 'doctor', ''),
            'title', coalesce(o.texts ->> 'title', ''),
            'patient', o.masked_patient_name,
            'date', o.visit_date,
            'half_day', o.half_day,
            'number', o.number::text,
            'order_number', o.order_number,
            'fee', o.fee::text,
            'cancel_until', o.cancel_until,
            'address', coalesce(nullif(o.fetch_address, ''), o.texts ->> 'hospital_address', ''))
    $$
"""
_TELL_OF_NEW_ORDER = """
    CREATE FUNCTION tell_of_new_order() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        told_kind text := CASE NEW.state WHEN 'PAID' THEN 'ORDER_BOOKED' WHEN 'AWAITING_PAYMENT' THEN 'ORDER_RESERVED'
                                         WHEN 'PENDING_HOSPITAL' THEN 'ORDER_REQUESTED' END;
        said jsonb := order_message_variables(NEW);
    BEGIN
        IF told_kind IS NULL THEN RETURN NULL; END IF;
        IF told_kind = 'ORDER_RESERVED' THEN said := said || jsonb_build_object('pay_until', NEW.lapses_at); END IF;
        INSERT INTO outgoing_message (id, kind, user_id, variables, subject_kind, subject_id, dedupe_key, state,
                                      next_at, created_at)
        VALUES (gen_random_uuid(), told_kind, NEW.user_id, said, 'order', NEW.id::text,
                told_kind || ':' || NEW.id || '/new', 'WAITING', NEW.created_at, NEW.created_at);
        RETURN NULL;
    END $$
"""


def upgrade() -> None:
    """Make functions, trigger and column."""
    op.add_column(
        "waitlist_entry",
        sa.Column("texts", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
    )
    op.execute(_VARIABLES)
    op.execute(_TELL_OF_NEW_ORDER)
    op.execute(
        "CREATE TRIGGER booking_order_told AFTER INSERT ON booking_order "
        "FOR EACH ROW EXECUTE FUNCTION tell_of_new_order()"
    )


def downgrade() -> None:
    """Undo it."""
    op.execute("DROP TRIGGER booking_order_told ON booking_order")
    op.execute("DROP FUNCTION tell_of_new_order()")
    op.execute("DROP FUNCTION order_message_variables(booking_order)")
    op.drop_column("waitlist_entry", "texts")

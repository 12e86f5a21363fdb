"""Payments, refunds, providers' notices and the worklist of finance; and the function that squares orders with them."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_COUNT_REFUNDS = """
    CREATE FUNCTION count_refunds() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        before numeric := 0;
        after numeric := 0;
    BEGIN
        IF TG_OP <> 'INSERT' AND OLD.state <> 'REPLACED' THEN before := OLD.amount; END IF;
        IF TG_OP <> 'DELETE' AND NEW.state <> 'REPLACED' THEN after := NEW.amount; END IF;
        IF TG_OP = 'UPDATE' AND (NEW.payment_id <> OLD.payment_id OR NEW.refund_number <> OLD.refund_number) THEN
            RAISE EXCEPTION 'a refund keeps its payment and its number';
        END IF;
        IF after <> before THEN
            UPDATE payment SET refund_total = refund_total + after - before
             WHERE id = CASE WHEN TG_OP = 'DELETE' THEN OLD.payment_id ELSE NEW.payment_id END;
        END IF;
        RETURN NULL;
    END $$
"""
_SQUARE_ORDERS = """
    CREATE FUNCTION square_orders(p_orders uuid[], p_reason text, p_now timestamptz) RETURNS integer
    LANGUAGE plpgsql AS $$
    DECLARE made integer;
    BEGIN
        WITH owed AS (
            SELECT o.id,
                   o.paid_amount
                   - coalesce((SELECT sum(r.amount) FROM refund r
                                WHERE r.order_id = o.id AND r.state IN ('WAITING', 'PROCESSING', 'ABNORMAL')), 0)
                   - CASE WHEN o.state IN ('PENDING_HOSPITAL', 'AWAITING_PAYMENT', 'PAID', 'CHECKED_IN', 'COMPLETED',
                                           'NO_SHOW')
                          THEN o.fee ELSE 0 END AS amount
              FROM booking_order o WHERE o.id = ANY (p_orders)
        ), sources AS (
            SELECT p.id, p.order_id, p.paid_at, owed.amount AS owed, p.amount - p.refund_total AS available,
                   coalesce(sum(p.amount - p.refund_total) OVER (
                       PARTITION BY p.order_id ORDER BY p.paid_at DESC, p.id
                       ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS taken_before
              FROM owed JOIN payment p ON p.order_id = owed.id
             WHERE owed.amount > 0 AND p.state = 'PAID' AND p.amount > p.refund_total
        )
        INSERT INTO refund (order_id, payment_id, refund_number, amount, reason, state, next_at, created_at)
        SELECT order_id, id, replace(gen_random_uuid()::text, '-', ''), least(available, owed - taken_before),
               p_reason, 'WAITING', p_now, p_now
          FROM sources WHERE owed > taken_before
         ORDER BY order_id, paid_at DESC, id;
        GET DIAGNOSTICS made = ROW_COUNT;

        UPDATE payment p SET state = 'CLOSING', look_at = p_now, looks = 0
          FROM booking_order o
         WHERE o.id = ANY (p_orders) AND p.order_id = o.id AND p.state IN ('CREATED', 'OPEN')
           AND (o.state <> 'AWAITING_PAYMENT'
                OR p.amount <> o.fee - o.paid_amount
                   + coalesce((SELECT sum(r.amount) FROM refund r
                                WHERE r.order_id = o.id AND r.state IN ('WAITING', 'PROCESSING', 'ABNORMAL')), 0));
        RETURN made;
    END $$
"""


def upgrade() -> None:
    """Make the tables, the trigger and the function."""
    op.create_table(
        "payment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("client_kind", sa.String(), nullable=False),
        sa.Column("trade_number", sa.String(length=32), nullable=False),
        sa.Column("amount", sa.Numeric(precision=10, scale=2), nullable=False),
        sa.Column("refund_total", sa.Numeric(precision=10, scale=2), server_default="0", nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("code_text", sa.String(), nullable=True),
        sa.Column("qr_text", sa.String(), nullable=True),
        sa.Column("link", sa.String(), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("provider_number", sa.String(), nullable=True),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("payer", sa.String(), nullable=True),
        sa.Column("means", sa.String(), nullable=True),
        sa.Column("look_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("looks", sa.Integer(), server_default="0", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state IN ('CREATED', 'OPEN', 'CLOSING', 'CLOSED', 'PAID', 'DISPUTED')", name="payment_state"
        ),
        sa.CheckConstraint("channel IN ('WECHAT_PAY', 'ALIPAY')", name="payment_channel"),
        sa.CheckConstraint("amount > 0", name="payment_amount_positive"),
        sa.CheckConstraint("refund_total >= 0 AND refund_total <= amount", name="payment_refunds_within_amount"),
        sa.CheckConstraint("refund_total = 0 OR state = 'PAID'", name="payment_refunds_of_paid"),
        sa.CheckConstraint(
            "state <> 'PAID' OR (paid_at IS NOT NULL AND provider_number IS NOT NULL)", name="payment_paid_is_proved"
        ),
        sa.CheckConstraint(
            "(state IN ('CREATED', 'OPEN', 'CLOSING')) = (look_at IS NOT NULL)",
            name="payment_looked_at_while_undecided",
        ),
        sa.ForeignKeyConstraint(["order_id"], ["booking_order.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("trade_number", name="payment_trade_number"),
    )
    op.create_index(
        "payment_offered_once",
        "payment",
        ["order_id", "channel"],
        unique=True,
        postgresql_where=sa.text("state IN ('CREATED', 'OPEN')"),
    )
    op.create_index(
        "payment_provider_number_once",
        "payment",
        ["channel", "provider_number"],
        unique=True,
        postgresql_where=sa.text("provider_number IS NOT NULL"),
    )
    op.create_index("payment_of_order", "payment", ["order_id", "id"], unique=False)
    op.create_index(
        "payment_to_look_at", "payment", ["look_at"], unique=False, postgresql_where=sa.text("look_at IS NOT NULL")
    )
    op.create_index("payment_paid", "payment", ["paid_at"], unique=False, postgresql_where=sa.text("state = 'PAID'"))
    op.create_table(
        "payment_notice",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("notice_id", sa.String(), nullable=True),
        sa.Column("fate", sa.String(), nullable=False),
        sa.Column("trade_number", sa.String(), nullable=True),
        sa.Column("refund_number", sa.String(), nullable=True),
        sa.Column("detail", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "payment_notice_applied_once",
        "payment_notice",
        ["channel", "notice_id"],
        unique=True,
        postgresql_where=sa.text("fate = 'APPLIED'"),
    )
    op.create_index("payment_notice_latest", "payment_notice", ["received_at"], unique=False)
    op.create_table(
        "refund",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("payment_id", sa.Uuid(), nullable=False),
        sa.Column("refund_number", sa.String(length=32), nullable=False),
        sa.Column("amount", sa.Numeric(precision=10, scale=2), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("provider_number", sa.String(), nullable=True),
        sa.Column("problem", sa.String(), server_default="", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('WAITING', 'PROCESSING', 'DONE', 'ABNORMAL', 'REPLACED')", name="refund_state"),
        sa.CheckConstraint("amount > 0", name="refund_amount_positive"),
        sa.CheckConstraint(
            "(state IN ('WAITING', 'PROCESSING')) = (next_at IS NOT NULL)", name="refund_next_while_open"
        ),
        sa.CheckConstraint("(state = 'DONE') = (finished_at IS NOT NULL)", name="refund_done_has_its_time"),
        sa.ForeignKeyConstraint(["order_id"], ["booking_order.id"]),
        sa.ForeignKeyConstraint(["payment_id"], ["payment.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("refund_number", name="refund_refund_number"),
    )
    op.create_index("refund_of_order", "refund", ["order_id", "id"], unique=False)
    op.create_index("refund_of_payment", "refund", ["payment_id"], unique=False)
    op.create_index("refund_due", "refund", ["next_at"], unique=False, postgresql_where=sa.text("next_at IS NOT NULL"))
    op.create_index("refund_done", "refund", ["finished_at"], unique=False, postgresql_where=sa.text("state = 'DONE'"))
    op.create_table(
        "finance_item",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("trade_number", sa.String(), nullable=False),
        sa.Column("refund_number", sa.String(), server_default="", nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=True),
        sa.Column("expected", sa.Numeric(precision=12, scale=2), nullable=True),
        sa.Column("found", sa.Numeric(precision=12, scale=2), nullable=True),
        sa.Column("detail", sa.String(), server_default="", nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resolved_by", sa.Uuid(), nullable=True),
        sa.Column("resolution", sa.String(), nullable=True),
        sa.Column("note", sa.String(), server_default="", nullable=False),
        sa.CheckConstraint("state IN ('OPEN', 'RESOLVED')", name="finance_item_state"),
        sa.CheckConstraint(
            "kind IN ('AMOUNT_DIFFERS', 'UNKNOWN_TRADE', 'PAID_TWICE', 'REFUND_ABNORMAL', 'BILL_MISSING_HERE', "
            "'BILL_MISSING_THERE', 'BILL_AMOUNT_DIFFERS')",
            name="finance_item_kind",
        ),
        sa.CheckConstraint(
            "(state = 'RESOLVED') = (resolved_at IS NOT NULL)", name="finance_item_resolved_has_its_time"
        ),
        sa.ForeignKeyConstraint(["order_id"], ["booking_order.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "finance_item_open_once",
        "finance_item",
        ["kind", "channel", "trade_number", "refund_number"],
        unique=True,
        postgresql_where=sa.text("state = 'OPEN'"),
    )
    op.create_index("finance_item_of_order", "finance_item", ["order_id"], unique=False)
    op.create_table(
        "reconciled_day",
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("reconciled_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("bill_rows", sa.Integer(), nullable=False),
        sa.Column("differences", sa.Integer(), nullable=False),
        sa.Column("paid", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.Column("refunded", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.PrimaryKeyConstraint("channel", "day"),
    )
    op.execute(_COUNT_REFUNDS)
    op.execute(
        "CREATE TRIGGER refund_counts AFTER INSERT OR UPDATE OR DELETE ON refund "
        "FOR EACH ROW EXECUTE FUNCTION count_refunds()"
    )
    op.execute(_SQUARE_ORDERS)


def downgrade() -> None:
    """Undo it."""
    op.execute("DROP FUNCTION square_orders(uuid[], text, timestamptz)")
    for table in ("reconciled_day", "finance_item", "refund", "payment_notice", "payment"):
        op.drop_table(table)
    op.execute("DROP FUNCTION count_refunds()")

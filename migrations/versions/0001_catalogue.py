"""The catalogue: dictionary, hospital accounts and their keys, pushes, and the slot ledger."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the five tables."""
    op.create_table(
        "dict_item",
        sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("parent_id", sa.BigInteger),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("value", sa.String, nullable=False),
        sa.Column("dict_code", sa.String),
        sa.Column("position", sa.Integer, nullable=False),
        # Deferred: the dictionary is loaded in any order within one transaction.
        sa.ForeignKeyConstraint(["parent_id"], ["dict_item.id"], deferrable=True, initially="DEFERRED"),
        sa.UniqueConstraint("parent_id", "value", name="dict_item_value_under_parent"),
    )
    op.create_index("dict_item_code", "dict_item", [sa.text("lower(dict_code)")], unique=True)
    op.create_index("dict_item_parent", "dict_item", ["parent_id", "position"])

    op.create_table(
        "hospital_account",
        sa.Column("code", sa.String(64), primary_key=True),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("status", sa.String, nullable=False),
        sa.Column("push_revision", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
        sa.CheckConstraint("status IN ('ONLINE', 'OFFLINE', 'LOCKED')", name="hospital_account_status"),
    )

    op.create_table(
        "integration_key",
        sa.Column("key_id", sa.String, primary_key=True),
        sa.Column("hospital_code", sa.String, sa.ForeignKey("hospital_account.code"), nullable=False),
        sa.Column("label", sa.String, nullable=False),
        sa.Column("sealed_secret", sa.LargeBinary, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
        sa.Column("last_used_at", sa.DateTime(timezone=True)),
        sa.Column("revoked_at", sa.DateTime(timezone=True)),
    )
    op.create_index("ix_integration_key_hospital_code", "integration_key", ["hospital_code"])

    op.create_table(
        "catalogue_push",
        sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
        sa.Column("hospital_code", sa.String, sa.ForeignKey("hospital_account.code"), nullable=False),
        sa.Column("idempotency_key", sa.String(128), nullable=False),
        sa.Column("operation", sa.String, nullable=False),
        sa.Column("request_hash", sa.LargeBinary(32), nullable=False),
        sa.Column("revision", sa.BigInteger, nullable=False),
        sa.Column("outcome", JSONB, nullable=False),
        sa.Column("documents", JSONB),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
        sa.Column("applied_at", sa.DateTime(timezone=True)),
        sa.UniqueConstraint("hospital_code", "idempotency_key", name="catalogue_push_once"),
    )
    op.create_index("catalogue_push_waiting", "catalogue_push", ["id"], postgresql_where=sa.text("applied_at IS NULL"))

    op.create_table(
        "slot_ledger",
        sa.Column("schedule_id", sa.String, primary_key=True),
        sa.Column("hospital_code", sa.String, sa.ForeignKey("hospital_account.code"), nullable=False),
        sa.Column("department_code", sa.String, nullable=False),
        sa.Column("external_id", sa.String, nullable=False),
        sa.Column("visit_date", sa.Date, nullable=False),
        sa.Column("half_day", sa.String, nullable=False),
        sa.Column("status", sa.String, nullable=False),
        sa.Column("fee", sa.Numeric(10, 2), nullable=False),
        sa.Column("capacity", sa.Integer, nullable=False),
        sa.Column("withheld", sa.Integer, nullable=False, server_default="0"),
        sa.Column("taken", sa.Integer, nullable=False, server_default="0"),
        sa.Column("next_number", sa.Integer, nullable=False, server_default="1"),
        sa.Column("returned_numbers", sa.ARRAY(sa.Integer), nullable=False, server_default=sa.text("'{}'")),
        sa.Column("revision", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
        sa.CheckConstraint(
            "taken >= 0 AND withheld >= 0 AND taken + withheld <= capacity", name="slot_ledger_not_oversold"
        ),
        sa.CheckConstraint(
            "next_number - 1 - cardinality(returned_numbers) = taken", name="slot_ledger_numbers_add_up"
        ),
        sa.CheckConstraint("half_day IN ('AM', 'PM')", name="slot_ledger_half_day"),
        sa.CheckConstraint("status IN ('BOOKABLE', 'CLOSED', 'WITHDRAWN')", name="slot_ledger_status"),
        sa.CheckConstraint("fee >= 0", name="slot_ledger_fee"),
    )
    op.create_index(
        "slot_ledger_department_day",
        "slot_ledger",
        ["hospital_code", "department_code", "visit_date", "half_day"],
    )


def downgrade() -> None:
    """Drop them, with everything in them."""
    for table in ("slot_ledger", "catalogue_push", "integration_key", "hospital_account", "dict_item"):
        op.drop_table(table)

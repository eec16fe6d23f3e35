"""order changes: what was paid, sent, returned and let go, piece by piece"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

import core.columns

revision: str = "0004"
down_revision: str | None = "0003"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    with op.batch_alter_table("shop_order", schema=None) as batch_op:
        for name in ("paid_minor", "credited_minor"):
            batch_op.add_column(sa.Column(name, sa.Integer(), nullable=False, server_default="0"))
    op.execute("UPDATE shop_order SET paid_minor = total_minor WHERE paid_at IS NOT NULL")
    op.execute(
        "UPDATE shop_order SET credited_minor = CASE WHEN refunded_minor < total_minor "
        "THEN refunded_minor ELSE total_minor END WHERE paid_at IS NOT NULL"
    )
    with op.batch_alter_table("shop_order", schema=None) as batch_op:
        for name in ("paid_minor", "credited_minor"):
            batch_op.alter_column(name, server_default=None)
        batch_op.create_check_constraint(
            "shop_order_credit", "credited_minor >= 0 AND credited_minor <= total_minor"
        )
    with op.batch_alter_table("order_line", schema=None) as batch_op:
        for name in ("shipped", "returned", "kept_minor"):
            batch_op.add_column(sa.Column(name, sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(
            sa.Column("parts", core.columns.Json(), nullable=False, server_default="{}")
        )
    op.execute(
        "UPDATE order_line SET shipped = quantity WHERE order_id IN "
        "(SELECT id FROM shop_order WHERE shipped_at IS NOT NULL)"
    )
    with op.batch_alter_table("order_line", schema=None) as batch_op:
        for name in ("shipped", "returned", "kept_minor", "parts"):
            batch_op.alter_column(name, server_default=None)
        batch_op.drop_constraint("order_line_sum", type_="check")
        batch_op.create_check_constraint(
            "order_line_sum", "unit_minor * quantity - discount_minor + kept_minor = total_minor"
        )
        batch_op.create_check_constraint(
            "order_line_pieces",
            "quantity >= 0 AND returned >= 0 AND shipped >= returned "
            "AND shipped - returned <= quantity",
        )
    with op.batch_alter_table("storefront", schema=None) as batch_op:
        for name, usual in (("agreed_price_days", "30"), ("change_wait_hours", "72")):
            batch_op.add_column(sa.Column(name, sa.Integer(), nullable=False, server_default=usual))
            batch_op.alter_column(name, server_default=None)
    _changes()


def _changes() -> None:
    def moment(name: str, *, needed: bool = False) -> sa.Column[object]:
        return sa.Column(name, core.columns.UtcDateTime(timezone=True), nullable=not needed)

    op.create_table(
        "order_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("shop_id", sa.Integer(), nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("actions", core.columns.Json(), nullable=False),
        sa.Column("rows", core.columns.Json(), nullable=False),
        sa.Column("terms", core.columns.Json(), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("difference_minor", sa.Integer(), nullable=False),
        sa.Column("to_pay_minor", sa.Integer(), nullable=False),
        sa.Column("to_refund_minor", sa.Integer(), nullable=False),
        sa.Column("waived_minor", sa.Integer(), nullable=False),
        sa.Column("seen", sa.String(length=16), nullable=False),
        moment("created_at", needed=True),
        sa.Column("created_by", sa.String(length=120), nullable=False),
        moment("confirmed_at"),
        sa.Column("confirmed_by", sa.String(length=120), nullable=True),
        moment("waits_until"),
        moment("settled_at"),
        moment("dropped_at"),
        sa.Column("dropped_by", sa.String(length=120), nullable=True),
        sa.ForeignKeyConstraint(["order_id"], ["shop_order.id"]),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("order_change", schema=None) as batch_op:
        batch_op.create_index("ix_order_change_waiting", ["state", "waits_until"], unique=False)
        batch_op.create_index(batch_op.f("ix_order_change_order_id"), ["order_id"], unique=False)


def downgrade() -> None:
    op.drop_table("order_change")
    with op.batch_alter_table("storefront", schema=None) as batch_op:
        for name in ("agreed_price_days", "change_wait_hours"):
            batch_op.drop_column(name)
    with op.batch_alter_table("order_line", schema=None) as batch_op:
        batch_op.drop_constraint("order_line_pieces", type_="check")
        batch_op.drop_constraint("order_line_sum", type_="check")
        batch_op.create_check_constraint(
            "order_line_sum", "unit_minor * quantity - discount_minor = total_minor"
        )
        for name in ("shipped", "returned", "kept_minor", "parts"):
            batch_op.drop_column(name)
    with op.batch_alter_table("shop_order", schema=None) as batch_op:
        batch_op.drop_constraint("shop_order_credit", type_="check")
        for name in ("paid_minor", "credited_minor"):
            batch_op.drop_column(name)

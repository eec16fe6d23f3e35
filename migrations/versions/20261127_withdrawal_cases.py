"""withdrawals and returns: decided, sent back piece by piece, paid back"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

import core.columns

revision: str = "0009"
down_revision: str | None = "0008"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

_TEXTS = {"kind": (12, "withdrawal"), "locale": (5, "de"), "opened_by": (120, "customer"),
          "reason": (1000, ""), "return_way": (10, ""), "label_link": (500, ""),
          "proof": (300, "")}  # fmt: skip
_NAMES = {"open_mark": 64, "decided_by": 120, "goods_by": 120}
_MOMENTS = ("accepted_at", "rejected_at", "proof_at", "goods_at", "paid_back_at")


def upgrade() -> None:
    _cases()
    _lines()
    with op.batch_alter_table("storefront", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("return_address", sa.String(), nullable=False, server_default="")
        )
        batch_op.add_column(
            sa.Column("withdrawal_days", sa.Integer(), nullable=False, server_default="14")
        )
        batch_op.add_column(
            sa.Column("delivery_days", sa.Integer(), nullable=False, server_default="3")
        )
        for name in ("return_address", "withdrawal_days", "delivery_days"):
            batch_op.alter_column(name, server_default=None)
        batch_op.create_check_constraint("storefront_withdrawal", "withdrawal_days >= 14")
    for table in ("product", "order_line"):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.add_column(
                sa.Column("no_withdrawal", sa.String(length=12), nullable=False, server_default="")
            )
            batch_op.alter_column("no_withdrawal", server_default=None)


def _cases() -> None:
    """What was ticked off before stays closed; what is open waits for its decision."""
    with op.batch_alter_table("withdrawal", schema=None) as batch_op:
        for name, (length, default) in _TEXTS.items():
            batch_op.add_column(
                sa.Column(name, sa.String(length), nullable=False, server_default=default)
            )
        for name, length in _NAMES.items():
            batch_op.add_column(sa.Column(name, sa.String(length), nullable=True))
        for name in _MOMENTS:
            batch_op.add_column(
                sa.Column(name, core.columns.UtcDateTime(timezone=True), nullable=True)
            )
        batch_op.add_column(
            sa.Column("paid_back_minor", sa.Integer(), nullable=False, server_default="0")
        )
        batch_op.add_column(sa.Column("change_id", sa.Integer(), nullable=True))
    op.execute(
        "UPDATE withdrawal SET locale = COALESCE((SELECT shop_order.locale FROM shop_order "
        "WHERE shop_order.id = withdrawal.order_id), (SELECT shop.locale FROM shop "
        "WHERE shop.id = withdrawal.shop_id))"
    )
    with op.batch_alter_table("withdrawal", schema=None) as batch_op:
        for name in (*_TEXTS, "paid_back_minor"):
            batch_op.alter_column(name, server_default=None)
        batch_op.create_unique_constraint("withdrawal_once", ["shop_id", "open_mark"])
        batch_op.create_foreign_key(
            "withdrawal_change_id_fkey", "order_change", ["change_id"], ["id"]
        )


def _lines() -> None:
    op.create_table(
        "withdrawal_line",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("shop_id", sa.Integer(), nullable=False),
        sa.Column("withdrawal_id", sa.Integer(), nullable=False),
        sa.Column("order_line_id", sa.Integer(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("received", sa.Integer(), nullable=False),
        sa.Column("restocked", sa.Integer(), nullable=False),
        sa.Column("lost_minor", sa.Integer(), nullable=False),
        sa.Column("lost_reason", sa.String(length=300), nullable=False),
        sa.CheckConstraint(
            "quantity > 0 AND received >= 0 AND received <= quantity "
            "AND restocked >= 0 AND restocked <= received AND lost_minor >= 0",
            name="withdrawal_line_pieces",
        ),
        sa.ForeignKeyConstraint(["order_line_id"], ["order_line.id"]),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"]),
        sa.ForeignKeyConstraint(["withdrawal_id"], ["withdrawal.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("withdrawal_id", "order_line_id"),
    )
    with op.batch_alter_table("withdrawal_line", schema=None) as batch_op:
        for name in ("order_line_id", "withdrawal_id"):
            batch_op.create_index(batch_op.f(f"ix_withdrawal_line_{name}"), [name], unique=False)
    op.create_table(
        "return_label",
        sa.Column("withdrawal_id", sa.Integer(), nullable=False),
        sa.Column("shop_id", sa.Integer(), nullable=False),
        sa.Column("pdf", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"]),
        sa.ForeignKeyConstraint(["withdrawal_id"], ["withdrawal.id"]),
        sa.PrimaryKeyConstraint("withdrawal_id"),
    )


def downgrade() -> None:
    op.drop_table("return_label")
    op.drop_table("withdrawal_line")
    with op.batch_alter_table("withdrawal", schema=None) as batch_op:
        batch_op.drop_constraint("withdrawal_change_id_fkey", type_="foreignkey")
        batch_op.drop_constraint("withdrawal_once", type_="unique")
        for name in (*_TEXTS, *_NAMES, *_MOMENTS, "paid_back_minor", "change_id"):
            batch_op.drop_column(name)
    with op.batch_alter_table("storefront", schema=None) as batch_op:
        batch_op.drop_constraint("storefront_withdrawal", type_="check")
        for name in ("return_address", "withdrawal_days", "delivery_days"):
            batch_op.drop_column(name)
    for table in ("product", "order_line"):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.drop_column("no_withdrawal")

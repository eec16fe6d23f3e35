"""stock books: bundles and their parts, how goods are put aside, what is said when they are gone"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

import core.columns

revision: str = "0007"
down_revision: str | None = "0006"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

def _new() -> dict[str, list[sa.Column[object]]]:
    def text(name: str, length: int | None, default: str) -> sa.Column[object]:
        return sa.Column(name, sa.String(length), nullable=False, server_default=default)

    bundle = sa.Column("is_bundle", sa.Boolean(), nullable=False, server_default=sa.false())
    deal = sa.Column("apology_deal_id", sa.Integer(), nullable=True)
    return {
        "variant": [bundle],
        "product": [text("hold_policy", 10, "")],
        "shop_order": [text("hold", 10, "held")],
        "storefront": [text("hold_policy", 10, "hold"), text("apology", None, ""), deal],
    }


def upgrade() -> None:
    for table, columns in _new().items():
        with op.batch_alter_table(table, schema=None) as batch_op:
            for column in columns:
                batch_op.add_column(column)
        with op.batch_alter_table(table, schema=None) as batch_op:
            for column in columns:
                if not column.nullable:
                    batch_op.alter_column(column.name, server_default=None)
    with op.batch_alter_table("storefront", schema=None) as batch_op:
        batch_op.create_foreign_key("storefront_apology", "deal", ["apology_deal_id"], ["id"])
    _parts()
    _checks()


def _parts() -> None:
    op.create_table(
        "variant_part",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("shop_id", sa.Integer(), nullable=False),
        sa.Column("bundle_id", sa.Integer(), nullable=False),
        sa.Column("part_id", sa.Integer(), nullable=False),
        sa.Column("pieces", sa.Integer(), nullable=False),
        sa.CheckConstraint("bundle_id <> part_id", name="variant_part_of_another"),
        sa.CheckConstraint("pieces > 0", name="variant_part_pieces"),
        sa.ForeignKeyConstraint(["bundle_id"], ["variant.id"]),
        sa.ForeignKeyConstraint(["part_id"], ["variant.id"]),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("bundle_id", "part_id"),
    )
    with op.batch_alter_table("variant_part", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_variant_part_part_id"), ["part_id"], unique=False)


def _checks() -> None:
    op.create_table(
        "stock_check",
        sa.Column("shop_id", sa.Integer(), nullable=False),
        sa.Column("checked_at", core.columns.UtcDateTime(timezone=True), nullable=False),
        sa.Column("variants", sa.Integer(), nullable=False),
        sa.Column("differing", core.columns.Json(), nullable=False),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"]),
        sa.PrimaryKeyConstraint("shop_id"),
    )


def downgrade() -> None:
    op.drop_table("stock_check")
    op.drop_table("variant_part")
    with op.batch_alter_table("storefront", schema=None) as batch_op:
        batch_op.drop_constraint("storefront_apology", type_="foreignkey")
    for table, columns in _new().items():
        with op.batch_alter_table(table, schema=None) as batch_op:
            for column in columns:
                batch_op.drop_column(column.name)

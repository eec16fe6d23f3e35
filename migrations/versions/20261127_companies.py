"""companies that buy, and the accounts their invoices go to"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

import core.columns

revision: str = "0008"
down_revision: str | None = "0007"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    with op.batch_alter_table("shop_order", schema=None) as batch_op:
        for name, length in (("company", 150), ("vat_id", 20)):
            batch_op.add_column(
                sa.Column(name, sa.String(length=length), nullable=False, server_default="")
            )
    with op.batch_alter_table("shop_order", schema=None) as batch_op:
        for name in ("company", "vat_id"):
            batch_op.alter_column(name, server_default=None)
    op.create_table(
        "invoice_books",
        sa.Column("shop_id", sa.Integer(), nullable=False),
        sa.Column("consultant", sa.Integer(), nullable=False),
        sa.Column("client", sa.Integer(), nullable=False),
        sa.Column("year_begins", sa.Integer(), nullable=False),
        sa.Column("chart", sa.String(length=2), nullable=False),
        sa.Column("debtors", sa.String(length=9), nullable=False),
        sa.Column("clearing", sa.String(length=8), nullable=False),
        sa.Column("revenue", core.columns.Json(), nullable=False),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"]),
        sa.PrimaryKeyConstraint("shop_id"),
    )


def downgrade() -> None:
    op.drop_table("invoice_books")
    with op.batch_alter_table("shop_order", schema=None) as batch_op:
        for name in ("company", "vat_id"):
            batch_op.drop_column(name)

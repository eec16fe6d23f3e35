"""invoices"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

import core.columns


revision: str = '0002'
down_revision: str | None = '0001'
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.create_table('invoice_seller',
    sa.Column('shop_id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=150), nullable=False),
    sa.Column('street', sa.String(length=150), nullable=False),
    sa.Column('postcode', sa.String(length=12), nullable=False),
    sa.Column('town', sa.String(length=100), nullable=False),
    sa.Column('country', sa.String(length=2), nullable=False),
    sa.Column('tax_number', sa.String(length=30), nullable=False),
    sa.Column('vat_id', sa.String(length=20), nullable=False),
    sa.Column('bank', sa.String(length=200), nullable=False),
    sa.Column('prefix', sa.String(length=10), nullable=False),
    sa.ForeignKeyConstraint(['shop_id'], ['shop.id'], ),
    sa.PrimaryKeyConstraint('shop_id')
    )
    op.create_table('invoice_counter',
    sa.Column('shop_id', sa.Integer(), nullable=False),
    sa.Column('year', sa.Integer(), nullable=False),
    sa.Column('last', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['shop_id'], ['shop.id'], ),
    sa.PrimaryKeyConstraint('shop_id', 'year')
    )
    op.create_table('invoice',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('shop_id', sa.Integer(), nullable=False),
    sa.Column('order_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=12), nullable=False),
    sa.Column('cancels_id', sa.Integer(), nullable=True),
    sa.Column('subject', sa.String(length=80), nullable=False),
    sa.Column('year', sa.Integer(), nullable=False),
    sa.Column('running', sa.Integer(), nullable=False),
    sa.Column('number', sa.String(length=30), nullable=False),
    sa.Column('issued_on', sa.Date(), nullable=False),
    sa.Column('issued_at', core.columns.UtcDateTime(timezone=True), nullable=False),
    sa.Column('locale', sa.String(length=5), nullable=False),
    sa.Column('currency', sa.String(length=3), nullable=False),
    sa.Column('total_minor', sa.Integer(), nullable=False),
    sa.Column('tax_minor', sa.Integer(), nullable=False),
    sa.Column('content', core.columns.Json(), nullable=False),
    sa.ForeignKeyConstraint(['cancels_id'], ['invoice.id'], ),
    sa.ForeignKeyConstraint(['order_id'], ['shop_order.id'], ),
    sa.ForeignKeyConstraint(['shop_id'], ['shop.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('shop_id', 'number'),
    sa.UniqueConstraint('shop_id', 'subject'),
    sa.UniqueConstraint('shop_id', 'year', 'running')
    )
    with op.batch_alter_table('invoice', schema=None) as batch_op:
        batch_op.create_index('ix_invoice_month', ['shop_id', 'issued_on'], unique=False)
        batch_op.create_index(batch_op.f('ix_invoice_order_id'), ['order_id'], unique=False)
    _keep_for_ever()


def _keep_for_ever() -> None:
    """Invoices are kept as they were written (§146 Abs. 4 AO), whoever writes the SQL."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION invoice_is_final() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'invoices are never changed or deleted'; END $$"
        )
        op.execute(
            "CREATE TRIGGER invoice_is_final BEFORE UPDATE OR DELETE ON invoice "
            "FOR EACH ROW EXECUTE FUNCTION invoice_is_final()"
        )
        return
    for what in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER invoice_no_{what.lower()} BEFORE {what} ON invoice BEGIN "
            "SELECT RAISE(ABORT, 'invoices are never changed or deleted'); END"
        )


def downgrade() -> None:
    op.drop_table('invoice')
    op.drop_table('invoice_counter')
    op.drop_table('invoice_seller')
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION invoice_is_final()")

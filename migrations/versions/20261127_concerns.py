"""an order can need a look for several reasons at once"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

import core.columns

revision: str = "concerns"
down_revision: str | None = "other_prices"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

_ORDERS = sa.table(
    "shop_order",
    sa.column("id", sa.Integer()),
    sa.column("needs_attention", sa.String()),
    sa.column("concerns", core.columns.Json()),
)


def upgrade() -> None:
    with op.batch_alter_table("shop_order", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("concerns", core.columns.Json(), nullable=False, server_default="[]")
        )
    one, several = _ORDERS.c.needs_attention, _ORDERS.c.concerns
    for id_, concern in _rows(one, one.is_not(None)):
        _write(id_, several, [concern])
    with op.batch_alter_table("shop_order", schema=None) as batch_op:
        batch_op.alter_column("concerns", server_default=None)
        batch_op.drop_column("needs_attention")


def downgrade() -> None:
    """Of several the oldest stays."""
    with op.batch_alter_table("shop_order", schema=None) as batch_op:
        batch_op.add_column(sa.Column("needs_attention", sa.String(), nullable=True))
    one, several = _ORDERS.c.needs_attention, _ORDERS.c.concerns
    for id_, concerns in _rows(several, several != []):
        _write(id_, one, concerns[0])
    with op.batch_alter_table("shop_order", schema=None) as batch_op:
        batch_op.drop_column("concerns")


def _rows(
    column: sa.ColumnClause[object], which: sa.ColumnElement[bool]
) -> Sequence[sa.Row[tuple[int, object]]]:
    return op.get_bind().execute(sa.select(_ORDERS.c.id, column).where(which)).all()


def _write(order_id: int, column: sa.ColumnClause[object], value: object) -> None:
    which = _ORDERS.c.id == order_id
    op.get_bind().execute(sa.update(_ORDERS).where(which).values({column: value}))

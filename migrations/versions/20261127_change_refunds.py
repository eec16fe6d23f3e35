"""which refunds belong to a change"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

import core.columns

revision: str = "change_refunds"
down_revision: str | None = "0010"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Former changes keep none: their refunds are told of as they were."""
    with op.batch_alter_table("order_change", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("refund_ids", core.columns.Json(), nullable=False, server_default="[]")
        )
    with op.batch_alter_table("order_change", schema=None) as batch_op:
        batch_op.alter_column("refund_ids", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("order_change", schema=None) as batch_op:
        batch_op.drop_column("refund_ids")

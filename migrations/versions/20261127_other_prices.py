"""agents who may leave the agreed price"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "other_prices"
down_revision: str | None = "change_refunds"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    with op.batch_alter_table("member", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("sets_prices", sa.Boolean(), nullable=False, server_default=sa.false())
        )
    with op.batch_alter_table("member", schema=None) as batch_op:
        batch_op.alter_column("sets_prices", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("member", schema=None) as batch_op:
        batch_op.drop_column("sets_prices")

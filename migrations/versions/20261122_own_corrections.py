"""buyers mend slips themselves"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    with op.batch_alter_table("storefront", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("own_correction_hours", sa.Integer(), nullable=False, server_default="24")
        )
        batch_op.alter_column("own_correction_hours", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("storefront", schema=None) as batch_op:
        batch_op.drop_column("own_correction_hours")

"""what becomes of e-mails; files that go with them; letters have a room of their own"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

import core.columns

revision: str = "0006"
down_revision: str | None = "0005"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

_RENAMED = ("write_letter", "write_withdrawal_receipt")


def upgrade() -> None:
    with op.batch_alter_table("mail", schema=None) as batch_op:
        batch_op.add_column(sa.Column("tries", sa.Integer(), nullable=False, server_default="0"))
        for name in ("next_at", "refused_at", "bounced_at"):
            batch_op.add_column(
                sa.Column(name, core.columns.UtcDateTime(timezone=True), nullable=True)
            )
        batch_op.add_column(sa.Column("token", sa.String(length=32), nullable=True))
    with op.batch_alter_table("mail", schema=None) as batch_op:
        batch_op.alter_column("tries", server_default=None)
        batch_op.create_unique_constraint("uq_mail_token", ["token"])
    op.create_table(
        "mail_file",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("shop_id", sa.Integer(), nullable=False),
        sa.Column("mail_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("content_type", sa.String(length=80), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["mail_id"], ["mail.id"]),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("mail_file", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_mail_file_mail_id"), ["mail_id"], unique=False)
    _rename_jobs("storefront.letters.", "storefront.letters.writing.")


def _rename_jobs(before: str, after: str) -> None:
    """What waits keeps its turn under the job's new name."""
    tables = sa.inspect(op.get_bind())
    for table, column in (("job", "name"), ("dead_job", "name"), ("procrastinate_jobs", "task_name")):
        if not tables.has_table(table):
            continue
        for name in _RENAMED:
            op.execute(
                f"UPDATE {table} SET {column} = '{after}{name}' WHERE {column} = '{before}{name}'"
            )


def downgrade() -> None:
    _rename_jobs("storefront.letters.writing.", "storefront.letters.")
    op.drop_table("mail_file")
    with op.batch_alter_table("mail", schema=None) as batch_op:
        batch_op.drop_constraint("uq_mail_token", type_="unique")
        for name in ("tries", "next_at", "refused_at", "bounced_at", "token"):
            batch_op.drop_column(name)

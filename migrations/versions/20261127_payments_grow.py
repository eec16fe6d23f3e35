"""payments grow: connected accounts, comparisons, deadlines, limits that processes share"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

import core.columns

revision: str = "0005"
down_revision: str | None = "0004"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

# SQLite has not kept the names of constraints; this gives them some while the table is copied.
NAMES = {"uq": "uq_%(table_name)s_%(column_0_name)s"}
IDS = (("payment_attempt", "session_id"), ("refund", "stripe_id"), ("dispute", "stripe_id"))


def _moment(name: str, *, needed: bool = False) -> sa.Column[object]:
    return sa.Column(name, core.columns.UtcDateTime(timezone=True), nullable=not needed)


def upgrade() -> None:
    _accounts()
    for table, name in IDS:
        _unique_within_shop(table, name)
    with op.batch_alter_table("payment_attempt", schema=None) as batch_op:
        batch_op.add_column(_moment("delayed_at"))
        batch_op.add_column(_json("payers", "[]"))
    with op.batch_alter_table("refund", schema=None) as batch_op:
        batch_op.add_column(sa.Column("resolution", sa.String(length=10), nullable=True))
        batch_op.add_column(_moment("resolved_at"))
        batch_op.add_column(sa.Column("resolved_by", sa.String(length=120), nullable=True))
    with op.batch_alter_table("dispute", schema=None) as batch_op:
        batch_op.add_column(sa.Column("alarms", sa.Integer(), nullable=False, server_default="0"))
    _drop_defaults("payment_attempt", "payers")
    _drop_defaults("dispute", "alarms")
    _tables()


def _json(name: str, empty: str) -> sa.Column[object]:
    return sa.Column(name, core.columns.Json(), nullable=False, server_default=empty)


def _drop_defaults(table: str, *names: str) -> None:
    with op.batch_alter_table(table, schema=None) as batch_op:
        for name in names:
            batch_op.alter_column(name, server_default=None)


def _accounts() -> None:
    with op.batch_alter_table("stripe_account", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("is_connected", sa.Boolean(), nullable=False, server_default=sa.false())
        )
        for name in ("account_since", "checked_at", "endpoint_seen_at", "events_until"):
            batch_op.add_column(_moment(name))
        for name, length in (("country", 2), ("currency", 3), ("endpoint_status", 20),
                             ("endpoint_version", 40)):  # fmt: skip
            batch_op.add_column(sa.Column(name, sa.String(length=length), nullable=True))
        for name in ("charges_enabled", "payouts_enabled"):
            batch_op.add_column(sa.Column(name, sa.Boolean(), nullable=True))
        batch_op.add_column(_json("requirements", "[]"))
        batch_op.add_column(_json("rights", "{}"))
    _drop_defaults("stripe_account", "is_connected", "requirements", "rights")


def _unique_within_shop(table: str, name: str) -> None:
    """Stripe's ids are unique only together with the account they belong to."""
    is_postgres = op.get_bind().dialect.name == "postgresql"
    former = f"{table}_{name}_key" if is_postgres else f"uq_{table}_{name}"
    with op.batch_alter_table(table, schema=None, naming_convention=NAMES) as batch_op:
        batch_op.drop_constraint(former, type_="unique")
        batch_op.create_unique_constraint(f"{table}_shop_id_{name}_key", ["shop_id", name])


def _tables() -> None:
    numbers = ("events", "sessions", "refunds", "disputes", "missing")
    op.create_table(
        "catch_up",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("shop_id", sa.Integer(), nullable=False),
        _moment("at", needed=True),
        *[sa.Column(name, sa.Integer(), nullable=False) for name in numbers],
        sa.Column("trouble", sa.String(length=300), nullable=True),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_catch_up_shop_id"), "catch_up", ["shop_id"])
    op.create_table(
        "missing_money",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("shop_id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        _moment("found_at", needed=True),
        _moment("settled_at"),
        sa.Column("settled_by", sa.String(length=120), nullable=True),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"]),
        sa.ForeignKeyConstraint(["entry_id"], ["ledger_entry.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("entry_id"),
    )
    op.create_index(op.f("ix_missing_money_shop_id"), "missing_money", ["shop_id"])
    op.create_table(
        "spent_limit",
        sa.Column("key", sa.String(length=160), nullable=False),
        sa.Column("shop_id", sa.Integer(), nullable=False),
        sa.Column("free_at", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"]),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_index(op.f("ix_spent_limit_shop_id"), "spent_limit", ["shop_id"])


def downgrade() -> None:
    for name in ("spent_limit", "missing_money", "catch_up"):
        op.drop_table(name)
    with op.batch_alter_table("dispute", schema=None) as batch_op:
        batch_op.drop_column("alarms")
    with op.batch_alter_table("refund", schema=None) as batch_op:
        for name in ("resolution", "resolved_at", "resolved_by"):
            batch_op.drop_column(name)
    with op.batch_alter_table("payment_attempt", schema=None) as batch_op:
        for name in ("delayed_at", "payers"):
            batch_op.drop_column(name)
    for table, name in IDS:
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.drop_constraint(f"{table}_shop_id_{name}_key", type_="unique")
            batch_op.create_unique_constraint(f"{table}_{name}_key", [name])
    with op.batch_alter_table("stripe_account", schema=None) as batch_op:
        for name in ("is_connected", "account_since", "checked_at", "endpoint_seen_at",
                     "events_until", "country", "currency", "endpoint_status",
                     "endpoint_version", "charges_enabled", "payouts_enabled", "requirements",
                     "rights"):  # fmt: skip
            batch_op.drop_column(name)

"""parcels: shipments of orders, days that can be wished for, reviews asked for by consent"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

import core.columns

revision: str = "0010"
down_revision: str | None = "0009"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

# Their former value for rows that are there; the models give it to new ones.
_WINDOW = (
    ("lead_days", sa.Integer(), "0"),
    ("closed_weekdays", core.columns.Json(), "[]"),
    ("slip_line_de", sa.String(length=300), ""),
    ("slip_line_en", sa.String(length=300), ""),
    ("review_link", sa.String(length=500), ""),
    ("review_days", sa.Integer(), "7"),
)
_ORDER = (
    ("personal_line", sa.String(length=300), ""),
    ("fulfilment", sa.String(length=20), "nothing"),
)


def upgrade() -> None:
    _columns("storefront", _WINDOW)
    with op.batch_alter_table("storefront", schema=None) as batch_op:
        batch_op.add_column(sa.Column("latest_hour", sa.Integer(), nullable=True))
    _columns("shop_order", _ORDER)
    _tables()
    _former_orders()


def _columns(table: str, columns: Sequence[tuple[str, sa.types.TypeEngine[object], str]]) -> None:
    with op.batch_alter_table(table, schema=None) as batch_op:
        for name, kind, former in columns:
            batch_op.add_column(sa.Column(name, kind, nullable=False, server_default=former))
    with op.batch_alter_table(table, schema=None) as batch_op:
        for name, _, _ in columns:
            batch_op.alter_column(name, server_default=None)


def _moment(name: str, *, needed: bool = False) -> sa.Column[object]:
    return sa.Column(name, core.columns.UtcDateTime(timezone=True), nullable=not needed)


def _tables() -> None:
    op.create_table(
        "shipment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("shop_id", sa.Integer(), nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("carrier", sa.String(length=20), nullable=False),
        sa.Column("tracking", sa.String(length=40), nullable=False),
        sa.Column("sent_to", sa.String(), nullable=False),
        _moment("made_at", needed=True),
        sa.Column("made_by", sa.String(length=120), nullable=False),
        _moment("sent_at"),
        _moment("delivered_at"),
        sa.Column("delivered_by", sa.String(length=120), nullable=True),
        _moment("marked_at"),
        sa.CheckConstraint(
            "state IN ('ready', 'under_way', 'delivered', 'undone')", name="shipment_state"
        ),
        sa.CheckConstraint(
            "(state IN ('ready', 'undone')) = (sent_at IS NULL)", name="shipment_sent"
        ),
        sa.CheckConstraint(
            "(state = 'delivered') = (delivered_at IS NOT NULL)", name="shipment_delivered"
        ),
        sa.ForeignKeyConstraint(["order_id"], ["shop_order.id"]),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("order_id", "number"),
    )
    op.create_table(
        "shipment_line",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("shop_id", sa.Integer(), nullable=False),
        sa.Column("shipment_id", sa.Integer(), nullable=False),
        sa.Column("line_id", sa.Integer(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.CheckConstraint("quantity > 0", name="shipment_line_quantity"),
        sa.ForeignKeyConstraint(["line_id"], ["order_line.id"]),
        sa.ForeignKeyConstraint(["shipment_id"], ["shipment.id"]),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("shipment_id", "line_id"),
    )
    op.create_table(
        "review_consent",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("shop_id", sa.Integer(), nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("token", sa.String(length=43), nullable=False),
        sa.Column("wording", sa.String(length=20), nullable=False),
        _moment("given_at", needed=True),
        _moment("asked_at"),
        _moment("stopped_at"),
        sa.ForeignKeyConstraint(["order_id"], ["shop_order.id"]),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("order_id"),
        sa.UniqueConstraint("token"),
    )
    for table, columns in (
        ("shipment", ("shop_id", "order_id")),
        ("shipment_line", ("shipment_id", "line_id")),
        ("review_consent", ("shop_id",)),
    ):
        with op.batch_alter_table(table, schema=None) as batch_op:
            for column in columns:
                name = batch_op.f(f"ix_{table}_{column}")
                batch_op.create_index(name, [column], unique=False)
    with op.batch_alter_table("review_consent", schema=None) as batch_op:
        batch_op.create_index("ix_review_consent_open", ["asked_at", "stopped_at"], unique=False)


def _former_orders() -> None:
    """What was handed over before left in one parcel; whether it arrived nobody has said, unless
    it was picked up. What lay ready lies ready."""
    op.execute(
        "INSERT INTO shipment (shop_id, order_id, number, state, carrier, tracking, sent_to, "
        "made_at, made_by, sent_at, delivered_at, delivered_by) "
        "SELECT shop_id, id, 1, "
        "CASE WHEN delivery = 'pickup' THEN 'delivered' ELSE 'under_way' END, '', '', "
        "CASE WHEN delivery = 'pickup' THEN '' ELSE "
        "(CASE WHEN recipient = '' THEN name ELSE recipient END) || ', ' || street || ', ' || "
        "postcode || ' ' || town END, "
        "shipped_at, 'system', shipped_at, "
        "CASE WHEN delivery = 'pickup' THEN shipped_at END, "
        "CASE WHEN delivery = 'pickup' THEN 'system' END "
        "FROM shop_order WHERE shipped_at IS NOT NULL"
    )
    op.execute(
        "INSERT INTO shipment (shop_id, order_id, number, state, carrier, tracking, sent_to, "
        "made_at, made_by) "
        "SELECT shop_id, id, 1, 'ready', '', '', '', ready_at, 'system' FROM shop_order "
        "WHERE shipped_at IS NULL AND ready_at IS NOT NULL AND state = 'confirmed'"
    )
    op.execute(
        "INSERT INTO shipment_line (shop_id, shipment_id, line_id, quantity) "
        "SELECT shipment.shop_id, shipment.id, order_line.id, order_line.quantity FROM shipment "
        "JOIN order_line ON order_line.order_id = shipment.order_id WHERE order_line.quantity > 0"
    )
    op.execute(
        "UPDATE shop_order SET fulfilment = CASE "
        "WHEN shipped_at IS NOT NULL AND delivery = 'pickup' THEN 'picked_up' "
        "WHEN shipped_at IS NOT NULL THEN 'sent' "
        "WHEN ready_at IS NOT NULL THEN 'ready' ELSE 'nothing' END"
    )


def downgrade() -> None:
    for table in ("review_consent", "shipment_line", "shipment"):
        op.drop_table(table)
    with op.batch_alter_table("shop_order", schema=None) as batch_op:
        for name, _, _ in _ORDER:
            batch_op.drop_column(name)
    with op.batch_alter_table("storefront", schema=None) as batch_op:
        for name in (*(name for name, _, _ in _WINDOW), "latest_hour"):
            batch_op.drop_column(name)

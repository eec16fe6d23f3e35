"""All that is written down, read at once: what must hold at every moment, whatever has happened."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, col, select

from core.dead_jobs import Dead
from core.incoming import Incoming
from core.mail import Mail
from payments.models import Dispute, LedgerEntry, Payable, PaymentAttempt, Refund
from promotions.models import CouponCode, Redemption
from storefront.changes.models import OrderChange
from storefront.invoices.models import Invoice
from storefront.models import StockMovement, Variant
from storefront.orders.finding import pieces_in
from storefront.orders.models import Order, OrderEvent, OrderLine
from storefront.references import any_order_id_of, reference_of

TABLES: dict[str, type[Any]] = {
    "orders": Order, "lines": OrderLine, "changes": OrderChange, "events": OrderEvent,
    "payables": Payable,
    "attempts": PaymentAttempt, "entries": LedgerEntry, "refunds": Refund, "disputes": Dispute,
    "variants": Variant, "movements": StockMovement, "codes": CouponCode, "uses": Redemption,
    "invoices": Invoice, "mails": Mail, "incoming": Incoming, "dead_jobs": Dead,
}  # fmt: skip
ALIVE = ("requested", "pending", "requires_action", "succeeded")


@dataclass(frozen=True, slots=True)
class Books:
    orders: list[Order]
    lines: list[OrderLine]
    changes: list[OrderChange]
    events: list[OrderEvent]
    payables: list[Payable]
    attempts: list[PaymentAttempt]
    entries: list[LedgerEntry]
    refunds: list[Refund]
    disputes: list[Dispute]
    variants: list[Variant]
    movements: list[StockMovement]
    codes: list[CouponCode]
    uses: list[Redemption]
    invoices: list[Invoice]
    mails: list[Mail]
    incoming: list[Incoming]
    dead_jobs: list[Dead]

    def lines_of(self, order: Order) -> list[OrderLine]:
        return [line for line in self.lines if line.order_id == order.key]

    def payables_of(self, order: Order) -> list[Payable]:
        """What is paid for the order, and for each of its changes."""
        return [
            one
            for one in self.payables
            if one.shop_id == order.shop_id and any_order_id_of(one.reference) == order.key
        ]

    def told(self, order: Order, what: str) -> list[OrderEvent]:
        return [one for one in self.events if one.order_id == order.key and one.what == what]

    def changes_of(self, order: Order, state: str) -> list[OrderChange]:
        return [one for one in self.changes if one.order_id == order.key and one.state == state]

    def letters(self, order: Order, kind: str) -> list[Mail]:
        about = f"order:{order.key}:{kind}"
        return [one for one in self.mails if f"{one.about}:".startswith(f"{about}:")]


def read_books(session: Session) -> Books:
    found = {
        name: list(session.exec(select(table).order_by(col(table.id))).all())
        for name, table in TABLES.items()
    }
    return Books(**found)


def check_always(books: Books) -> None:
    check_stock(books)
    check_sums(books)
    check_codes(books)
    check_payments(books)


def check_stock(books: Books) -> None:
    """Counters are the sums of their movements, and what the orders say they must be."""
    moved: dict[int, tuple[int, int, int]] = defaultdict(lambda: (0, 0, 0))
    arrived: dict[int, int] = defaultdict(int)
    for one in books.movements:
        sums = moved[one.variant_id]
        moved[one.variant_id] = (
            sums[0] + one.on_hand, sums[1] + one.held, sums[2] + one.allocated,
        )  # fmt: skip
        if one.what in ("received", "corrected", "restocked"):
            arrived[one.variant_id] += one.on_hand
    held, allocated, gone = _pieces_in_orders(books)
    for variant in books.variants:
        counters = (variant.on_hand, variant.held, variant.allocated)
        assert counters == moved[variant.key], f"movements of variant {variant.key}"
        owed = (
            arrived[variant.key] - gone[variant.key], held[variant.key], allocated[variant.key],
        )  # fmt: skip
        assert counters == owed, f"variant {variant.key} against the orders"
        assert variant.available >= 0


def _pieces_in_orders(books: Books) -> tuple[dict[int, int], dict[int, int], dict[int, int]]:
    """Held for the unpaid and for changes that wait to be paid, owed to those who have paid, and
    handed over (of that, what came back may lie on the shelf again)."""
    states = {order.key: order.state for order in books.orders}
    held, allocated, gone = [], [], []
    for line in books.lines:
        if states[line.order_id] == "placed":
            held.append(pieces_in(line, line.quantity))
        elif states[line.order_id] == "confirmed":
            allocated.append(pieces_in(line, line.to_ship))
        gone.append(pieces_in(line, line.shipped))
    for change in books.changes:
        if change.state == "waiting":
            held.append({int(one): pieces for one, pieces in change.terms["held"].items()})
    return _sums(held), _sums(allocated), _sums(gone)


def _sums(parts: Iterable[Any]) -> dict[int, int]:
    sums: dict[int, int] = defaultdict(int)
    for part in parts:
        for variant_id, pieces in part.items():
            sums[variant_id] += pieces
    return sums


def check_sums(books: Books) -> None:
    """Parts add up to wholes: in orders, in their VAT, and in what is printed on invoices."""
    for order in books.orders:
        lines = books.lines_of(order)
        shipping = order.shipping_minor - order.shipping_discount_minor
        assert sum(line.total_minor for line in lines) + shipping == order.total_minor
        assert sum(line.tax_minor for line in lines) + order.shipping_tax_minor == order.tax_minor
        assert 0 <= order.credited_minor <= order.total_minor
        assert len(books.changes_of(order, "waiting")) <= 1
    for invoice in books.invoices:
        content = invoice.content
        rates = content["rates"]
        assert sum(rate["gross_minor"] for rate in rates) == invoice.total_minor
        assert sum(rate["tax_minor"] for rate in rates) == invoice.tax_minor
        rows = sum(row["total_minor"] for row in content["rows"])
        assert rows + content["shipping_minor"] == invoice.total_minor
    numbers = [one.running for one in books.invoices]
    for shop_id in {one.shop_id for one in books.invoices}:
        numbers = [one.running for one in books.invoices if one.shop_id == shop_id]
        assert numbers == list(range(1, len(numbers) + 1)), "a gap in the invoices' numbers"


def check_codes(books: Books) -> None:
    """A use is taken while its order lives, kept when it is paid, free again when it died."""
    for code in books.codes:
        taken = [one for one in books.uses if one.code_id == code.key and one.state != "released"]
        assert code.taken == len(taken)
    uses = {(one.shop_id, one.reference): one.state for one in books.uses}
    for order in books.orders:
        use = uses.get((order.shop_id, reference_of(order.key)))
        assert (use is None) == (order.code_id is None)
        if order.code_id is not None:
            alive = {"placed": "reserved", "expired": "released"}
            cancelled = "kept" if order.paid_at else "released"
            expected = alive.get(order.state, cancelled if order.state == "cancelled" else "kept")
            assert use == expected, f"the code of order {order.key}"


def check_payments(books: Books) -> None:
    """No more goes back than came; nothing is asked for twice."""
    for capture in (one for one in books.entries if one.kind == "capture"):
        back = [
            one
            for one in books.refunds
            if one.shop_id == capture.shop_id
            and one.intent_id == capture.intent_id
            and one.state in ALIVE
        ]
        assert sum(one.amount_minor for one in back) <= capture.amount_minor
    for order in books.orders:
        assert order.paid_minor >= 0
        assert order.refunded_minor >= 0
        assert (order.paid_at is None) == (not books.told(order, "confirmed"))
        assert len(books.told(order, "confirmed")) <= 1

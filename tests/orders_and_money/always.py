"""What must hold at every moment, whatever has happened."""

from collections import Counter

from storefront.references import reference_of
from tests.orders_and_money.books import Books
from tests.orders_and_money.goods import check_parcels, check_returns, check_stock

ALIVE = ("requested", "pending", "requires_action", "succeeded")


def check_always(books: Books) -> None:
    check_stock(books)
    check_parcels(books)
    check_returns(books)
    check_sums(books)
    check_codes(books)
    check_payments(books)


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
        assert code.total_limit is None or len(taken) <= code.total_limit
        most = max(Counter(one.customer for one in taken).values(), default=0)
        assert code.per_customer_limit is None or most <= code.per_customer_limit
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
    """No more goes back than came, nor is asked back; nothing is asked for twice.

    Whoever refunds in Stripe's dashboard does not see what we are about to ask for."""
    for capture in (one for one in books.entries if one.kind == "capture"):
        back = [
            one
            for one in books.refunds
            if one.shop_id == capture.shop_id
            and one.intent_id == capture.intent_id
            and one.state in ALIVE
        ]
        ours = [one for one in back if one.requested_by != "Stripe"]
        gone = [one for one in back if one.state != "requested"]
        assert sum(one.amount_minor for one in ours) <= capture.amount_minor
        assert sum(one.amount_minor for one in gone) <= capture.amount_minor
    for order in books.orders:
        assert order.paid_minor >= 0
        assert order.refunded_minor >= 0
        assert (order.paid_at is None) == (not books.told(order, "confirmed"))
        assert len(books.told(order, "confirmed")) <= 1

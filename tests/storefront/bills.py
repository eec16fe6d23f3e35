"""Orders with invoices for tests."""

from typing import Any

from sqlmodel import col, select

from core.events import record
from payments.events import PaymentSucceeded, RefundMadeAtStripe, RefundSucceeded
from storefront.changes.models import OrderChange
from storefront.changes.rows import ChangeRow
from storefront.invoices.correcting import balance_documents
from storefront.invoices.forms import SellerForm
from storefront.invoices.models import Invoice
from storefront.invoices.sellers import save_seller
from storefront.models import Variant
from storefront.orders.finding import get_order, lines_of
from storefront.orders.models import Order, OrderLine
from storefront.orders.placing import place
from storefront.orders.states import lock_order
from storefront.references import reference_of
from tests.storefront.goods import a_basket, a_form, a_product
from tests.storefront.stall import Stall

DETAILS = {
    "name": "Mia Blum e. K.",
    "street": "Marktplatz 3",
    "postcode": "01067",
    "town": "Dresden",
    "country": "DE",
    "vat_id": "DE123456789",
}


async def details(stall: Stall, **changes: str) -> None:
    async with stall.db.transaction() as session:
        await save_seller(session, stall.shop.key, SellerForm.read(DETAILS | changes))


async def an_order(
    stall: Stall, *, quantity: int = 2, variant: Variant | None = None, **form: Any
) -> Order:
    """Placed, not paid."""
    async with stall.db.transaction() as session:
        if variant is None:
            _, variant = await a_product(session, stall.shop, pieces=50, now=stall.clock())
        basket = await a_basket(session, stall.shop, variant, quantity, now=stall.clock())
        placed = await place(session, stall.shop, basket, a_form(basket, **form), now=stall.clock())
        return placed.order


async def pay(stall: Stall, order: Order) -> None:
    """As settling tells it once the money is there."""
    async with stall.db.transaction() as session:
        reference = reference_of(order.key)
        record(session, PaymentSucceeded(stall.shop.key, reference, order.total_minor,
                                         order.currency))  # fmt: skip


async def give_back(
    stall: Stall, order: Order, amount: int, refund_id: int, *, elsewhere: bool = True
) -> None:
    """In Stripe's dashboard, unless it was agreed on here."""
    async with stall.db.transaction() as session:
        reference = reference_of(order.key)
        what = (stall.shop.key, reference, refund_id, amount, order.currency)
        if elsewhere:
            record(session, RefundMadeAtStripe(*what))
        record(session, RefundSucceeded(*what))


async def fresh(stall: Stall, order: Order) -> Order:
    async with stall.db.reading() as session:
        return await get_order(session, stall.shop.key, order.key)


async def all_invoices(stall: Stall) -> list[Invoice]:
    async with stall.db.reading() as session:
        return list((await session.exec(select(Invoice).order_by(col(Invoice.id)))).all())


async def change(stall: Stall, order: Order, *rows: ChangeRow, credit: int = 0) -> OrderChange:
    """Settled: the first line and the delivery follow the rows, and so do the documents."""
    async with stall.db.transaction() as session:
        locked = await lock_order(session, stall.shop.key, order.key)
        lines = await lines_of(session, locked)
        for row in rows:
            _follow(locked, lines[0], row)
        locked.credited_minor += credit
        made = OrderChange(
            shop_id=locked.shop_id, order_id=locked.key, kind="edit", state="settled",
            rows=[row.model_dump() for row in rows], currency=locked.currency,
            created_at=stall.clock(), created_by="Anna Beet", settled_at=stall.clock(),
        )  # fmt: skip
        session.add_all([made, locked, *lines])
        await session.flush()
        await balance_documents(session, locked, change=made, now=stall.clock())
    return made


def _follow(order: Order, line: OrderLine, row: ChangeRow) -> None:
    if row.kind == "goods":
        line.quantity += row.quantity
        line.discount_minor += row.discount_minor
        line.total_minor = line.unit_minor * line.quantity - line.discount_minor
        line.tax_minor += row.tax_minor
        order.goods_minor += row.quantity * row.unit_minor
        order.discount_minor += row.discount_minor
    elif row.kind == "shipping":
        order.shipping_minor += row.total_minor
        order.shipping_tax_minor += row.tax_minor
    order.tax_minor += row.tax_minor
    if row.kind != "goodwill":
        order.total_minor += row.total_minor


def roses(pieces: int, unit: int = 2490) -> ChangeRow:
    """More of them, or (negative) fewer."""
    sign = -1 if pieces < 0 else 1
    tax = sign * round(abs(pieces) * unit * 1900 / 11_900)
    return ChangeRow(name="Rote Rosen", quantity=pieces, unit_minor=unit, total_minor=pieces * unit,
                     tax_bp=1900, tax_minor=tax)  # fmt: skip

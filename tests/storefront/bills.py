"""Orders with invoices for tests."""

from typing import Any

from sqlmodel import col, select

from core.events import record
from payments.events import PaymentSucceeded, RefundSucceeded
from storefront.invoices.forms import SellerForm
from storefront.invoices.models import Invoice
from storefront.invoices.sellers import save_seller
from storefront.models import Variant
from storefront.orders.finding import get_order
from storefront.orders.models import Order
from storefront.orders.placing import place
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
        return await place(session, stall.shop, basket, a_form(basket, **form), now=stall.clock())


async def pay(stall: Stall, order: Order) -> None:
    """As settling tells it once the money is there."""
    async with stall.db.transaction() as session:
        reference = reference_of(order.key)
        record(session, PaymentSucceeded(stall.shop.key, reference, order.total_minor,
                                         order.currency))  # fmt: skip


async def give_back(stall: Stall, order: Order, amount: int, refund_id: int) -> None:
    async with stall.db.transaction() as session:
        reference = reference_of(order.key)
        record(session, RefundSucceeded(stall.shop.key, reference, refund_id, amount,
                                        order.currency))  # fmt: skip


async def fresh(stall: Stall, order: Order) -> Order:
    async with stall.db.reading() as session:
        return await get_order(session, stall.shop.key, order.key)


async def all_invoices(stall: Stall) -> list[Invoice]:
    async with stall.db.reading() as session:
        return list((await session.exec(select(Invoice).order_by(col(Invoice.id)))).all())

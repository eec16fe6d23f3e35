"""Orders and what came of them, for tests that look at goods and money together."""

from typing import Any

from payments.checkouts import open_checkout
from storefront.models import Variant
from storefront.orders.finding import events_of, get_order, lines_of
from storefront.orders.models import Order
from storefront.orders.placing import place
from storefront.orders.states import status_of
from storefront.pay_links import checkout_order
from storefront.references import reference_of
from storefront.stocktaking import recount
from tests.storefront.goods import a_basket, a_form, a_product, counters
from tests.storefront.stall import Stall


async def an_order(
    stall: Stall, *, pieces: int = 3, quantity: int = 2, price: int = 2490, **product: Any
) -> tuple[Order, Variant]:
    async with stall.db.transaction() as session:
        _, variant = await a_product(
            session, stall.shop, price=price, pieces=pieces, now=stall.clock(), **product
        )
        basket = await a_basket(session, stall.shop, variant, quantity, now=stall.clock())
        order = (await place(session, stall.shop, basket, a_form(basket), now=stall.clock())).order
    return order, variant


async def order_again(stall: Stall, variant: Variant, quantity: int = 1) -> Order:
    """Somebody else orders the same goods."""
    async with stall.db.transaction() as session:
        basket = await a_basket(session, stall.shop, variant, quantity, now=stall.clock())
        return (await place(session, stall.shop, basket, a_form(basket), now=stall.clock())).order


async def pay_page(stall: Stall, order: Order) -> str:
    """The id of the Checkout Session the buyer is sent to."""
    async with stall.db.reading() as session:
        lines = await lines_of(session, order)
        fresh = await get_order(session, stall.shop.key, order.key)
    url = await open_checkout(
        stall.db, stall.till.stripes, shop_id=stall.shop.key, reference=reference_of(order.key),
        order=checkout_order("http://shop.example", stall.shop, fresh, lines), clock=stall.clock,
    )  # fmt: skip
    return url.rsplit("/", 1)[1]


async def stands(stall: Stall, order: Order, variant: Variant) -> tuple[str, tuple[int, int, int]]:
    async with stall.db.reading() as session:
        fresh = await get_order(session, stall.shop.key, order.key)
        assert await recount(session, stall.shop.key) == []
        return status_of(fresh).name, await counters(session, variant)


async def told(stall: Stall, order: Order) -> list[str]:
    async with stall.db.reading() as session:
        return [event.what for event in await events_of(session, order)]


def seen(stall: Stall, kind: type) -> list[object]:
    return [event for event in stall.db.seen if isinstance(event, kind)]

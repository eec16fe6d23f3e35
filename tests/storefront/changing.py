"""Changes of orders for tests: agreed by verbs, paid at the small Stripe."""

from typing import Any

from core.money import Money
from storefront.changes.actions import Action
from storefront.changes.confirming import confirm
from storefront.changes.models import OrderChange
from storefront.changes.paying import drop
from storefront.changes.proposing import propose
from storefront.models import Variant
from storefront.orders.finding import get_order, lines_of
from storefront.orders.models import Order, OrderLine
from storefront.pay_links import difference_link
from storefront.references import change_reference, reference_of
from storefront.variants import edit_variant
from tests.storefront.sales import an_order, pay_page
from tests.storefront.stall import Stall


async def a_paid_order(stall: Stall, **more: Any) -> tuple[Order, Variant]:
    order, variant = await an_order(stall, **more)
    await stall.till.buyer(await pay_page(stall, order), "pay")
    await stall.till.settle(reference_of(order.key))
    return await fresh(stall, order), variant


async def fresh(stall: Stall, order: Order) -> Order:
    async with stall.db.reading() as session:
        return await get_order(session, stall.shop.key, order.key)


async def lines(stall: Stall, order: Order) -> list[OrderLine]:
    async with stall.db.reading() as session:
        return await lines_of(session, order)


async def ask_for(
    stall: Stall, order: Order, *actions: Action, kind: Any = "correction", **more: Any
) -> OrderChange:
    async with stall.db.transaction() as session:
        return await propose(
            session, stall.shop, order.key, kind, actions, by="Anna Beet", now=stall.clock(),
            **{"reason": "a slip"} | more,
        )  # fmt: skip


async def agree(stall: Stall, change: OrderChange, **more: Any) -> OrderChange:
    async with stall.db.transaction() as session:
        return await confirm(
            session, stall.shop, change.key, by="Anna Beet", now=stall.clock(), **more
        )


async def change(stall: Stall, order: Order, *actions: Action, **more: Any) -> OrderChange:
    return await agree(stall, await ask_for(stall, order, *actions), **more)


async def call_off(stall: Stall, made: OrderChange, by: str = "Anna Beet") -> OrderChange:
    async with stall.db.transaction() as session:
        return await drop(session, stall.shop.key, made.key, by=by, now=stall.clock())


async def difference_page(stall: Stall, order: Order, made: OrderChange) -> str:
    """The id of the Checkout Session for what the change costs more."""
    link = await difference_link(stall.app, stall.shop, order, made)
    return link.rsplit("/", 1)[1]


async def pay_difference(stall: Stall, order: Order, made: OrderChange) -> None:
    await stall.till.buyer(await difference_page(stall, order, made), "pay")
    await stall.till.settle(change_reference(order.key, made.key))


async def costs_now(stall: Stall, variant: Variant, minor: int) -> None:
    async with stall.db.transaction() as session:
        await edit_variant(
            session, stall.shop, variant.key, price=Money(minor, stall.shop.currency),
            name=variant.name, sku=variant.sku, content_thousandths=None, now=stall.clock(),
        )  # fmt: skip

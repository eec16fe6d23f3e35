"""Paid orders over several goods, and what the parcels make of them."""

from typing import Any

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storefront.basket_filling import put
from storefront.baskets import lock_basket, open_basket
from storefront.models import Variant
from storefront.orders.finding import get_order, lines_of
from storefront.orders.models import Order, OrderLine
from storefront.orders.placing import place
from storefront.orders.states import status_of
from storefront.shipping import packing
from storefront.shipping.finding import parcels_of
from storefront.stocktaking import recount
from storefront.storefronts import edit_storefront
from tests.storefront.goods import a_form, a_product, counters
from tests.storefront.stall import Stall


async def a_paid_order(
    stall: Stall, *quantities: int, pieces: int = 10, price: int = 0, **form: Any
) -> tuple[Order, list[OrderLine]]:
    """One line for each quantity. What costs nothing is paid for at once."""
    async with stall.db.transaction() as session:
        if form.get("delivery") == "pickup":
            await edit_storefront(session, stall.shop.key, pickup_offered=True)
        basket = await open_basket(session, stall.shop.key, now=stall.clock())
        for number, quantity in enumerate(quantities, 1):
            _, variant = await a_product(session, stall.shop, f"Ware {number}", price=price,
                                         pieces=pieces, now=stall.clock())  # fmt: skip
            await put(session, basket, variant.key, quantity, now=stall.clock())
        basket = await lock_basket(session, basket)
        placed = await place(session, stall.shop, basket, a_form(basket, **form), now=stall.clock())
        order = placed.order
        lines = await lines_of(session, order)
    return order, lines


async def send(
    stall: Stall, order: Order, pieces: dict[int, int] | None = None, **more: Any
) -> int:
    """The parcel's id."""
    async with stall.db.transaction() as session:
        parcel = await packing.send(session, stall.shop.key, order.key, pieces, by="Mia",
                                    now=stall.clock(), **more)  # fmt: skip
    return parcel.key


async def do(stall: Stall, verb: Any, order: Order, *numbers: int, **more: Any) -> None:
    async with stall.db.transaction() as session:
        told = {"by": "Mia", "now": stall.clock()} | more
        await verb(session, stall.shop.key, order.key, *numbers, **told)


async def how_it_stands(stall: Stall, order: Order) -> tuple[str, str, list[tuple[str, int]]]:
    """The order's state and word, and each parcel's state with its number of pieces."""
    async with stall.db.reading() as session:
        fresh = await get_order(session, stall.shop.key, order.key)
        assert await recount(session, stall.shop.key) == []
        parcels = [(one.shipment.state, sum(one.pieces.values()))
                   for one in await parcels_of(session, fresh)]  # fmt: skip
        return fresh.state, status_of(fresh).name, parcels


async def stock_of(session: AsyncSession, lines: list[OrderLine]) -> list[tuple[int, int, int]]:
    """On hand, held, allocated, line by line."""
    found = []
    for line in lines:
        query = select(Variant).where(col(Variant.id) == line.variant_id)
        found.append(await counters(session, (await session.exec(query)).one()))
    return found

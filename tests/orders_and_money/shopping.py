"""A basket filled and ordered, a pay page opened: what a buyer's presses come to."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlmodel.ext.asyncio.session import AsyncSession

from storefront.basket_filling import empty, put, use_code
from storefront.baskets import basket_of, lock_basket, open_basket
from storefront.customers import meet
from storefront.models import Basket
from storefront.orders.finding import get_order
from storefront.orders.placing import place
from storefront.pay_links import pay_link
from tests.orders_and_money.lives import Life
from tests.orders_and_money.machine import Purchase
from tests.orders_and_money.shops import Stocked
from tests.storefront.goods import a_form


@dataclass(frozen=True, slots=True)
class Wish:
    """`who`: a customer we know, or nobody; `basket_id`: of a visit that goes on."""

    shop: Stocked
    wares: Mapping[str, int]
    who: str = ""
    code: str = ""
    is_picked_up: bool = False
    basket_id: int | None = None


async def fill(life: Life, wish: Wish) -> Basket:
    now, shop = life.now(), wish.shop
    async with life.db.transaction() as session:
        basket = await lock_basket(session, await _basket(session, life, wish))
        await empty(session, basket, now=now)
        for ware, pieces in wish.wares.items():
            await put(session, basket, shop.variants[ware], pieces, now=now)
        if wish.code:
            await use_code(session, basket, wish.code, now=now)
        return await lock_basket(session, basket)


async def _basket(session: AsyncSession, life: Life, wish: Wish) -> Basket:
    now, shop_id = life.now(), wish.shop.key
    if wish.basket_id is not None:
        return await session.get_one(Basket, wish.basket_id)
    if not wish.who:
        return await open_basket(session, shop_id, now=now)
    customer = await meet(session, shop_id, "messenger", wish.who, now=now)
    return await basket_of(session, shop_id, customer.key, now=now)


async def order(life: Life, wish: Wish, basket: Basket) -> int:
    form = a_form(basket, delivery="pickup" if wish.is_picked_up else "delivery")
    async with life.db.transaction() as session:
        made = await place(session, wish.shop.shop, basket, form, now=life.now())
        return made.order.key


async def open_page(life: Life, purchase: Purchase) -> str:
    async with life.db.reading() as session:
        found = await get_order(session, purchase.shop.key, purchase.order_id)
    return await pay_link(life.app, purchase.shop.shop, found)

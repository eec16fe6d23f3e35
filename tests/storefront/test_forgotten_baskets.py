"""Baskets of passers-by do not stay for ever; those of customers and orders do."""

from sqlmodel import col, select

from core.shops import Shop
from storefront.basket_filling import put
from storefront.baskets import basket_of, open_basket
from storefront.customers import meet
from storefront.forgotten_baskets import KEPT, forget_old_baskets
from storefront.models import Basket, BasketLine
from storefront.orders.placing import place
from tests.conftest import SetClock, WatchedDatabase
from tests.storefront.goods import a_basket, a_form, a_product


async def baskets(db: WatchedDatabase) -> list[int | None]:
    async with db.reading() as session:
        return list((await session.exec(select(Basket.id).order_by(col(Basket.id)))).all())


async def test_a_visitors_basket_goes_when_no_link_leads_to_it_any_more(
    db: WatchedDatabase, shop: Shop, clock: SetClock
) -> None:
    async with db.transaction() as session:
        _, roses = await a_product(session, shop, now=clock())
        anna = await meet(session, shop.key, "messenger", "1", name="Anna", now=clock())
        of_anna = await basket_of(session, shop.key, anna.key, now=clock())
        left = await open_basket(session, shop.key, now=clock())
        for basket in (of_anna, left):
            await put(session, basket, roses.key, now=clock())
    clock.advance(KEPT)
    await forget_old_baskets(db, clock)
    assert await baskets(db) == [of_anna.key, left.key]
    clock.advance(seconds=1)
    async with db.transaction() as session:
        fresh = await open_basket(session, shop.key, now=clock())
    await forget_old_baskets(db, clock)
    assert await baskets(db) == [of_anna.key, fresh.key]
    async with db.reading() as session:
        assert (await session.exec(select(BasketLine.basket_id))).all() == [of_anna.key]


async def test_a_basket_that_was_ordered_stays_with_its_order(
    db: WatchedDatabase, shop: Shop, clock: SetClock
) -> None:
    async with db.transaction() as session:
        _, roses = await a_product(session, shop, now=clock())
        basket = await a_basket(session, shop, roses, now=clock())
        await place(session, shop, basket, a_form(basket), now=clock())
    clock.advance(KEPT * 2)
    await forget_old_baskets(db, clock)
    assert await baskets(db) == [basket.key]

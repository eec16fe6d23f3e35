"""A buyer's own orders never stand in her way, and goods nobody put aside go to who pays first."""

import asyncio
from typing import Any

import pytest
from sqlmodel import col, select

from storefront.basket_filling import put
from storefront.basket_views import look_at
from storefront.baskets import basket_of, lock_basket
from storefront.customers import meet
from storefront.errors import SoldOut
from storefront.models import Basket, Variant
from storefront.orders.ending import cancel
from storefront.orders.finding import get_order
from storefront.orders.models import Order
from storefront.orders.placing import place
from storefront.products import edit_product
from storefront.storefronts import edit_storefront
from tests.pitfalls.books import charged, come_back, given_back, status_page
from tests.storefront.goods import a_form, a_product, movements
from tests.storefront.sales import order_again, pay_page, stands, told
from tests.storefront.stall import Stall


async def the_last(stall: Stall, pieces: int = 1, **product: Any) -> Variant:
    async with stall.db.transaction() as session:
        _, variant = await a_product(
            session, stall.shop, pieces=pieces, now=stall.clock(), **product
        )
    return variant


async def open_orders(stall: Stall, variant: Variant, number: int, psid: str = "1") -> list[Order]:
    """Of one customer, all in one basket, each for one piece."""
    orders = []
    for _ in range(number):
        async with stall.db.transaction() as session:
            anna = await meet(session, stall.shop.key, "messenger", psid, now=stall.clock())
            basket = await basket_of(session, stall.shop.key, anna.key, now=stall.clock())
            await put(session, basket, variant.key, now=stall.clock())
            basket = await lock_basket(session, basket)
            placed = await place(session, stall.shop, basket, a_form(basket), now=stall.clock())
            orders.append(placed.order)
    return orders


async def holds(stall: Stall, orders: list[Order]) -> list[str]:
    async with stall.db.reading() as session:
        return [(await get_order(session, stall.shop.key, one.key)).hold for one in orders]


async def states(stall: Stall, orders: list[Order], variant: Variant) -> list[str]:
    return [(await stands(stall, one, variant))[0] for one in orders]


async def test_with_three_open_orders_for_the_last_piece_she_can_pay_any(each_stall: Stall) -> None:
    stall = each_stall
    variant = await the_last(stall)
    orders = await open_orders(stall, variant, 3)
    assert await holds(stall, orders) == ["moved", "moved", "held"]
    assert await told(stall, orders[0]) == ["placed", "hold_moved"]
    assert (await stands(stall, orders[2], variant))[1] == (1, 1, 0)
    await stall.till.buyer(await pay_page(stall, orders[1]), "pay")
    await stall.till.work()
    assert await states(stall, orders, variant) == ["unpaid", "paid", "unpaid"]
    assert await holds(stall, orders) == ["moved", "held", "moved"]
    assert (await stands(stall, orders[1], variant))[1] == (1, 0, 1)
    async with stall.db.reading() as session:
        assert await movements(session, variant) == [
            ("received", 1, 0, 0), ("held", 0, 1, 0), ("released", 0, -1, 0), ("held", 0, 1, 0),
            ("released", 0, -1, 0), ("held", 0, 1, 0), ("released", 0, -1, 0), ("held", 0, 1, 0),
            ("sold", 0, -1, 1),
        ]  # fmt: skip


async def test_whoever_pays_two_orders_for_one_piece_gets_one_and_her_money_for_the_other(
    each_stall: Stall,
) -> None:
    stall = each_stall
    variant = await the_last(stall)
    orders = await open_orders(stall, variant, 3)
    for order in orders:
        await stall.till.buyer(await pay_page(stall, order), "pay")
    await asyncio.gather(*(stall.till.work() for _ in range(2)))
    await stall.till.work()
    assert sorted(await states(stall, orders, variant)) == ["paid", "refunded", "refunded"]
    assert (await stands(stall, orders[0], variant))[1] == (1, 0, 1)
    assert (len(charged(stall.till)), len(given_back(stall.till))) == (3, 2)


async def test_her_own_order_does_not_make_her_basket_say_sold_out(stall: Stall) -> None:
    """A guest: the same visit. For everybody else there is none left."""
    variant = await the_last(stall)
    on = await stall.fan.send("/s/blumen/basket/add", variant=variant.key, quantity=1)
    base = on.removesuffix("basket")
    await stall.fan.send(f"{base}order/place", **await stall.form(stall.fan, base))
    await stall.fan.send(f"{base}basket/add", variant=variant.key, quantity=1)
    assert "sold out" not in await stall.fan.look(on)
    await stall.fan.send(f"{base}order/place", **await stall.form(stall.fan, base))
    first, second = await stall.placed()
    assert await holds(stall, [first, second]) == ["moved", "held"]
    assert f"put aside for you with your order {second.number}" in await stall.fan.look(
        status_page(first)
    )
    with pytest.raises(SoldOut):
        await order_again(stall, variant)


async def test_more_than_hers_and_what_is_free_is_still_refused(each_stall: Stall) -> None:
    stall = each_stall
    variant = await the_last(stall, pieces=2)
    mine = await open_orders(stall, variant, 1)
    theirs = await open_orders(stall, variant, 1, "2")
    async with stall.db.reading() as session:
        basket = (
            await session.exec(select(Basket).where(col(Basket.id) == mine[0].basket_id))
        ).one()
    async with stall.db.transaction() as session:
        await put(session, basket, variant.key, now=stall.clock())
    with pytest.raises(Exception, match="Only 1 of"):
        async with stall.db.transaction() as session:
            await put(session, basket, variant.key, now=stall.clock())
    assert await holds(stall, mine + theirs) == ["held", "held"]
    assert (await stands(stall, mine[0], variant))[1] == (2, 2, 0)


async def test_where_there_is_enough_for_both_her_first_order_keeps_its_goods(
    each_stall: Stall,
) -> None:
    stall = each_stall
    variant = await the_last(stall, pieces=2)
    orders = await open_orders(stall, variant, 2)
    assert await holds(stall, orders) == ["held", "held"]
    assert (await stands(stall, orders[0], variant))[1] == (2, 2, 0)


async def test_given_up_goods_go_back_to_her_other_order_before_anybody_else(
    each_stall: Stall,
) -> None:
    stall = each_stall
    variant = await the_last(stall)
    orders = await open_orders(stall, variant, 2)
    async with stall.db.transaction() as session:
        await cancel(session, stall.shop.key, orders[1].key, by="customer", now=stall.clock())
    assert await holds(stall, orders) == ["held", "held"]
    assert await told(stall, orders[0]) == ["placed", "hold_moved", "hold_back"]
    assert (await stands(stall, orders[0], variant))[1] == (1, 1, 0)
    stall.clock.advance(minutes=46)
    await stall.expire()
    assert await states(stall, orders, variant) == ["expired", "cancelled"]
    assert (await stands(stall, orders[0], variant))[1] == (1, 0, 0)


async def test_what_a_bank_is_paying_for_is_not_taken_over(stall: Stall) -> None:
    variant = await the_last(stall)
    [order] = await open_orders(stall, variant, 1)
    await stall.till.buyer(await pay_page(stall, order), "delay")
    await stall.till.work()
    with pytest.raises(SoldOut):
        await open_orders(stall, variant, 1)
    assert await holds(stall, [order]) == ["held"]


async def test_first_paid_is_first_served(each_stall: Stall) -> None:
    stall = each_stall
    variant = await the_last(stall)
    async with stall.db.transaction() as session:
        await edit_storefront(session, stall.shop.key, hold_policy="first_paid")
    slow, quick = await order_again(stall, variant), await order_again(stall, variant)
    assert (await stands(stall, slow, variant))[1] == (1, 0, 0)
    assert "whoever pays first gets them" in await stall.fan.look(status_page(slow))
    pages = [await pay_page(stall, one) for one in (slow, quick)]
    await stall.till.buyer(pages[1], "pay")
    await stall.till.work()
    assert await stands(stall, quick, variant) == ("paid", (1, 0, 1))
    await stall.till.buyer(pages[0], "pay")
    await stall.till.work()
    assert await stands(stall, slow, variant) == ("refunded", (1, 0, 1))
    assert (charged(stall.till), given_back(stall.till)) == ([2490, 2490], [2490])


async def test_an_order_nobody_put_anything_aside_for_runs_out_quietly(stall: Stall) -> None:
    variant = await the_last(stall)
    async with stall.db.transaction() as session:
        await edit_storefront(session, stall.shop.key, hold_policy="first_paid")
    order = await order_again(stall, variant)
    stall.clock.advance(minutes=46)
    await stall.expire()
    assert await stands(stall, order, variant) == ("expired", (1, 0, 0))
    assert "not paid in time" in await come_back(stall, order)


async def test_a_product_can_be_first_paid_first_served_alone(stall: Stall) -> None:
    variant, other = await the_last(stall), await the_last(stall, name="Tulpen")
    async with stall.db.transaction() as session:
        await edit_product(
            session, stall.shop.key, variant.product_id, {"hold_policy": "first_paid"},
            now=stall.clock(),
        )  # fmt: skip
    hot, calm = await order_again(stall, variant), await order_again(stall, other)
    assert await holds(stall, [hot, calm]) == ["none", "held"]


async def test_what_costs_nothing_is_taken_at_once_under_either_policy(stall: Stall) -> None:
    variant = await the_last(stall, price=0)
    async with stall.db.transaction() as session:
        await edit_storefront(session, stall.shop.key, hold_policy="first_paid")
    order = await order_again(stall, variant)
    assert await stands(stall, order, variant) == ("paid", (1, 0, 1))
    with pytest.raises(SoldOut):
        await order_again(stall, variant)


async def test_the_basket_of_somebody_else_says_what_is_true(stall: Stall) -> None:
    variant = await the_last(stall)
    await open_orders(stall, variant, 1)
    async with stall.db.transaction() as session:
        ben = await meet(session, stall.shop.key, "messenger", "2", now=stall.clock())
        basket = await basket_of(session, stall.shop.key, ben.key, now=stall.clock())
        with pytest.raises(SoldOut):
            await put(session, basket, variant.key, now=stall.clock())
        assert (await look_at(session, stall.shop, basket, now=stall.clock())).is_empty

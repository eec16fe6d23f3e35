"""Bundles: as many as their parts give, and the parts are what is taken from the shelf."""

import asyncio
from typing import Any

import pytest
from sqlmodel import col, select

from core.errors import ShopError
from core.shops import Shop, open_shop
from storefront import stock
from storefront.basket_filling import put
from storefront.basket_views import look_at
from storefront.baskets import lock_basket, open_basket
from storefront.catalogue import get_card
from storefront.errors import (
    BasketChanged,
    BundleHasStock,
    BundleIsPart,
    NotEnough,
    NotEnoughTogether,
    PartIsBundle,
    PartRetired,
    ProductIsPart,
    ProductUnknown,
    ProductWasSold,
    StockIsOfParts,
)
from storefront.events import ProductChanged, StockRanOut
from storefront.models import Variant, VariantPart
from storefront.orders.ending import cancel
from storefront.orders.placing import place
from storefront.orders.sending import mark_sent
from storefront.packing import put_part, take_part
from storefront.products import delete_product
from storefront.stocktaking import adjust, recount
from storefront.variants import find_variant, retire_variant
from tests.conftest import SetClock, WatchedDatabase
from tests.storefront.goods import a_basket, a_form, a_product, all_lines, counters, movements
from tests.storefront.stall import Stall


async def a_set(
    db: WatchedDatabase, shop: Shop, clock: SetClock, *, vases: int = 5, roses: int = 20
) -> tuple[Variant, Variant, Variant]:
    """A gift set of one vase and ten roses, a vase, a rose."""
    now = clock()
    async with db.transaction() as session:
        _, vase = await a_product(session, shop, "Vase", pieces=vases, now=now)
        _, rose = await a_product(session, shop, "Rose", pieces=roses, now=now)
        _, gift = await a_product(session, shop, "Geschenkset", pieces=0, now=now)
        await put_part(session, shop.key, gift.key, vase.key, 1, now=now)
        await put_part(session, shop.key, gift.key, rose.key, 10, now=now)
    return gift, vase, rose


async def left_of(db: WatchedDatabase, shop: Shop, variant: Variant, clock: SetClock) -> int:
    async with db.reading() as session:
        card = await get_card(session, shop.key, variant.product_id, now=clock())
    return card.variants[0].left


async def test_of_a_bundle_there_is_as_much_as_its_scarcest_part_gives(
    sqlite_db: WatchedDatabase, shop: Shop, clock: SetClock
) -> None:
    gift, _, rose = await a_set(sqlite_db, shop, clock)
    assert await left_of(sqlite_db, shop, gift, clock) == 2
    async with sqlite_db.transaction() as session:
        await adjust(session, shop.key, rose.key, -1, reason="", by="Anna", now=clock())
    assert await left_of(sqlite_db, shop, gift, clock) == 1
    async with sqlite_db.transaction() as session:
        await retire_variant(session, shop.key, rose.key, now=clock())
    assert await left_of(sqlite_db, shop, gift, clock) == 0


async def test_an_order_takes_the_parts_and_freezes_them(
    db: WatchedDatabase, shop: Shop, clock: SetClock
) -> None:
    gift, vase, rose = await a_set(db, shop, clock)
    now = clock()
    async with db.transaction() as session:
        basket = await a_basket(session, shop, gift, 2, now=now)
        order = (await place(session, shop, basket, a_form(basket), now=now)).order
        [line] = await all_lines(session)
        assert line.parts == {str(vase.key): 1, str(rose.key): 10}
        assert await counters(session, vase) == (5, 2, 0)
        assert await counters(session, rose) == (20, 20, 0)
        assert await counters(session, gift) == (0, 0, 0)
    async with db.transaction() as session:
        # Another set from now on: the order gives back what it took.
        await put_part(session, shop.key, gift.key, rose.key, 3, now=now)
        await take_part(session, shop.key, gift.key, vase.key, now=now)
        await cancel(session, shop.key, order.key, by="Anna", now=now)
        assert await counters(session, vase) == (5, 0, 0)
        assert await counters(session, rose) == (20, 0, 0)
        assert await movements(session, gift) == []
        assert await recount(session, shop.key) == []


async def test_a_bundle_and_its_part_in_one_basket_are_summed_first(
    sqlite_db: WatchedDatabase, shop: Shop, clock: SetClock
) -> None:
    db, now = sqlite_db, clock()
    gift, vase, _ = await a_set(db, shop, clock, vases=3)
    async with db.transaction() as session:
        basket = await open_basket(session, shop.key, now=now)
        await put(session, basket, gift.key, 2, now=now)
        with pytest.raises(NotEnoughTogether) as caught:
            await put(session, basket, vase.key, 2, now=now)
        assert caught.value.details == {"name": "Vase", "left": 3, "needed": 4}
        await put(session, basket, vase.key, 1, now=now)
        with pytest.raises(NotEnoughTogether) as caught:
            await put(session, basket, vase.key, 1, now=now)
        assert caught.value.details == {"name": "Vase", "left": 3, "needed": 4}
        with pytest.raises(NotEnough) as alone:
            await put(session, basket, gift.key, 1, now=now)
        assert alone.value.details == {"name": "Geschenkset", "left": 2}


async def test_when_a_part_goes_away_the_later_line_is_told_what_is_short(
    sqlite_db: WatchedDatabase, shop: Shop, clock: SetClock
) -> None:
    """Two bundles that share a part: the first is served, the second hears why it is not."""
    db, now = sqlite_db, clock()
    gift, vase, _ = await a_set(db, shop, clock, vases=3)
    async with db.transaction() as session:
        _, other = await a_product(session, shop, "Ostervase", pieces=0, now=now)
        await put_part(session, shop.key, other.key, vase.key, 1, now=now)
        basket = await open_basket(session, shop.key, now=now)
        await put(session, basket, gift.key, 2, now=now)
        await put(session, basket, other.key, 1, now=now)
        await adjust(session, shop.key, vase.key, -1, reason="", by="Anna", now=now)
    async with db.reading() as session:
        first, second = (await look_at(session, shop, basket, now=now)).items
    assert first.problem is None
    assert second.problem is not None
    assert second.problem.sentence.startswith("Only %(left)s of %(name)s are left, and your basket")
    assert second.problem.details == {"name": "Vase", "left": 2, "needed": 3}


WRONG: list[tuple[str, type[ShopError]]] = [
    ("retired", PartRetired), ("bundle in a bundle", PartIsBundle), ("itself", PartIsBundle),
    ("a part made a bundle", BundleIsPart), ("own stock", BundleHasStock),
    ("another shop's", ProductUnknown),
]  # fmt: skip


@pytest.mark.parametrize(("what", "error"), WRONG)
async def test_what_cannot_be_a_bundle_is_refused(
    sqlite_db: WatchedDatabase, shop: Shop, clock: SetClock, what: str, error: type[ShopError]
) -> None:
    db, now = sqlite_db, clock()
    gift, vase, rose = await a_set(db, shop, clock)
    async with db.transaction() as session:
        _, full = await a_product(session, shop, "Topf", pieces=1, now=now)
        _, empty = await a_product(session, shop, "Korb", pieces=0, now=now)
        elsewhere = await open_shop(session, "vasen", "Vasen", now=now)
        _, foreign = await a_product(session, elsewhere, "Vase", now=now)
        _, withered = await a_product(session, shop, "Nelke", now=now)
        await retire_variant(session, shop.key, withered.key, now=now)
    pairs = {
        "retired": (empty, withered), "bundle in a bundle": (empty, gift), "itself": (empty, empty),
        "a part made a bundle": (vase, rose), "own stock": (full, rose),
        "another shop's": (empty, foreign),
    }  # fmt: skip
    bundle, part = pairs[what]
    with pytest.raises(error):
        async with db.transaction() as session:
            await put_part(session, shop.key, bundle.key, part.key, 1, now=now)
    async with db.reading() as session:
        rows = select(VariantPart).where(col(VariantPart.bundle_id) == bundle.key)
        assert (await session.exec(rows)).all() == []
        assert not (await find_variant(session, shop.key, bundle.key)).is_bundle


async def test_two_that_become_each_others_part_at_once_do_not_both(
    db: WatchedDatabase, shop: Shop, clock: SetClock
) -> None:
    async with db.transaction() as session:
        one, other = [
            (await a_product(session, shop, name, pieces=0, now=clock()))[1] for name in "AB"
        ]

    async def pack(bundle: Variant, part: Variant) -> Any:
        async with db.transaction() as session:
            return await put_part(session, shop.key, bundle.key, part.key, 1, now=clock())

    ended = await asyncio.gather(pack(one, other), pack(other, one), return_exceptions=True)
    refused = [type(end) for end in ended if isinstance(end, Exception)]
    assert refused in ([PartIsBundle], [BundleIsPart])


async def test_a_bundle_has_no_stock_of_its_own_until_it_is_none_any_more(
    sqlite_db: WatchedDatabase, shop: Shop, clock: SetClock
) -> None:
    db, now = sqlite_db, clock()
    gift, vase, rose = await a_set(db, shop, clock)
    async with db.transaction() as session:
        with pytest.raises(StockIsOfParts):
            await adjust(session, shop.key, gift.key, 1, reason="", by="Anna", now=now)
        for part in (vase, rose):
            await take_part(session, shop.key, gift.key, part.key, now=now)
        await adjust(session, shop.key, gift.key, 1, reason="", by="Anna", now=now)
        assert await counters(session, gift) == (1, 0, 0)


async def test_what_is_in_a_bundle_or_was_sold_in_one_is_not_deleted(
    sqlite_db: WatchedDatabase, shop: Shop, clock: SetClock
) -> None:
    db, now = sqlite_db, clock()
    gift, vase, rose = await a_set(db, shop, clock)
    async with db.transaction() as session:
        with pytest.raises(ProductIsPart):
            await delete_product(session, shop.key, vase.product_id)
        basket = await a_basket(session, shop, gift, now=now)
        await place(session, shop, basket, a_form(basket), now=now)
        await take_part(session, shop.key, gift.key, vase.key, now=now)
        with pytest.raises(ProductWasSold):
            await delete_product(session, shop.key, vase.product_id)
        _, basket_set = await a_product(session, shop, "Korb", pieces=0, now=now)
        await put_part(session, shop.key, basket_set.key, rose.key, 1, now=now)
        await delete_product(session, shop.key, basket_set.product_id)


async def test_pages_of_a_bundle_are_stale_when_a_part_turns(
    sqlite_db: WatchedDatabase, shop: Shop, clock: SetClock
) -> None:
    db, now = sqlite_db, clock()
    gift, _, rose = await a_set(db, shop, clock, vases=9, roses=40)
    changed, ran_out = (
        ProductChanged(shop.key, gift.product_id),
        StockRanOut(shop.key, gift.product_id, gift.key),
    )

    async def sell(pieces: int) -> list[object]:
        db.seen.clear()
        async with db.transaction() as session:
            await stock.allocate(session, shop.key, {rose.key: pieces}, "order-1", now=now)
        return [one for one in db.seen if getattr(one, "product_id", 0) == gift.product_id]

    assert await sell(1) == [changed]
    assert await sell(1) == []
    assert await sell(29) == [changed, ran_out]


async def test_a_part_sold_meanwhile_refuses_the_bundle_and_nothing_has_moved(
    db: WatchedDatabase, shop: Shop, clock: SetClock
) -> None:
    gift, vase, rose = await a_set(db, shop, clock)
    now = clock()
    async with db.transaction() as session:
        basket = await a_basket(session, shop, gift, now=now)
    async with db.transaction() as session:
        await stock.allocate(session, shop.key, {rose.key: 20}, "order-9", now=now)
    async with db.transaction() as session:
        fresh = await lock_basket(session, basket)
        with pytest.raises(BasketChanged):
            await place(session, shop, fresh, a_form(fresh), now=now)
    async with db.reading() as session:
        assert await counters(session, vase) == (5, 0, 0)


async def test_parts_are_put_in_counted_and_taken_out_on_the_products_page(stall: Stall) -> None:
    db, shop = stall.db, stall.shop
    await stall.sign_in()
    async with db.transaction() as session:
        _, vase = await a_product(session, shop, "Vase", pieces=5, now=stall.clock())
        _, gift = await a_product(session, shop, "Geschenkset", pieces=0, now=stall.clock())
    where = f"/counter/products/{gift.product_id}"
    parts = f"{where}/variants/{gift.key}/parts"
    assert "Make a bundle of other goods" in await stall.fan.look(where)
    assert "Please enter a number from 1 to 99." in await stall.fan.send(
        parts, 422, part=vase.key, pieces=100
    )
    await stall.fan.send(parts, part=vase.key, pieces=2)
    page = await stall.fan.look(where)
    assert "to be had: 2" in page
    assert "Change the stock" not in page
    shown = await stall.fan.look("/s/blumen/p/geschenkset")
    assert "In Geschenkset:" in shown
    assert "<li>2 × Vase</li>" in shown
    await stall.fan.send(parts, part=vase.key, pieces=5)
    assert "Only a few left" in await stall.fan.look("/s/blumen/p/geschenkset")
    await stall.fan.send(parts, part=gift.key, pieces=1)
    assert "A bundle cannot be part of a bundle." in await stall.fan.look(where)
    await stall.fan.send(parts, part=vase.key, remove="")
    assert "Sold out" in await stall.fan.look("/s/blumen/p/geschenkset")
    assert "Change the stock" in await stall.fan.look(where)


async def test_a_bundle_goes_from_the_shelf_to_the_buyer_in_its_parts(each_stall: Stall) -> None:
    stall, shop = each_stall, each_stall.shop
    gift, vase, rose = await a_set(stall.db, shop, stall.clock, vases=1, roses=10)
    link = await stall.order(stall.fan, "/s/blumen/", gift.key)
    assert "Sold out" in await stall.fan.look("/s/blumen/p/geschenkset")
    await stall.till.buyer(link.rsplit("/", 1)[1], "pay")
    await stall.till.work()
    order = await stall.last_order()
    async with stall.db.transaction() as session:
        assert await counters(session, rose) == (10, 0, 10)
        await mark_sent(session, shop.key, order.key, by="Anna", now=stall.clock())
        assert await counters(session, vase) == (0, 0, 0)
        assert await counters(session, rose) == (0, 0, 0)
        assert await recount(session, shop.key) == []

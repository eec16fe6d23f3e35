"""Placing orders: all or nothing, once, and never more than there is."""

import asyncio

import pytest
from sqlmodel import col, func, select

from core.errors import InvalidForm, ShopError
from core.shops import Shop
from payments.payables import find_payable
from storefront.basket_filling import put, take
from storefront.basket_views import look_at
from storefront.baskets import lines_in, open_basket
from storefront.errors import BasketChanged, BasketEmpty, NotEnough, SoldOut, TotalChanged
from storefront.events import OrderPaid, OrderPlaced, StockRanOut
from storefront.models import Order, Variant
from storefront.orders.finding import events_of, lines_of
from storefront.orders.numbering import FIRST_NUMBER
from storefront.orders.placing import place
from storefront.references import reference_of
from storefront.stocktaking import recount
from storefront.storefronts import edit_storefront
from storefront.variants import edit_variant, retire_variant
from tests.conftest import SetClock, WatchedDatabase
from tests.storefront.goods import a_basket, a_form, a_product, counters, movements


async def sell_out(
    db: WatchedDatabase, shop: Shop, clock: SetClock, pieces: int, buyers: int
) -> tuple[Variant, list[bool]]:
    """So many buyers go for so few pieces in the same moment."""
    now = clock()
    async with db.transaction() as session:
        _, variant = await a_product(session, shop, pieces=pieces, now=now)
    baskets = []
    async with db.transaction() as session:
        for _ in range(buyers):
            baskets.append(await a_basket(session, shop, variant, now=now))

    async def buy(number: int) -> bool:
        form = a_form(baskets[number], email=f"buyer-{number}@example.org")
        try:
            async with db.transaction() as session:
                await place(session, shop, baskets[number], form, now=now)
        except (SoldOut, BasketChanged):
            return False
        return True

    return variant, list(await asyncio.gather(*map(buy, range(buyers))))


async def test_of_200_buyers_racing_for_10_pieces_exactly_10_get_one(
    db: WatchedDatabase, shop: Shop, clock: SetClock
) -> None:
    variant, got_one = await sell_out(db, shop, clock, pieces=10, buyers=200)
    assert got_one.count(True) == 10
    async with db.reading() as session:
        assert await counters(session, variant) == (10, 10, 0)
        numbers = (await session.exec(select(Order.number).order_by(col(Order.number)))).all()
        assert list(numbers) == list(range(FIRST_NUMBER, FIRST_NUMBER + 10))
        assert await recount(session, shop.key) == []
    assert [event.variant_id for event in db.seen if isinstance(event, StockRanOut)] == [
        variant.key
    ]


async def test_baskets_that_cross_each_other_do_not_lock_each_other_up(
    db: WatchedDatabase, shop: Shop, clock: SetClock
) -> None:
    now = clock()
    baskets = []
    async with db.transaction() as session:
        _, one = await a_product(session, shop, "Rosen", pieces=5, now=now)
        _, other = await a_product(session, shop, "Tulpen", pieces=5, now=now)
        for number in range(20):
            first, second = (one, other) if number % 2 else (other, one)
            basket = await a_basket(session, shop, first, now=now)
            await put(session, basket, second.key, now=now)
            baskets.append(basket)

    async def buy(number: int) -> bool:
        try:
            async with db.transaction() as session:
                await place(session, shop, baskets[number], a_form(baskets[number]), now=now)
        except (SoldOut, BasketChanged):
            return False
        return True

    got_both = await asyncio.gather(*map(buy, range(20)))
    assert got_both.count(True) == 5
    async with db.reading() as session:
        assert await counters(session, one) == await counters(session, other) == (5, 5, 0)


async def test_an_order_freezes_what_was_agreed(
    db: WatchedDatabase, shop: Shop, clock: SetClock
) -> None:
    now = clock()
    async with db.transaction() as session:
        await edit_storefront(session, shop.key, shipping_fee_minor=490)
        _, variant = await a_product(session, shop, price=1190, tax_bp=700, now=now)
        basket = await a_basket(session, shop, variant, 2, now=now)
        placed = await place(session, shop, basket, a_form(basket, total_minor="2870"), now=now)
        order = placed.order
        assert await lines_in(session, basket) == []
    async with db.transaction() as session:
        await edit_variant(session, shop, variant.key, price=variant.price * 2, name="", sku="",
                           content_thousandths=None, now=now)  # fmt: skip
    async with db.reading() as session:
        [line] = await lines_of(session, order)
        payable = await find_payable(session, shop.key, reference_of(order.key))
    assert (line.name, line.quantity, line.unit_minor) == ("Rote Rosen", 2, 1190)
    assert (line.total_minor, line.tax_bp, line.tax_minor) == (2380, 700, 156)
    assert (order.goods_minor, order.shipping_minor, order.total_minor) == (2380, 490, 2870)
    assert order.shipping_tax_minor == 78
    assert order.tax_minor == 156 + 78
    assert order.state == "placed"
    assert payable is not None
    assert payable.amount == order.total
    placed = [event for event in db.seen if isinstance(event, OrderPlaced)]
    assert placed == [OrderPlaced(shop.key, order.key, None, 2870, "EUR")]


async def test_the_same_form_sent_twice_at_once_is_one_order(
    db: WatchedDatabase, shop: Shop, clock: SetClock
) -> None:
    now = clock()
    async with db.transaction() as session:
        _, variant = await a_product(session, shop, now=now)
        basket = await a_basket(session, shop, variant, now=now)

    async def press() -> int:
        async with db.transaction() as session:
            return (await place(session, shop, basket, a_form(basket), now=now)).order.key

    keys = await asyncio.gather(press(), press(), press())
    assert len(set(keys)) == 1
    async with db.reading() as session:
        assert await counters(session, variant) == (10, 1, 0)
        assert await movements(session, variant) == [("received", 10, 0, 0), ("held", 0, 1, 0)]
        assert (await session.exec(select(func.count()).select_from(Order))).one() == 1


async def refused(
    db: WatchedDatabase, shop: Shop, basket: object, form: object, clock: SetClock
) -> ShopError:
    with pytest.raises(ShopError) as caught:
        async with db.transaction() as session:
            await place(session, shop, basket, form, now=clock())  # type: ignore[arg-type]
    async with db.reading() as session:
        assert (await session.exec(select(Order))).all() == []
        assert all(
            (one.held, one.allocated) == (0, 0) for one in (await session.exec(select(Variant)))
        )
    return caught.value


async def test_what_the_buyer_did_not_see_is_not_ordered(
    sqlite_db: WatchedDatabase, shop: Shop, clock: SetClock
) -> None:
    now, db = clock(), sqlite_db
    async with db.transaction() as session:
        _, variant = await a_product(session, shop, price=1000, pieces=3, now=now)
        basket = await a_basket(session, shop, variant, 2, now=now)
        nothing = await open_basket(session, shop.key, now=now)
    assert isinstance(await refused(db, shop, nothing, a_form(nothing), clock), BasketEmpty)
    other_page = a_form(basket, basket_version=str(basket.version - 1))
    assert isinstance(await refused(db, shop, basket, other_page, clock), BasketChanged)
    other_price = a_form(basket, total_minor="1999")
    assert isinstance(await refused(db, shop, basket, other_price, clock), TotalChanged)
    async with db.transaction() as session:
        rival = await a_basket(session, shop, variant, 2, now=now)
        await retire_variant(session, shop.key, variant.key, now=now)
    assert isinstance(await refused(db, shop, rival, a_form(rival), clock), BasketChanged)


async def test_an_address_must_be_one_we_deliver_to(
    sqlite_db: WatchedDatabase, shop: Shop, clock: SetClock
) -> None:
    async with sqlite_db.transaction() as session:
        _, variant = await a_product(session, shop, now=clock())
        basket = await a_basket(session, shop, variant, now=clock())
    for change, field in (
        ({"country": "AT"}, "country"),
        ({"delivery": "pickup"}, "delivery"),
        ({"wish_date": "2020-01-01"}, "wish_date"),
        ({"wish_date": "2099-01-01"}, "wish_date"),
    ):
        error = await refused(sqlite_db, shop, basket, a_form(basket, **change), clock)
        assert isinstance(error, InvalidForm)
        assert list(error.fields) == [field]


async def test_what_costs_nothing_is_paid_at_once(
    db: WatchedDatabase, shop: Shop, clock: SetClock
) -> None:
    now = clock()
    async with db.transaction() as session:
        _, variant = await a_product(session, shop, "Gruß", price=0, now=now)
        basket = await a_basket(session, shop, variant, now=now)
        order = (await place(session, shop, basket, a_form(basket), now=now)).order
    assert (order.state, order.paid_at) == ("confirmed", now)
    async with db.reading() as session:
        assert await counters(session, variant) == (10, 0, 1)
        assert await find_payable(session, shop.key, reference_of(order.key)) is None
        assert [event.what for event in await events_of(session, order)] == ["placed", "confirmed"]
    assert [event.order_id for event in db.seen if isinstance(event, OrderPaid)] == [order.key]


async def test_a_basket_says_what_has_changed_and_does_not_order_it(
    sqlite_db: WatchedDatabase, shop: Shop, clock: SetClock
) -> None:
    now, db = clock(), sqlite_db
    async with db.transaction() as session:
        _, rose = await a_product(session, shop, "Rosen", price=1000, pieces=2, now=now)
        _, tulip = await a_product(session, shop, "Tulpen", price=500, now=now)
        basket = await a_basket(session, shop, rose, 2, now=now)
        await put(session, basket, tulip.key, now=now)
        await edit_variant(session, shop, tulip.key, price=tulip.price * 2, name="", sku="",
                           content_thousandths=None, now=now)  # fmt: skip
        rival = await a_basket(session, shop, rose, 1, now=now)
        await place(session, shop, rival, a_form(rival), now=now)
        view = await look_at(session, shop, basket, now=now)
        assert [note.details["name"] for note in view.notes] == ["Tulpen"]
        assert [note.details for note in view.problems] == [{"name": "Rosen", "left": 1}]
        assert not view.can_be_ordered
        assert view.quote.total.minor == 1000
        with pytest.raises(NotEnough):
            await put(session, basket, rose.key, now=now)
        await take(session, basket, rose.key, now=now)
        assert (await look_at(session, shop, basket, now=now)).can_be_ordered

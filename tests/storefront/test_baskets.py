"""Baskets and customers: one each, however many doors they come through."""

import asyncio

import pytest
from sqlmodel import func, select

from core.shops import Shop, open_shop
from storefront.basket_filling import put, set_quantity
from storefront.basket_views import look_at
from storefront.baskets import basket_of, count_pieces, lines_in, open_basket
from storefront.customers import CustomerUnknown, get_customer, identities_of, meet
from storefront.errors import BasketIsFull, NotEnough, ProductUnknown, SoldOut, TooMany
from storefront.models import Basket, Customer
from storefront.references import order_id_of, reference_of
from storefront.storefronts import edit_storefront
from tests.conftest import SetClock, WatchedDatabase
from tests.storefront.goods import a_product


async def test_a_customer_met_twice_at_once_is_one_customer(
    db: WatchedDatabase, shop: Shop, clock: SetClock
) -> None:
    async def come() -> tuple[int, int]:
        async with db.transaction() as session:
            met = await meet(session, shop.key, "messenger", "psid-1", name="Anna", now=clock())
            basket = await basket_of(session, shop.key, met.key, now=clock())
        return met.key, basket.key

    assert len(set(await asyncio.gather(*(come() for _ in range(6))))) == 1
    async with db.reading() as session:
        for table in (Customer, Basket):
            assert (await session.exec(select(func.count()).select_from(table))).one() == 1


async def test_the_same_id_is_another_person_in_another_channel_or_shop(
    sqlite_db: WatchedDatabase, shop: Shop, clock: SetClock
) -> None:
    async with sqlite_db.transaction() as session:
        other = await open_shop(session, "vasen", "Vasen", now=clock())
        ours = await meet(session, shop.key, "messenger", "1", name="Anna", now=clock())
        insta = await meet(session, shop.key, "instagram", "1", now=clock())
        theirs = await meet(session, other.key, "messenger", "1", now=clock())
        assert len({ours.key, insta.key, theirs.key}) == 3
        assert [one.channel for one in await identities_of(session, insta)] == ["instagram"]
        with pytest.raises(CustomerUnknown):
            await get_customer(session, shop.key, theirs.key)


async def test_what_we_know_of_a_customer_is_not_overwritten(
    sqlite_db: WatchedDatabase, shop: Shop, clock: SetClock
) -> None:
    async with sqlite_db.transaction() as session:
        await meet(session, shop.key, "messenger", "1", now=clock())
        await meet(session, shop.key, "messenger", "1", name="Anna", locale="de", now=clock())
        anna = await meet(session, shop.key, "messenger", "1", name="A.", locale="en", now=clock())
    assert (anna.name, anna.locale) == ("Anna", "de")


async def test_a_basket_refuses_what_cannot_be_had(
    sqlite_db: WatchedDatabase, shop: Shop, clock: SetClock
) -> None:
    now, db = clock(), sqlite_db
    async with db.transaction() as session:
        _, few = await a_product(session, shop, "Rosen", pieces=2, now=now)
        _, none = await a_product(session, shop, "Nelken", pieces=0, now=now)
        _, plenty = await a_product(session, shop, "Tulpen", pieces=500, now=now)
        _, draft = await a_product(session, shop, "Krokus", state="draft", now=now)
        basket = await open_basket(session, shop.key, now=now)
        for variant_id, quantity, wrong in (
            (few.key, 3, NotEnough), (none.key, 1, SoldOut), (plenty.key, 100, TooMany),
            (plenty.key, 0, TooMany), (draft.key, 1, ProductUnknown), (999, 1, ProductUnknown),
        ):  # fmt: skip
            with pytest.raises(wrong):
                await put(session, basket, variant_id, quantity, now=now)
        await put(session, basket, few.key, now=now)
        await put(session, basket, few.key, now=now)
        with pytest.raises(NotEnough):
            await put(session, basket, few.key, now=now)
        assert await count_pieces(session, basket) == 2
        await set_quantity(session, basket, few.key, 0, now=now)
        assert await lines_in(session, basket) == []


async def test_a_basket_holds_fifty_kinds_and_no_more(
    sqlite_db: WatchedDatabase, shop: Shop, clock: SetClock
) -> None:
    now = clock()
    async with sqlite_db.transaction() as session:
        basket = await open_basket(session, shop.key, now=now)
        for number in range(50):
            _, variant = await a_product(session, shop, f"Ware {number}", now=now)
            await put(session, basket, variant.key, now=now)
        _, one_more = await a_product(session, shop, "Zu viel", now=now)
        with pytest.raises(BasketIsFull):
            await put(session, basket, one_more.key, now=now)
        await put(session, basket, variant.key, now=now)


async def test_delivery_is_free_from_the_amount_the_merchant_says(
    sqlite_db: WatchedDatabase, shop: Shop, clock: SetClock
) -> None:
    now = clock()
    async with sqlite_db.transaction() as session:
        await edit_storefront(
            session, shop.key, shipping_fee_minor=490, free_shipping_from_minor=4000
        )
        _, variant = await a_product(session, shop, price=2000, now=now)
        basket = await open_basket(session, shop.key, now=now)
        await put(session, basket, variant.key, now=now)
        assert (await look_at(session, shop, basket, now=now)).quote.total.minor == 2490
        picked_up = await look_at(session, shop, basket, now=now, delivery="pickup")
        assert picked_up.quote.total.minor == 2000
        await put(session, basket, variant.key, now=now)
        assert (await look_at(session, shop, basket, now=now)).quote.total.minor == 4000
        empty = await open_basket(session, shop.key, now=now)
        assert (await look_at(session, shop, empty, now=now)).quote.total.minor == 0


async def test_a_small_business_shows_no_vat(
    sqlite_db: WatchedDatabase, shop: Shop, clock: SetClock
) -> None:
    now = clock()
    async with sqlite_db.transaction() as session:
        await edit_storefront(session, shop.key, shipping_fee_minor=490, small_business=True)
        _, variant = await a_product(session, shop, price=2000, now=now)
        basket = await open_basket(session, shop.key, now=now)
        await put(session, basket, variant.key, now=now)
        quote = (await look_at(session, shop, basket, now=now)).quote
    assert [tax.amount.minor for tax in quote.tax_by_rate.values()] == [0]


def test_references_lead_to_orders_and_back() -> None:
    assert order_id_of(reference_of(17)) == 17
    for other in ("", "order-", "order-x", "order--1", "invoice-3", "order-²", "17"):
        assert order_id_of(other) is None

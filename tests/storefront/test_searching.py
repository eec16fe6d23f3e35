"""Finding products by what people type, on both databases."""

from datetime import datetime

import pytest

from core.shops import Shop, open_shop
from storefront.catalogue import search
from storefront.products import edit_product, set_state
from storefront.stocktaking import adjust
from tests.conftest import SetClock, WatchedDatabase
from tests.storefront.goods import a_product

Goods = tuple[int, datetime]

GOODS = {
    "Rote Rosen im Dutzend": "Zwölf langstielige Blumen aus der Region.",
    "Rosenstrauß Liebe": "Gebunden mit Eukalyptus.",
    "Blaues Hemd": "Baumwolle.",
    "Sonnenblumen": "Fünf Stiele, sehr haltbar.",
    "Frühlingsgruß": "Tulpen und Ranunkeln.",
    "Große Gießkanne": "Zehn Liter, verzinkt.",
    "Brotkorb": "Aus Weide.",
}


@pytest.fixture
async def goods(db: WatchedDatabase, shop: Shop, clock: SetClock) -> Goods:
    """On sale in this shop, at this time."""
    async with db.transaction() as session:
        for name, description in GOODS.items():
            await a_product(session, shop, name, description=description, now=clock())
    return shop.key, clock()


FOUND: list[tuple[str, list[str]]] = [
    ("rosen", ["Rote Rosen im Dutzend", "Rosenstrauß Liebe"]),
    ("Rose", ["Rote Rosen im Dutzend", "Rosenstrauß Liebe"]),
    ("rote rose", ["Rote Rosen im Dutzend"]),
    ("Haben Sie noch blaue Hemden?", ["Blaues Hemd"]),
    ("strauss", ["Rosenstrauß Liebe"]),
    ("Sträuße", ["Rosenstrauß Liebe"]),
    ("fruehlingsgruss", ["Frühlingsgruß"]),
    ("Tulpe", ["Frühlingsgruß"]),
    ("giesskane", ["Große Gießkanne"]),
    ("Sonenblume", ["Sonnenblumen"]),
    ("sonnenblumenstrauss", ["Sonnenblumen"]),
    ("rot", ["Rote Rosen im Dutzend"]),
    ("Fahrrad", []),
    ("", []),
    ("%_' OR 1=1 --", []),
]


async def test_what_was_meant_is_found(db: WatchedDatabase, goods: Goods) -> None:
    shop_id, now = goods
    async with db.reading() as session:
        for typed, found in FOUND:
            cards = await search(session, shop_id, typed, now=now)
            assert [card.name for card in cards] == found, typed


async def test_when_nothing_has_all_words_what_has_most_of_them_is_shown(
    sqlite_db: WatchedDatabase, shop: Shop, clock: SetClock, goods: Goods
) -> None:
    async with sqlite_db.reading() as session:
        cards = await search(session, shop.key, "blaue Rosen", now=clock())
    assert {card.name for card in cards} == {
        "Rote Rosen im Dutzend",
        "Rosenstrauß Liebe",
        "Blaues Hemd",
    }


async def test_only_what_is_on_sale_in_this_shop_is_found_and_the_sold_out_last(
    sqlite_db: WatchedDatabase, shop: Shop, clock: SetClock
) -> None:
    now = clock()
    async with sqlite_db.transaction() as session:
        other = await open_shop(session, "vasen", "Vasen", now=now)
        await a_product(session, other, "Rosenvase", now=now)
        sold_out, variant = await a_product(session, shop, "Rosen", pieces=2, now=now)
        await a_product(session, shop, "Rosenöl", now=now)
        await a_product(session, shop, "Rosenholz", state="draft", now=now)
        hidden, _ = await a_product(session, shop, "Rosenseife", now=now)
        await set_state(session, shop.key, hidden.key, "hidden", now=now)
        await adjust(session, shop.key, variant.key, -2, reason="", by="Anna", now=now)
    async with sqlite_db.reading() as session:
        cards = await search(session, shop.key, "rosen", now=now)
    assert [card.name for card in cards] == ["Rosenöl", sold_out.name]


async def test_a_new_name_is_found_and_the_old_one_no_longer(
    sqlite_db: WatchedDatabase, shop: Shop, clock: SetClock
) -> None:
    now = clock()
    async with sqlite_db.transaction() as session:
        product, _ = await a_product(session, shop, "Krokus", now=now)
        await edit_product(session, shop.key, product.key, {"name": "Narzisse"}, now=now)
    async with sqlite_db.reading() as session:
        assert await search(session, shop.key, "Krokusse", now=now) == []
        assert len(await search(session, shop.key, "Narzissen", now=now)) == 1

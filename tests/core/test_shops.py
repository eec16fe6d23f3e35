"""Shops: the rows everything else belongs to."""

import pytest
from sqlalchemy.exc import IntegrityError

from core.shops import Shop, UnknownShop, find_shop, get_shop, open_shop
from tests.conftest import SetClock, WatchedDatabase


async def test_a_shop_is_found_by_its_slug_and_by_its_id(db: WatchedDatabase, shop: Shop) -> None:
    async with db.reading() as session:
        found = await find_shop(session, "blumen")
        assert found == await get_shop(session, shop.key)
    assert (found.name, found.currency, found.locale) == ("Blumen am Markt", "EUR", "de")
    assert found.created_at == shop.created_at


async def test_an_unknown_address_has_no_shop(sqlite_db: WatchedDatabase, shop: Shop) -> None:
    async with sqlite_db.reading() as session:
        with pytest.raises(UnknownShop):
            await find_shop(session, "Blumen")
        with pytest.raises(UnknownShop):
            await get_shop(session, shop.key + 1)


async def test_two_shops_never_share_an_address(
    db: WatchedDatabase, shop: Shop, clock: SetClock
) -> None:
    with pytest.raises(IntegrityError):
        async with db.transaction() as session:
            await open_shop(session, "blumen", "Blumen am Bahnhof", now=clock())
    async with db.reading() as session:
        assert (await find_shop(session, "blumen")).name == "Blumen am Markt"

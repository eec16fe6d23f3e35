"""Stock: the counters are what the ledger says, and never below zero."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, update

from core.errors import ShopError
from core.shops import Shop
from storefront import stock
from storefront.errors import NotEnough, ProductUnknown, SoldOut, StockBelowZero
from storefront.events import ProductChanged, StockRanOut
from storefront.models import Variant
from storefront.stocktaking import adjust, recount
from storefront.storefronts import find_storefront
from tests.conftest import SetClock, WatchedDatabase
from tests.storefront.goods import a_product, counters, movements


async def test_pieces_go_their_way_from_the_shelf_to_the_buyer(
    db: WatchedDatabase, shop: Shop, clock: SetClock
) -> None:
    now = clock()
    async with db.transaction() as session:
        _, variant = await a_product(session, shop, pieces=5, now=now)
        wanted = {variant.key: 2}
        await stock.hold(session, shop.key, wanted, "order-1", now=now)
        assert await counters(session, variant) == (5, 2, 0)
        await stock.sell(session, shop.key, wanted, "order-1", now=now)
        assert await counters(session, variant) == (5, 0, 2)
        await stock.send(session, shop.key, wanted, "order-1", now=now)
        assert await counters(session, variant) == (3, 0, 0)
        assert await movements(session, variant) == [
            ("received", 5, 0, 0), ("held", 0, 2, 0), ("sold", 0, -2, 2), ("sent", -2, 0, -2),
        ]  # fmt: skip
        assert await recount(session, shop.key) == []


async def test_goods_that_came_back_can_be_sold_again_at_once(
    db: WatchedDatabase, shop: Shop, clock: SetClock
) -> None:
    now = clock()
    async with db.transaction() as session:
        _, variant = await a_product(session, shop, pieces=2, now=now)
        both, one = {variant.key: 2}, {variant.key: 1}
        await stock.allocate(session, shop.key, both, "order-1", now=now)
        assert await counters(session, variant) == (2, 0, 2)
        await stock.send(session, shop.key, both, "order-1", now=now)
        await stock.restock(session, shop.key, one, "order-1", now=now)
        assert await counters(session, variant) == (1, 0, 0)
        await stock.allocate(session, shop.key, one, "order-2", now=now)
        assert await movements(session, variant) == [
            ("received", 2, 0, 0), ("allocated", 0, 0, 2), ("sent", -2, 0, -2),
            ("restocked", 1, 0, 0), ("allocated", 0, 0, 1),
        ]  # fmt: skip
        assert await recount(session, shop.key) == []


async def test_only_what_nobody_was_promised_can_be_allocated(
    db: WatchedDatabase, shop: Shop, clock: SetClock
) -> None:
    now = clock()
    async with db.transaction() as session:
        _, variant = await a_product(session, shop, "Tulpen", pieces=3, now=now)
        await stock.hold(session, shop.key, {variant.key: 2}, "order-1", now=now)
    with pytest.raises(NotEnough) as caught:
        async with db.transaction() as session:
            await stock.allocate(session, shop.key, {variant.key: 2}, "order-2", now=now)
    assert caught.value.details == {"name": "Tulpen", "left": 1}
    async with db.reading() as session:
        assert await counters(session, variant) == (3, 2, 0)


async def test_what_is_not_there_cannot_be_held_and_then_nothing_has_moved(
    db: WatchedDatabase, shop: Shop, clock: SetClock
) -> None:
    now = clock()
    async with db.transaction() as session:
        _, plenty = await a_product(session, shop, "Rosen", pieces=9, now=now)
        _, few = await a_product(session, shop, "Tulpen", pieces=2, now=now)
        _, none = await a_product(session, shop, "Nelken", pieces=0, now=now)

    async def hold(wanted: dict[int, int]) -> None:
        async with db.transaction() as session:
            await stock.hold(session, shop.key, wanted, "order-1", now=now)

    for scarce, wrong, details in (
        (few, NotEnough, {"name": "Tulpen", "left": 2}),
        (none, SoldOut, {"name": "Nelken"}),
    ):
        with pytest.raises(wrong) as caught:
            await hold({plenty.key: 3, scarce.key: 3})
        assert caught.value.details == details
    with pytest.raises(ProductUnknown):
        await hold({plenty.key: 3, 999: 1})
    async with db.reading() as session:
        assert await counters(session, plenty) == (9, 0, 0)
        assert await recount(session, shop.key) == []


async def test_the_database_itself_refuses_to_oversell(
    db: WatchedDatabase, shop: Shop, clock: SetClock
) -> None:
    async with db.transaction() as session:
        _, variant = await a_product(session, shop, pieces=1, now=clock())
    change = update(Variant).where(col(Variant.id) == variant.key).values(held=2)
    with pytest.raises(IntegrityError):
        async with db.transaction() as session:
            await session.exec(change)


async def test_pages_and_listeners_hear_only_when_the_shown_state_turns(
    sqlite_db: WatchedDatabase, shop: Shop, clock: SetClock
) -> None:
    now, db = clock(), sqlite_db
    async with db.transaction() as session:
        product, variant = await a_product(session, shop, pieces=6, now=now)

    async def take(pieces: int) -> tuple[int, list[object]]:
        db.seen.clear()
        async with db.transaction() as session:
            await stock.hold(session, shop.key, {variant.key: pieces}, "order-1", now=now)
        async with db.reading() as session:
            version = (await find_storefront(session, shop.key)).catalogue_version
        return version, list(db.seen)

    first, seen = await take(1)
    assert seen == []
    second, seen = await take(2)
    assert (second - first, seen) == (1, [ProductChanged(shop.key, product.key)])
    third, seen = await take(1)
    assert (third - second, seen) == (0, [])
    fourth, seen = await take(2)
    assert fourth - third == 1
    assert StockRanOut(shop.key, product.key, variant.key) in seen


async def test_what_is_promised_cannot_be_counted_away(
    db: WatchedDatabase, shop: Shop, clock: SetClock
) -> None:
    now = clock()
    async with db.transaction() as session:
        _, variant = await a_product(session, shop, pieces=5, now=now)
        await stock.hold(session, shop.key, {variant.key: 3}, "order-1", now=now)
        await adjust(session, shop.key, variant.key, -2, reason="verwelkt", by="Anna", now=now)
    with pytest.raises(StockBelowZero):
        async with db.transaction() as session:
            await adjust(session, shop.key, variant.key, -1, reason="", by="Anna", now=now)
    async with db.reading() as session:
        assert await counters(session, variant) == (3, 3, 0)


STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            ["hold", "release", "sell", "allocate", "take_back", "send", "restock", "adjust"]
        ),
        st.integers(1, 4),
    ),
    max_size=25,
)


@settings(max_examples=25, deadline=None,
          suppress_health_check=[HealthCheck.function_scoped_fixture])  # fmt: skip
@given(STEPS)
async def test_whatever_happens_the_ledger_and_the_counters_agree(
    sqlite_db: WatchedDatabase, shop: Shop, clock: SetClock, steps: list[tuple[str, int]]
) -> None:
    now, db = clock(), sqlite_db
    async with db.transaction() as session:
        _, variant = await a_product(session, shop, pieces=5, now=now)
    for name, pieces in steps:
        try:
            async with db.transaction() as session:
                if name == "adjust":
                    await adjust(
                        session, shop.key, variant.key, pieces - 2, reason="", by="Anna", now=now
                    )
                else:
                    verb = getattr(stock, name)
                    await verb(session, shop.key, {variant.key: pieces}, "order-1", now=now)
        except (ShopError, IntegrityError):
            pass
    async with db.reading() as session:
        on_hand, held, allocated = await counters(session, variant)
        assert await recount(session, shop.key) == []
    assert min(held, allocated, on_hand - held - allocated) >= 0

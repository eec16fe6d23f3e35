"""The stock books: what differs is found, said, and mended by an owner under a name."""

from sqlmodel import col, update

from storefront.models import StockMovement, Variant
from storefront.stock_books import check_books, latest_check
from tests.storefront.goods import a_product, counters, movements
from tests.storefront.sales import an_order, order_again
from tests.storefront.stall import Stall


async def broken(stall: Stall, **values: int) -> Variant:
    """Somebody has been at the counters with a database tool."""
    async with stall.db.transaction() as session:
        _, variant = await a_product(session, stall.shop, pieces=5, now=stall.clock())
        await session.exec(update(Variant).where(col(Variant.id) == variant.key).values(**values))
    return variant


async def found(stall: Stall) -> list[int]:
    await check_books(stall.db, stall.clock)
    async with stall.db.reading() as session:
        check = await latest_check(session, stall.shop.key)
    assert check is not None
    assert check.checked_at == stall.clock()
    return check.differing


async def test_books_in_order_are_found_in_order(each_stall: Stall) -> None:
    stall = each_stall
    _, variant = await an_order(stall)
    await order_again(stall, variant)
    assert await found(stall) == []
    stall.clock.advance(hours=1)
    assert await found(stall) == []


async def test_what_differs_is_said_and_an_owner_rebuilds_it(each_stall: Stall) -> None:
    stall = each_stall
    variant = await broken(stall, on_hand=7)
    assert await found(stall) == [variant.key]
    await stall.sign_in()
    page = await stall.fan.look("/counter/stock")
    assert "Some counters are not what the movements add up to." in page
    await stall.fan.send("/counter/stock/check")
    await stall.fan.send(f"/counter/stock/{variant.key}/rebuild")
    assert "The books add up again." in await stall.fan.look("/counter/stock")
    async with stall.db.reading() as session:
        assert await counters(session, variant) == (5, 0, 0)
        assert await movements(session, variant) == [("received", 5, 0, 0), ("rebuilt", 0, 0, 0)]
    assert await found(stall) == []
    told = await stall.fan.look(f"/counter/stock/{variant.key}")
    assert "Counters rebuilt" in told
    assert "7 / 0 / 0" in told
    assert "Anna Beet" in told


async def test_where_the_counters_are_right_the_difference_is_booked(stall: Stall) -> None:
    variant = await broken(stall, on_hand=4, held=1)
    await stall.sign_in()
    await stall.fan.send(f"/counter/stock/{variant.key}/book", reason="Gezählt am Freitag")
    async with stall.db.reading() as session:
        assert await counters(session, variant) == (4, 1, 0)
        assert await movements(session, variant) == [("received", 5, 0, 0), ("counted", -1, 1, 0)]
    assert await found(stall) == []
    assert "Gezählt am Freitag" in await stall.fan.look(f"/counter/stock/{variant.key}")


async def test_what_adds_up_to_less_than_nothing_cannot_be_rebuilt(stall: Stall) -> None:
    variant = await broken(stall, on_hand=6)
    async with stall.db.transaction() as session:
        session.add(StockMovement(shop_id=stall.shop.key, variant_id=variant.key, what="sent",
                                  on_hand=-9, at=stall.clock()))  # fmt: skip
    await stall.sign_in()
    await stall.fan.send(f"/counter/stock/{variant.key}/rebuild")
    assert "add up to less than nothing" in await stall.fan.look("/counter/stock")
    assert await found(stall) == [variant.key]


async def test_nothing_is_mended_where_nothing_differs_or_by_an_agent(stall: Stall) -> None:
    async with stall.db.transaction() as session:
        _, variant = await a_product(session, stall.shop, pieces=5, now=stall.clock())
    await stall.sign_in()
    for way in ("rebuild", "book"):
        await stall.fan.send(f"/counter/stock/{variant.key}/{way}", reason="")
        assert "There is nothing to mend." in await stall.fan.look("/counter/stock")
    await stall.fan.send("/counter/sign-out")
    await stall.sign_in("agent")
    await stall.fan.send(f"/counter/stock/{variant.key}/book", 403, reason="")
    async with stall.db.reading() as session:
        assert await movements(session, variant) == [("received", 5, 0, 0)]


async def test_every_movement_says_what_it_was_for(stall: Stall) -> None:
    order, variant = await an_order(stall)
    await stall.sign_in()
    page = await stall.fan.look(f"/counter/stock/{variant.key}")
    assert f"Order {order.number}" in page
    assert page.index(">Put aside</td>") < page.index(">Came in</td>")

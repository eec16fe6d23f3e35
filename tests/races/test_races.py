"""Everybody wants the same at the same moment: exactly right every time, and nobody sees a 5xx."""

import pytest
from sqlmodel import col, select

from core.signing import SIGNER
from promotions.deals import create_deal
from promotions.issuing import create_code
from promotions.models import CouponCode
from storefront.baskets import basket_of
from storefront.customers import meet
from storefront.models import Order, Variant
from storefront.orders.finding import lines_by_order
from storefront.packing import put_part
from storefront.stocktaking import recount
from storefront.visits import shop_link
from tests.pitfalls.books import charged, given_back
from tests.races.conftest import BUYERS
from tests.races.crowd import SCORES, Crowd, Score, all_at_once
from tests.storefront.goods import a_product, counters


def score(crowd: Crowd, scenario: str, engine: str, statuses: list[int]) -> None:
    SCORES.setdefault((scenario, engine), Score()).count(statuses, worst=max(crowd.times))


async def shelve(crowd: Crowd, name: str, pieces: int) -> Variant:
    stall = crowd.stall
    async with stall.db.transaction() as session:
        _, variant = await a_product(session, stall.shop, name, pieces=pieces, now=stall.clock())
    return variant


async def orders(crowd: Crowd) -> list[Order]:
    return await crowd.stall.placed()


async def books(crowd: Crowd, variant: Variant) -> tuple[int, int, int]:
    async with crowd.stall.db.reading() as session:
        assert await recount(session, crowd.stall.shop.key) == []
        return await counters(session, variant)


@pytest.mark.parametrize("pieces", [1, 3])
async def test_of_so_many_pieces_just_as_many_are_sold(
    crowd: Crowd, engine: str, pieces: int, run: int
) -> None:
    """From the basket to the receipt; of the losers nobody has an order or paid anything."""
    variant = await shelve(crowd, "Rote Rosen", pieces)
    buyers = await crowd.get_ready([variant.key] * BUYERS)
    ended = await all_at_once(crowd.place(base, form) for base, form in buyers)
    statuses = [status for status, _ in ended]
    scenario = f"{BUYERS} buyers for {pieces}"
    score(crowd, scenario, engine, statuses)
    assert sorted(statuses) == [303] * pieces + [409] * (BUYERS - pieces)
    assert await books(crowd, variant) == (pieces, pieces, 0)
    await crowd.pay(link for status, link in ended if status == 303)
    assert await books(crowd, variant) == (pieces, 0, pieces)
    assert [order.state for order in await orders(crowd)] == ["confirmed"] * pieces
    # Without a gap; who began first need not be the first to have ordered.
    numbers = sorted(order.number for order in await orders(crowd))
    assert numbers == list(range(1001, 1001 + pieces))
    assert charged(crowd.stall.till) == [2490] * pieces


async def test_bundles_that_share_a_part_never_take_more_than_there_is(
    crowd: Crowd, engine: str, run: int
) -> None:
    """Two sets with the same vase, one with two of it, and the vase alone: five vases, and the
    other parts in turned order, which is what deadlocks are made of."""
    stall, now = crowd.stall, crowd.stall.clock()
    first, vase, last = [
        await shelve(crowd, name, pieces)
        for name, pieces in (("Band", 99), ("Vase", 5), ("Karte", 99))
    ]
    small, large = await shelve(crowd, "Kleines Set", 0), await shelve(crowd, "Großes Set", 0)
    async with stall.db.transaction() as session:
        for bundle, parts in (
            (small, ((last, 1), (vase, 1), (first, 2))),
            (large, ((vase, 2), (first, 1), (last, 3))),
        ):
            for part, pieces in parts:
                await put_part(session, stall.shop.key, bundle.key, part.key, pieces, now=now)
    wishes = [(small, large, vase)[number % 3] for number in range(min(BUYERS, 24))]
    buyers = await crowd.get_ready(wish.key for wish in wishes)
    ended = await all_at_once(crowd.place(base, form) for base, form in buyers)
    statuses = [status for status, _ in ended]
    score(crowd, "bundles sharing a part, and the part alone", engine, statuses)
    assert set(statuses) == {303, 409}
    assert await books(crowd, vase) == (5, 5, 0)
    await crowd.pay(link for status, link in ended if status == 303)
    placed = await orders(crowd)
    async with stall.db.reading() as session:
        lines = [one for each in (await lines_by_order(session, placed)).values() for one in each]
    taken = {small.key: 1, large.key: 2, vase.key: 1}
    assert sum(taken[line.variant_id] for line in lines) == 5
    assert await books(crowd, vase) == (5, 0, 5)
    ribbons = {small.key: 2, large.key: 1, vase.key: 0}
    used = sum(ribbons[line.variant_id] for line in lines)
    assert await books(crowd, first) == (99, 0, used)


async def offer_code(crowd: Crowd, code: str, total_limit: int | None = None) -> None:
    shop_id, now = crowd.stall.shop.key, crowd.stall.clock()
    async with crowd.stall.db.transaction() as session:
        deal = await create_deal(
            session, shop_id, title="Rosen", kind="percent", percent=10, currency="EUR",
            needs_code=True, now=now,
        )  # fmt: skip
        await create_code(session, shop_id, deal.key, code=code, total_limit=total_limit, now=now)


async def test_a_code_for_one_use_is_used_once_whatever_channel_it_comes_through(
    crowd: Crowd, engine: str, run: int
) -> None:
    stall = crowd.stall
    variant = await shelve(crowd, "Rote Rosen", 99)
    await offer_code(crowd, "EINMALIG", total_limit=1)
    bases = [await _door(crowd, number) for number in range(min(BUYERS, 12))]
    bases = await all_at_once(crowd.fill(variant.key, base) for base in bases)
    await all_at_once(crowd.use_code(base, "EINMALIG") for base in bases)
    forms = await all_at_once(crowd.form(base) for base in bases)
    ended = await all_at_once(
        crowd.place(base, form) for base, form in zip(bases, forms, strict=True)
    )
    statuses = [status for status, _ in ended]
    score(crowd, "a code for one use through two channels", engine, statuses)
    # 422 is the code's own refusal, 409 a total that has changed since it was shown.
    assert statuses.count(303) == 1
    assert set(statuses) <= {303, 409, 422}
    await crowd.pay(link for status, link in ended if status == 303)
    [order] = await orders(crowd)
    assert (order.code, order.state, order.total_minor) == ("EINMALIG", "confirmed", 2241)
    assert await books(crowd, variant) == (99, 0, 1)
    async with stall.db.reading() as session:
        code = (await session.exec(select(CouponCode))).one()
    assert code.taken == 1


async def _door(crowd: Crowd, number: int) -> str:
    """A guest on the Facebook tab, or somebody's basket of the chat."""
    stall = crowd.stall
    if number % 2:
        return "/s/blumen/~tab/"
    async with stall.db.transaction() as session:
        met = await meet(session, stall.shop.key, "messenger", f"psid-{number}", now=stall.clock())
        basket = await basket_of(session, stall.shop.key, met.key, now=stall.clock())
    return shop_link("", stall.app[SIGNER], stall.shop, basket=basket)


async def test_three_open_orders_for_the_last_piece_and_all_are_paid_at_once(
    crowd: Crowd, engine: str, run: int
) -> None:
    """One buyer, one visit: one order gets the piece, the money of the two others goes back."""
    stall = crowd.stall
    variant = await shelve(crowd, "Rote Rosen", 1)
    base, links = "/s/blumen/", []
    for _ in range(3):
        base = await crowd.fill(variant.key, base)
        status, link = await crowd.place(base, await crowd.form(base))
        assert status == 303
        links.append(link)
    assert await books(crowd, variant) == (1, 1, 0)
    for link in links:
        await stall.till.buyer(link.rsplit("/", 1)[1], "pay")
    tokens = [order.token for order in await orders(crowd)]
    statuses = await all_at_once(
        crowd.look(f"/s/blumen/o/{token}") for token in tokens for _ in range(3)
    )
    await stall.till.work()
    states = [order.state for order in await orders(crowd)]
    told = [303 if state == "confirmed" else 409 for state in states]
    score(crowd, "three open orders for the last, all paid", engine,
          told + [status for status in statuses if status != 200])  # fmt: skip
    assert statuses == [200] * 9
    assert sorted(states) == ["cancelled", "cancelled", "confirmed"]
    assert await books(crowd, variant) == (1, 0, 1)
    assert (charged(stall.till), given_back(stall.till)) == ([2490] * 3, [2490] * 2)
    async with stall.db.reading() as session:
        refunded = select(Order.refunded_minor).where(col(Order.state) == "cancelled")
        assert list((await session.exec(refunded)).all()) == [2490, 2490]


async def test_buyers_with_and_without_an_open_order_never_wait_for_each_other(
    crowd: Crowd, engine: str, run: int
) -> None:
    """What one of them locks first must not be what another locks last: the goods of an order of
    hers, everybody's code, and the number."""
    variant = await shelve(crowd, "Rote Rosen", 99)
    await offer_code(crowd, "ROSEN10")
    count = min(BUYERS, 24)
    bases = ["/s/blumen/"] * count
    for number in range(0, count, 2):
        bases[number], form = await crowd.ready(variant.key)
        assert (await crowd.place(bases[number], form))[0] == 303
    bases = [await crowd.fill(variant.key, base) for base in bases]
    for base in bases:
        await crowd.use_code(base, "ROSEN10")
    forms = [await crowd.form(base) for base in bases]
    ended = await all_at_once(
        crowd.place(base, form | {"email": f"buyer-{number}@example.org"})
        for number, (base, form) in enumerate(zip(bases, forms, strict=True))
    )
    statuses = [status for status, _ in ended]
    score(crowd, "with and without an open order", engine, statuses)
    assert statuses == [303] * count
    first = count + count // 2
    assert await books(crowd, variant) == (99, first, 0)
    numbers = sorted(order.number for order in await orders(crowd))
    assert numbers == list(range(1001, 1001 + first))

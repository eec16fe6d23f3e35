"""Uses of codes: never more than allowed, none lost."""

import asyncio

import pytest
from sqlmodel import col, select

from core.shops import Shop
from promotions.errors import CodeUsedByYou, CodeUsedUp
from promotions.issuing import count_uses
from promotions.models import CouponCode, Redemption
from promotions.redemptions import keep, release, reserve
from tests.conftest import SetClock, WatchedDatabase
from tests.promotions.baskets import a_code


async def a_limited_code(
    db: WatchedDatabase, shop: Shop, clock: SetClock, total: int | None, each: int | None
) -> int:
    async with db.transaction() as session:
        code = await a_code(
            session, shop.key, now=clock(), total_limit=total, per_customer_limit=each
        )
    return code.key


async def state_of(
    db: WatchedDatabase, code_id: int
) -> tuple[int, list[tuple[str, str, int | None]]]:
    async with db.reading() as session:
        code = await session.get_one(CouponCode, code_id)
        uses = (await session.exec(select(Redemption).order_by(col(Redemption.reference)))).all()
        return code.taken, [(use.reference, use.state, use.slot) for use in uses]


async def test_a_limit_of_five_under_fifty_orders_gives_exactly_five(
    db: WatchedDatabase, shop: Shop, clock: SetClock
) -> None:
    code_id = await a_limited_code(db, shop, clock, total=5, each=None)

    async def order(number: int) -> bool:
        try:
            async with db.transaction() as session:
                await reserve(
                    session, shop.key, code_id, f"order-{number}", f"customer-{number}", now=clock()
                )
        except CodeUsedUp:
            return False
        return True

    taken = await asyncio.gather(*map(order, range(50)))
    assert taken.count(True) == 5
    counted, uses = await state_of(db, code_id)
    assert counted == 5
    assert [state for _, state, _ in uses] == ["reserved"] * 5


async def test_one_customer_racing_with_herself_gets_her_limit_and_no_more(
    db: WatchedDatabase, shop: Shop, clock: SetClock
) -> None:
    code_id = await a_limited_code(db, shop, clock, total=None, each=2)

    async def order(number: int) -> bool:
        try:
            async with db.transaction() as session:
                await reserve(
                    session, shop.key, code_id, f"order-{number}", "customer-1", now=clock()
                )
        except CodeUsedByYou:
            return False
        return True

    assert (await asyncio.gather(*map(order, range(20)))).count(True) == 2
    counted, uses = await state_of(db, code_id)
    assert counted == 2
    assert sorted(slot or 0 for _, _, slot in uses) == [0, 1]


async def test_the_same_order_asking_at_once_takes_one_use(
    db: WatchedDatabase, shop: Shop, clock: SetClock
) -> None:
    code_id = await a_limited_code(db, shop, clock, total=3, each=1)

    async def order() -> None:
        async with db.transaction() as session:
            await reserve(session, shop.key, code_id, "order-1", "customer-1", now=clock())

    await asyncio.gather(*(order() for _ in range(8)))
    assert await state_of(db, code_id) == (1, [("order-1", "reserved", 0)])


async def test_a_refused_use_changes_nothing(
    db: WatchedDatabase, shop: Shop, clock: SetClock
) -> None:
    code_id = await a_limited_code(db, shop, clock, total=1, each=1)
    async with db.transaction() as session:
        await reserve(session, shop.key, code_id, "order-1", "customer-1", now=clock())
    # Caught inside the block on purpose: what was done before the refusal is committed.
    async with db.transaction() as session:
        for customer, error in (("customer-2", CodeUsedUp), ("customer-1", CodeUsedByYou)):
            with pytest.raises(error):
                await reserve(session, shop.key, code_id, "order-2", customer, now=clock())
    assert await state_of(db, code_id) == (1, [("order-1", "reserved", 0)])


async def test_a_dead_order_gives_its_use_back_once(
    db: WatchedDatabase, shop: Shop, clock: SetClock
) -> None:
    code_id = await a_limited_code(db, shop, clock, total=1, each=1)
    for act in (reserve, None, None):
        async with db.transaction() as session:
            if act is None:
                await release(session, shop.key, "order-1", now=clock())
            else:
                await act(session, shop.key, code_id, "order-1", "customer-1", now=clock())
    assert await state_of(db, code_id) == (0, [("order-1", "released", None)])
    async with db.transaction() as session:
        await reserve(session, shop.key, code_id, "order-2", "customer-1", now=clock())
    assert (await state_of(db, code_id))[0] == 1


async def test_releasing_many_times_at_once_gives_back_one(
    db: WatchedDatabase, shop: Shop, clock: SetClock
) -> None:
    code_id = await a_limited_code(db, shop, clock, total=9, each=None)
    async with db.transaction() as session:
        for number in (1, 2):
            await reserve(session, shop.key, code_id, f"order-{number}", "customer-1", now=clock())

    async def end() -> None:
        async with db.transaction() as session:
            await release(session, shop.key, "order-1", now=clock())

    await asyncio.gather(*(end() for _ in range(8)))
    assert await state_of(db, code_id) == (
        1,
        [("order-1", "released", None), ("order-2", "reserved", None)],
    )


async def test_a_paid_order_keeps_its_use_whatever_comes_later(
    db: WatchedDatabase, shop: Shop, clock: SetClock
) -> None:
    code_id = await a_limited_code(db, shop, clock, total=1, each=1)
    async with db.transaction() as session:
        await reserve(session, shop.key, code_id, "order-1", "customer-1", now=clock())
        await keep(session, shop.key, "order-1", now=clock())
        await keep(session, shop.key, "order-1", now=clock())
        await release(session, shop.key, "order-1", now=clock())
    assert await state_of(db, code_id) == (1, [("order-1", "kept", 0)])


async def test_money_that_comes_after_the_release_counts_even_beyond_the_limit(
    db: WatchedDatabase, shop: Shop, clock: SetClock
) -> None:
    code_id = await a_limited_code(db, shop, clock, total=1, each=1)
    async with db.transaction() as session:
        await reserve(session, shop.key, code_id, "order-1", "customer-1", now=clock())
        await release(session, shop.key, "order-1", now=clock())
        await reserve(session, shop.key, code_id, "order-2", "customer-1", now=clock())
        await keep(session, shop.key, "order-1", now=clock())
    assert await state_of(db, code_id) == (
        2,
        [("order-1", "kept", None), ("order-2", "reserved", 0)],
    )
    async with db.reading() as session:
        assert await count_uses(session, shop.key, [code_id]) == {
            code_id: {"reserved": 1, "kept": 1}
        }


async def test_an_order_without_a_code_has_nothing_to_keep_or_release(
    db: WatchedDatabase, shop: Shop, clock: SetClock
) -> None:
    async with db.transaction() as session:
        await keep(session, shop.key, "order-1", now=clock())
        await release(session, shop.key, "order-1", now=clock())
    async with db.reading() as session:
        assert (await session.exec(select(Redemption))).all() == []

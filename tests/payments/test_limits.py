"""Card testing: many tries by one person, from one address or for one order come to an end."""

import pytest
from sqlmodel import select

from core.errors import TooManyRequests
from core.shared_limits import SharedLimit, SpentLimit, forget_spent_limits
from payments.checkouts import Payer, open_checkout
from payments.errors import TooManyPayPages, TooManyTries
from tests.conftest import SetClock, WatchedDatabase
from tests.payments.till import Till, an_order


async def open_for(till: Till, number: int, payer: Payer, name: str = "Rosen") -> str:
    """An order of its own for each number."""
    reference = f"order-{number}"
    await till.expect(2980, reference)
    return await open_checkout(
        till.db, till.stripes, shop_id=till.shop.key, reference=reference,
        order=an_order((name, 1, 2490)), clock=till.clock, payer=payer,
    )  # fmt: skip


ANNA = Payer("10.0.0.1", ("email:anna@example.org",))


async def test_one_person_opens_twenty_pages_an_hour(till: Till) -> None:
    for number in range(20):
        await open_for(till, number, ANNA)
    with pytest.raises(TooManyPayPages) as refused:
        await open_for(till, 20, ANNA)
    assert refused.value.details == {"seconds": 180, "minutes": 3}
    assert len(till.at_stripe()) == 20
    await open_for(till, 21, Payer("10.0.0.1", ("email:ben@example.org",)))
    till.pass_time(minutes=3)
    await open_for(till, 22, ANNA)


async def test_the_same_page_again_costs_nothing(till: Till) -> None:
    for _ in range(25):
        await open_for(till, 1, ANNA)
    assert len(till.at_stripe()) == 1


async def test_one_order_changes_its_page_a_dozen_times_an_hour(till: Till) -> None:
    for number in range(12):
        await open_for(till, 1, Payer(), name=f"Rosen {number}")
    with pytest.raises(TooManyPayPages):
        await open_for(till, 1, Payer(), name="Tulpen")


async def test_an_address_has_a_limit_of_its_own(till: Till) -> None:
    people = [Payer("10.0.0.1", (f"email:{number}@example.org",), 5) for number in range(11)]
    for number, payer in enumerate(people[:10]):
        await open_for(till, number, payer)
    with pytest.raises(TooManyPayPages):
        await open_for(till, 10, people[10])
    await open_for(till, 10, Payer("10.0.0.2", people[10].people, 5))


async def fail(till: Till, number: int, payer: Payer) -> None:
    page = (await open_for(till, number, payer)).rsplit("/", 1)[1]
    await till.buyer(page, "delay")
    await till.buyer(page, "fail")
    await till.work()


async def test_after_ten_failures_a_person_has_to_wait(till: Till) -> None:
    for number in range(10):
        await fail(till, number, ANNA)
    with pytest.raises(TooManyTries) as refused:
        await open_for(till, 10, ANNA)
    assert refused.value.details["minutes"] == 144
    assert len(till.at_stripe()) == 10
    till.clock.advance(minutes=145)
    await open_for(till, 10, ANNA)


async def test_who_pays_is_forgiven(till: Till) -> None:
    for number in range(9):
        await fail(till, number, ANNA)
    page = (await open_for(till, 9, ANNA)).rsplit("/", 1)[1]
    await till.buyer(page, "pay")
    await till.work()
    for number in range(10, 15):
        await fail(till, number, ANNA)
    await open_for(till, 15, ANNA)


async def test_neither_addresses_nor_people_can_be_read_in_the_database(till: Till) -> None:
    await open_for(till, 1, ANNA)
    async with till.db.reading() as session:
        rows = (await session.exec(select(SpentLimit))).all()
    assert len(rows) == 3
    assert not [one for one in rows if "anna" in one.key or "10.0" in one.key]
    assert "anna" not in str((await till.attempt()).payers)


LIMIT = SharedLimit("tries", 3, 60)


async def spend(db: WatchedDatabase, clock: SetClock, shop_id: int, who: str = "a") -> bool:
    try:
        async with db.transaction() as session:
            await LIMIT.spend(session, shop_id, who, now=clock())
    except TooManyRequests:
        return False
    return True


async def test_tries_grow_back_evenly_and_each_has_its_own(each_till: Till) -> None:
    db, clock, shop_id = each_till.db, each_till.clock, each_till.shop.key
    assert [await spend(db, clock, shop_id) for _ in range(4)] == [True, True, True, False]
    assert await spend(db, clock, shop_id, "b")
    clock.advance(seconds=19)
    assert not await spend(db, clock, shop_id)
    clock.advance(seconds=1)
    assert [await spend(db, clock, shop_id) for _ in range(2)] == [True, False]
    async with db.reading() as session:
        assert await LIMIT.wait(session, shop_id, "a", now=clock()) == 20
        assert await LIMIT.wait(session, shop_id, "b", now=clock()) == 0


async def test_what_has_grown_back_is_forgotten(till: Till) -> None:
    await spend(till.db, till.clock, till.shop.key)
    till.clock.advance(seconds=19)
    await forget_spent_limits(till.db, till.clock)
    async with till.db.reading() as session:
        assert len((await session.exec(select(SpentLimit))).all()) == 1
    till.clock.advance(seconds=2)
    await forget_spent_limits(till.db, till.clock)
    async with till.db.reading() as session:
        assert (await session.exec(select(SpentLimit))).all() == []

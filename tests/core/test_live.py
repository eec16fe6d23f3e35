"""Open pages follow what changes, in order, and resume where they were cut off."""

import asyncio
from contextlib import aclosing

import pytest

from core.live import KEPT, Change, LiveFeed, announce, forget_old_changes
from core.shops import Shop, open_shop
from tests.conftest import SetClock, WatchedDatabase


async def tell(db: WatchedDatabase, shop_id: int, number: int, clock: SetClock) -> None:
    async with db.transaction() as session:
        announce(session, shop_id, "inbox", {"n": number}, now=clock())


async def read(feed: LiveFeed, shop_id: int, after: int, count: int) -> list[Change]:
    changes: list[Change] = []
    async with asyncio.timeout(5), aclosing(feed.follow(shop_id, after)) as batches:
        async for batch in batches:
            changes += batch
            if len(changes) >= count:
                return changes
    raise AssertionError("the feed ended")


@pytest.fixture
def feed(db: WatchedDatabase) -> LiveFeed:
    return LiveFeed(db, poll_seconds=0.2)


async def test_a_page_resumes_after_the_last_number_it_saw(
    db: WatchedDatabase, feed: LiveFeed, shop: Shop, clock: SetClock
) -> None:
    for number in range(3):
        await tell(db, shop.key, number, clock)
    first, second, third = await read(feed, shop.key, 0, 3)
    assert [change.data for change in (first, second, third)] == [{"n": 0}, {"n": 1}, {"n": 2}]
    assert await feed.latest(shop.key) == third.id
    assert [change.data for change in await read(feed, shop.key, first.id or 0, 2)] == [
        {"n": 1},
        {"n": 2},
    ]


async def test_a_change_reaches_whoever_waits_at_once(
    db: WatchedDatabase, shop: Shop, clock: SetClock
) -> None:
    feed = LiveFeed(db, poll_seconds=60)
    readers = [asyncio.create_task(read(feed, shop.key, 0, 1)) for _ in range(3)]
    await asyncio.sleep(0.05)
    await tell(db, shop.key, 1, clock)
    assert [[change.data for change in await reader] for reader in readers] == [[{"n": 1}]] * 3


async def test_a_change_during_the_look_is_not_slept_through(
    db: WatchedDatabase, shop: Shop, clock: SetClock
) -> None:
    feed = LiveFeed(db, poll_seconds=60)
    reader = asyncio.create_task(read(feed, shop.key, 0, 40))
    for number in range(40):
        await tell(db, shop.key, number, clock)
    assert len(await reader) == 40


async def test_another_process_is_noticed_by_the_look(
    db: WatchedDatabase, feed: LiveFeed, shop: Shop, clock: SetClock
) -> None:
    other = WatchedDatabase(db.address)
    reader = asyncio.create_task(read(feed, shop.key, 0, 1))
    await asyncio.sleep(0.02)
    await tell(other, shop.key, 7, clock)
    await other.close()
    assert [change.data for change in await reader] == [{"n": 7}]


async def test_a_quiet_feed_gives_signs_of_life(feed: LiveFeed, shop: Shop) -> None:
    async with aclosing(feed.follow(shop.key, 0)) as batches:
        assert await anext(batches) == []


async def test_a_shop_hears_nothing_of_another(
    db: WatchedDatabase, feed: LiveFeed, shop: Shop, clock: SetClock
) -> None:
    async with db.transaction() as session:
        other = await open_shop(session, "other", "Other", now=clock())
    await tell(db, other.key, 1, clock)
    await tell(db, shop.key, 2, clock)
    assert [change.data for change in await read(feed, shop.key, 0, 1)] == [{"n": 2}]


async def test_what_is_rolled_back_is_not_announced(
    db: WatchedDatabase, feed: LiveFeed, shop: Shop, clock: SetClock
) -> None:
    async def fail() -> None:
        async with db.transaction() as session:
            announce(session, shop.key, "inbox", {}, now=clock())
            raise RuntimeError("no")

    with pytest.raises(RuntimeError):
        await fail()
    assert await feed.latest(shop.key) == 0


async def test_numbers_become_visible_in_their_order_however_many_write(
    db: WatchedDatabase, feed: LiveFeed, shop: Shop, clock: SetClock
) -> None:
    reader = asyncio.create_task(read(feed, shop.key, 0, 40))
    await asyncio.gather(*(tell(db, shop.key, number, clock) for number in range(40)))
    numbers = [change.id or 0 for change in await reader]
    assert numbers == sorted(set(numbers))
    assert len(numbers) == 40


async def test_a_slow_writer_is_not_stepped_over(
    db: WatchedDatabase, feed: LiveFeed, shop: Shop, clock: SetClock
) -> None:
    """Numbers are given at the end of a transaction, and the next one waits for the commit."""
    numbered = asyncio.Event()

    async def linger(session: object) -> None:
        numbered.set()
        await asyncio.sleep(0.1)

    async def tell_slowly() -> None:
        async with db.transaction() as session:
            announce(session, shop.key, "inbox", {"n": 1}, now=clock())
            session.info["before_commit"].append(linger)

    slow = asyncio.create_task(tell_slowly())
    await numbered.wait()
    await tell(db, shop.key, 2, clock)
    first, *_ = await read(feed, shop.key, 0, 1)
    assert first.data == {"n": 1}
    await slow


async def test_old_changes_are_forgotten_but_numbers_are_never_given_again(
    db: WatchedDatabase, feed: LiveFeed, shop: Shop, clock: SetClock
) -> None:
    for number in range(3):
        await tell(db, shop.key, number, clock)
    last = await feed.latest(shop.key)
    clock.advance(KEPT * 2)
    await forget_old_changes(db, clock)
    assert len(await read(feed, shop.key, 0, 1)) == 1
    await tell(db, shop.key, 4, clock)
    assert await feed.latest(shop.key) > last

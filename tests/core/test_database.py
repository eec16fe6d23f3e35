"""Transactions: all or nothing, reactions included, one writer at a time."""

import asyncio
import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError, StatementError
from sqlmodel import col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from core.database import Database
from core.errors import BadSetting
from core.events import record
from core.live import announce
from core.shops import Shop, get_shop, open_shop
from tests.conftest import SetClock, WatchedDatabase


@dataclass(frozen=True)
class ShopOpened:
    shop_id: int


@dataclass(frozen=True)
class Congratulated:
    shop_id: int


async def names(db: Database) -> list[str]:
    async with db.reading() as session:
        return list((await session.exec(select(Shop.name).order_by(col(Shop.id)))).all())


async def test_a_transaction_is_kept_whole_or_not_at_all(
    db: WatchedDatabase, clock: SetClock
) -> None:
    async def open_shops(*slugs: str) -> None:
        async with db.transaction() as session:
            for slug in slugs:
                await open_shop(session, slug, slug.upper(), now=clock())

    await open_shops("a")
    with pytest.raises(IntegrityError):
        await open_shops("b", "a")
    assert await names(db) == ["A"]


async def test_reactions_run_in_the_same_transaction_before_it_commits(
    db: WatchedDatabase, clock: SetClock
) -> None:
    async def congratulate(session: AsyncSession, event: ShopOpened) -> None:
        await open_shop(session, "twin", "Twin", now=clock())
        record(session, Congratulated(event.shop_id))

    async def refuse(session: AsyncSession, event: ShopOpened) -> None:
        raise RuntimeError("no twins")

    async def open_and_record(slug: str) -> None:
        async with db.transaction() as session:
            shop = await open_shop(session, slug, slug.upper(), now=clock())
            record(session, ShopOpened(shop.key))

    db.reactions = {ShopOpened: [congratulate], Congratulated: []}
    await open_and_record("a")
    assert await names(db) == ["A", "Twin"]

    db.reactions = {ShopOpened: [refuse]}
    with pytest.raises(RuntimeError, match="no twins"):
        await open_and_record("b")
    assert await names(db) == ["A", "Twin"]


async def test_an_event_nobody_listed_is_a_mistake_and_nothing_is_saved(
    db: WatchedDatabase, clock: SetClock
) -> None:
    async def open_and_record() -> None:
        async with db.transaction() as session:
            shop = await open_shop(session, "a", "A", now=clock())
            record(session, ShopOpened(shop.key))

    db.reactions = {}
    with pytest.raises(KeyError):
        await open_and_record()
    assert await names(db) == []


async def test_events_that_go_on_answering_each_other_are_stopped(
    sqlite_db: WatchedDatabase,
) -> None:
    async def again(session: AsyncSession, event: object) -> None:
        record(session, ShopOpened(1))

    sqlite_db.reactions = {ShopOpened: [again]}
    with pytest.raises(RuntimeError, match="go on answering"):
        async with sqlite_db.transaction() as session:
            record(session, ShopOpened(1))


async def test_whoever_follows_commits_is_told_after_the_commit_and_only_then(
    db: WatchedDatabase, clock: SetClock
) -> None:
    told: list[bool] = []

    db.after_commit(lambda session: told.append(session.in_transaction()))
    async with db.transaction() as session:
        await open_shop(session, "a", "A", now=clock())
        assert told == []
    assert told == [False]
    with pytest.raises(IntegrityError):
        async with db.transaction() as session:
            await open_shop(session, "a", "A", now=clock())
    assert told == [False]


async def test_no_update_is_lost_when_many_read_and_write_at_once(
    db: WatchedDatabase, shop: Shop
) -> None:
    async def add_a_letter() -> None:
        async with db.transaction() as session:
            query = select(Shop).where(col(Shop.id) == shop.key).with_for_update()
            row = (await session.exec(query)).one()
            await asyncio.sleep(0)
            row.name += "x"

    async with db.transaction() as session:
        await session.exec(update(Shop).values(name=""))
    await asyncio.gather(*(add_a_letter() for _ in range(60)))
    assert await names(db) == ["x" * 60]


async def test_reading_never_writes_on_sqlite(sqlite_db: WatchedDatabase, shop: Shop) -> None:
    async with sqlite_db.reading() as session:
        with pytest.raises(DBAPIError, match="readonly"):
            await session.exec(update(Shop).values(name="changed"))
    assert await names(sqlite_db) == [shop.name]


async def test_readers_do_not_wait_for_the_writer(db: WatchedDatabase, shop: Shop) -> None:
    async with db.transaction() as session:
        await session.exec(update(Shop).values(name="not yet"))
        async with asyncio.timeout(2):
            assert await names(db) == [shop.name]
    assert await names(db) == ["not yet"]


async def test_foreign_keys_hold(db: WatchedDatabase, shop: Shop, clock: SetClock) -> None:
    with pytest.raises(IntegrityError):
        async with db.transaction() as session:
            announce(session, shop.key + 1, "inbox", {}, now=clock())


async def test_times_come_back_as_utc_and_naive_ones_are_refused(
    db: WatchedDatabase,
) -> None:
    berlin = timezone(timedelta(hours=2))
    async with db.transaction() as session:
        shop = await open_shop(session, "a", "A", now=datetime(2026, 7, 1, 12, 30, tzinfo=berlin))
    async with db.reading() as session:
        read = (await get_shop(session, shop.key)).created_at
    assert read == datetime(2026, 7, 1, 10, 30, tzinfo=UTC)
    assert read.utcoffset() == timedelta(0)
    with pytest.raises(StatementError, match="without a zone"):
        async with db.transaction() as session:
            await open_shop(session, "b", "B", now=datetime(2026, 7, 1))  # noqa: DTZ001


async def test_what_people_wrote_stands_in_no_exception(
    db: WatchedDatabase, shop: Shop, clock: SetClock
) -> None:
    with pytest.raises(IntegrityError) as caught:
        async with db.transaction() as session:
            await open_shop(session, "blumen", "streng vertraulich", now=clock())
    assert "vertraulich" not in str(caught.value.with_traceback(None)).replace("Key (slug)", "")


@pytest.mark.parametrize("address", ["mysql://localhost/x", "mongodb://x/y"])
def test_an_unknown_kind_of_database_is_explained(address: str) -> None:
    with pytest.raises(BadSetting, match="write sqlite:///tresen"):
        Database(address, reactions={})


@pytest.mark.sqlite_only
async def test_another_process_that_writes_is_waited_for_without_holding_anybody_up(
    db: WatchedDatabase, clock: SetClock, shop: Shop
) -> None:
    path = str(db.url.database)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    other.execute("UPDATE shop SET name = 'theirs'")

    async def write() -> None:
        async with db.transaction() as session:
            await open_shop(session, "ours", "ours", now=clock())

    writing = asyncio.create_task(write())
    laps = 0
    loop = asyncio.get_running_loop()
    ends_at = loop.time() + 0.2
    while loop.time() < ends_at:
        await asyncio.sleep(0.001)
        laps += 1
    assert not writing.done()
    assert laps > 20
    other.execute("COMMIT")
    other.close()
    await writing
    assert await names(db) == ["theirs", "ours"]


@pytest.mark.sqlite_only
async def test_who_is_cancelled_anywhere_leaves_the_writer_usable(
    db: WatchedDatabase, clock: SetClock
) -> None:
    async def write(number: int) -> None:
        async with db.transaction() as session:
            await open_shop(session, f"s{number}", "S", now=clock())

    for number in range(60):
        task = asyncio.create_task(write(number))
        for _ in range(number % 30):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    async with asyncio.timeout(5):
        await write(1000)
    assert "S" in await names(db)


@pytest.mark.sqlite_only
async def test_a_long_row_of_statements_lets_others_have_their_turn(
    db: WatchedDatabase, shop: Shop
) -> None:
    turns = 0

    async def count_turns() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    counting = asyncio.create_task(count_turns())
    async with db.transaction() as session:
        for _ in range(300):
            await session.exec(select(Shop.id))
        # Few of them: each turn costs, and statements are short.
        assert 2 < turns < 1000
    counting.cancel()
    await asyncio.gather(counting, return_exceptions=True)


@pytest.mark.sqlite_only
async def test_a_commit_reaches_the_disk_before_it_is_reported(
    db: WatchedDatabase, clock: SetClock
) -> None:
    """Full flushes, write-ahead log: also right after the job engine used the connection."""
    await db.tool("jobs").drain()
    async with db.writer.connect() as connection:
        for pragma, value in (("synchronous", 2), ("journal_mode", "wal"), ("foreign_keys", 1)):
            found = await connection.exec_driver_sql(f"PRAGMA {pragma}")
            assert found.scalar_one() == value


async def test_a_folder_for_the_database_is_made(tmp_path: Path) -> None:
    db = Database(f"sqlite:///{tmp_path}/a/b/shop.db", reactions={})
    async with db.transaction() as session:
        await (await session.connection()).execute(text("CREATE TABLE t (x INTEGER)"))
    await db.close()
    assert (tmp_path / "a/b/shop.db").exists()


async def test_a_flood_of_writers_keeps_nobody_from_their_turn(
    sqlite_db: WatchedDatabase, clock: SetClock
) -> None:
    """Whoever writes again and again must let go first those who came meanwhile."""
    turns: list[str] = []
    is_over = False

    async def flood() -> None:
        while not is_over:
            async with sqlite_db.transaction() as session:
                await session.exec(select(Shop))
                turns.append("flood")

    async def come_once() -> None:
        async with sqlite_db.transaction() as session:
            await open_shop(session, "a", "A", now=clock())
            turns.append("guest")

    flooding = asyncio.create_task(flood())
    while len(turns) < 3:  # noqa: ASYNC110
        await asyncio.sleep(0)
    before = len(turns)
    async with asyncio.timeout(5):
        await come_once()
    is_over = True
    await flooding
    assert turns[before:].index("guest") <= 2


@pytest.mark.postgres_only
async def test_what_is_asked_again_is_not_prepared_again(db: WatchedDatabase, shop: Shop) -> None:
    asked = select(Shop.name).where(col(Shop.id) == shop.key)
    async with db.transaction() as session:
        for _ in range(3):
            assert (await session.exec(asked)).one() == shop.name
        runs = text("SELECT generic_plans + custom_plans FROM pg_prepared_statements "
                    "WHERE statement LIKE 'SELECT shop.name %'")  # fmt: skip
        assert (await (await session.connection()).scalars(runs)).all() == [3]

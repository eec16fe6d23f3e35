"""Deliveries: stored once, together with their neighbours, whatever they contain."""

import asyncio
import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlmodel import col, select

from core import intake as intake_module
from core.database import Database
from core.intake import Arrival, Incoming, Intake, NotStored, forget_old_arrivals
from core.jobs import JobEngine
from core.shops import Shop
from tests.conftest import SetClock, WatchedDatabase

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)


def arrival(key: str, *, thread: str = "t", **changes: object) -> Arrival:
    plain = {"source": "meta", "key": key, "thread": thread, "kind": "message", "body": "{}",
             "shop_id": None, "happened_at": AT, "ignored": None}  # fmt: skip
    return Arrival(**{**plain, **changes})  # type: ignore[arg-type]


@pytest.fixture
def intake(db: WatchedDatabase, clock: SetClock) -> Intake:
    return Intake(db, job="work", clock=clock)


async def stored(db: Database) -> list[Incoming]:
    async with db.reading() as session:
        return list((await session.exec(select(Incoming).order_by(col(Incoming.id)))).all())


async def waiting_jobs(db: Database, jobs: JobEngine) -> int:
    async with db.reading() as session:
        return await jobs.waiting(session)


async def test_a_delivery_is_kept_as_it_came(
    db: WatchedDatabase, intake: Intake, clock: SetClock, shop: Shop
) -> None:
    body = '{"text": "Grüße 🌷 100% \\u0000 \' \\" :x %(y)s"}'
    happened_at = AT + timedelta(microseconds=123456)
    await intake.store([arrival("k", body=body, shop_id=shop.key, happened_at=happened_at)])
    (row,) = await stored(db)
    assert (row.source, row.key, row.thread, row.kind) == ("meta", "k", "t", "message")
    assert (row.body, row.shop_id) == (body, shop.key)
    assert (row.happened_at, row.received_at) == (happened_at, clock())
    assert (row.state, row.reason, row.attempts) == ("waiting", None, 0)


async def test_a_repeated_delivery_changes_nothing(db: WatchedDatabase, intake: Intake) -> None:
    await intake.store([arrival("k", body="first")])
    await intake.store([arrival("k", body="again"), arrival("k2"), arrival("k2")])
    assert [(row.key, row.body) for row in await stored(db)] == [("k", "first"), ("k2", "{}")]


async def test_the_same_key_from_another_source_is_another_event(
    db: WatchedDatabase, intake: Intake
) -> None:
    await intake.store([arrival("k"), arrival("k", source="stripe")])
    assert len(await stored(db)) == 2


async def test_ignored_deliveries_are_kept_with_their_reason_and_make_no_work(
    db: WatchedDatabase, jobs: JobEngine, intake: Intake
) -> None:
    await intake.store([arrival("k", ignored="a test from the dashboard")])
    (row,) = await stored(db)
    assert (row.state, row.reason) == ("ignored", "a test from the dashboard")
    assert await waiting_jobs(db, jobs) == 0


async def test_a_burst_on_one_thread_is_one_job(
    db: WatchedDatabase, jobs: JobEngine, intake: Intake
) -> None:
    await asyncio.gather(*(intake.store([arrival(f"k{n}")]) for n in range(200)))
    await intake.store([arrival("other", thread="t2")])
    assert len(await stored(db)) == 201
    assert await waiting_jobs(db, jobs) == 2


async def test_those_who_wait_together_share_a_commit(db: WatchedDatabase, intake: Intake) -> None:
    commits = 0

    def count(session: object) -> None:
        nonlocal commits
        commits += 1

    db.after_commit(count)
    await asyncio.gather(*(intake.store([arrival(f"k{n}")]) for n in range(500)))
    assert len(await stored(db)) == 500
    assert commits <= 3


async def test_numbers_follow_the_order_of_arrival(db: WatchedDatabase, intake: Intake) -> None:
    keys = [f"k{n}" for n in range(50)]
    random.shuffle(keys)
    await intake.store([arrival(key) for key in keys])
    assert [row.key for row in await stored(db)] == keys


async def test_what_no_database_takes_is_mended_and_harms_no_neighbour(
    db: WatchedDatabase, intake: Intake
) -> None:
    strange = [
        arrival("half", body="\ud83d"),
        arrival("nul\0", thread="t\0", body="a\0b"),
        arrival("plain"),
        arrival("gone", shop_id=4711),
        arrival("x" * 5000, thread="y" * 5000),
    ]
    await asyncio.gather(*(intake.store([one]) for one in strange))
    rows = {row.key[:6]: row for row in await stored(db)}
    assert len(rows) == 5
    assert rows["half"].body == "\ufffd"
    assert rows["plain"].body == "{}"
    assert (rows["gone"].state, rows["gone"].shop_id) == ("ignored", None)
    assert rows["gone"].reason == "its shop is gone"
    assert rows["sha256"].thread.startswith("sha256:")


async def test_a_strange_event_in_a_batch_keeps_its_neighbours(
    db: WatchedDatabase, intake: Intake
) -> None:
    await intake.store([arrival("a"), arrival("b", body="\udc80"), arrival("c")])
    assert [row.key for row in await stored(db)] == ["a", "b", "c"]


async def test_without_a_database_the_sender_is_told_to_try_again(
    db: WatchedDatabase, intake: Intake
) -> None:
    async with db.transaction() as session:
        await (await session.connection()).execute(text("ALTER TABLE incoming RENAME TO away"))
    results = await asyncio.gather(
        *(intake.store([arrival(f"k{n}")]) for n in range(5)), return_exceptions=True
    )
    assert [type(result) for result in results] == [NotStored] * 5
    assert NotStored.status == 503
    async with db.transaction() as session:
        await (await session.connection()).execute(text("ALTER TABLE away RENAME TO incoming"))
    await intake.store([arrival("k0")])
    assert [row.key for row in await stored(db)] == ["k0"]


async def test_more_than_can_wait_is_sent_back(
    sqlite_db: WatchedDatabase, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake_module, "MOST_WAITING", 10)
    intake = Intake(sqlite_db, job="work", clock=clock)
    results = await asyncio.gather(
        *(intake.store([arrival(f"k{n}")]) for n in range(15)), return_exceptions=True
    )
    assert [type(one) for one in results] == [type(None)] * 10 + [NotStored] * 5
    await intake.store([arrival("k14")])
    assert len(await stored(sqlite_db)) == 11


async def test_closing_stores_what_was_taken_and_takes_nothing_more(
    sqlite_db: WatchedDatabase, clock: SetClock
) -> None:
    intake = Intake(sqlite_db, job="work", clock=clock)
    callers = [asyncio.create_task(intake.store([arrival(f"k{n}")])) for n in range(20)]
    await asyncio.sleep(0)
    await intake.close()
    await asyncio.gather(*callers)
    assert len(await stored(sqlite_db)) == 20
    with pytest.raises(NotStored):
        await intake.store([arrival("late")])
    assert len(await stored(sqlite_db)) == 20


async def test_a_caller_who_hangs_up_disturbs_nobody(
    sqlite_db: WatchedDatabase, clock: SetClock
) -> None:
    intake = Intake(sqlite_db, job="work", clock=clock)
    callers = [asyncio.create_task(intake.store([arrival(f"k{n}")])) for n in range(20)]
    await asyncio.sleep(0)
    for caller in callers[::2]:
        caller.cancel()
    results = await asyncio.gather(*callers, return_exceptions=True)
    assert results[1::2] == [None] * 10
    assert len(await stored(sqlite_db)) == 20


async def test_nothing_to_store_is_no_work(sqlite_db: WatchedDatabase, clock: SetClock) -> None:
    await Intake(sqlite_db, job="work", clock=clock).store([])
    assert await stored(sqlite_db) == []


@pytest.mark.postgres_only
async def test_two_processes_may_store_the_same_events_at_the_same_time(
    db: WatchedDatabase, clock: SetClock, jobs: JobEngine
) -> None:
    ours, theirs = (Intake(db, job="work", clock=clock) for _ in range(2))
    for round_ in range(10):
        events = [arrival(f"{round_}-{n}", thread=f"t{n % 9}") for n in range(100)]
        await asyncio.gather(
            ours.store(random.sample(events, 100)), theirs.store(random.sample(events, 100))
        )
    assert len(await stored(db)) == 1000
    assert await waiting_jobs(db, jobs) == 9


async def test_old_events_that_are_done_are_forgotten_and_failed_ones_kept(
    db: WatchedDatabase, intake: Intake, clock: SetClock
) -> None:
    await intake.store([arrival(state) for state in ("done", "ignored", "failed", "waiting")])
    async with db.transaction() as session:
        await (await session.connection()).execute(text("UPDATE incoming SET state = key"))
    clock.advance(days=29)
    await intake.store([arrival("young", ignored="x")])
    await forget_old_arrivals(db, clock)
    assert len(await stored(db)) == 5
    clock.advance(days=2)
    await forget_old_arrivals(db, clock)
    assert [row.key for row in await stored(db)] == ["failed", "waiting", "young"]


@settings(max_examples=15, deadline=None)
@given(
    deliveries=st.lists(
        st.lists(st.integers(0, 30), min_size=1, max_size=8), min_size=1, max_size=20
    )
)
def test_duplicates_in_any_order_are_stored_once(
    deliveries: list[list[int]], sqlite_files_url: str
) -> None:
    async def play() -> None:
        db = WatchedDatabase(sqlite_files_url)
        db.provide("jobs", NoJobs())
        try:
            async with db.transaction() as session:
                await (await session.connection()).execute(text("DELETE FROM incoming"))
            intake = Intake(db, job="work", clock=lambda: AT)
            await asyncio.gather(
                *(intake.store([arrival(f"k{n}") for n in numbers]) for numbers in deliveries)
            )
            keys = [row.key for row in await stored(db)]
        finally:
            await db.close()
        assert sorted(keys) == sorted({f"k{n}" for numbers in deliveries for n in numbers})

    asyncio.run(play())


class NoJobs:
    async def add(self, session: object, jobs: object) -> None:
        return None


@pytest.fixture(scope="module")
def sqlite_files_url(sqlite_files):  # type: ignore[no-untyped-def]
    with sqlite_files.fresh() as url:
        yield url

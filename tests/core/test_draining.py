"""Stored events: each has its effect once, in order, and a bad one holds nobody up for long."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import Clock
from core.errors import GiveUp
from core.intake import Arrival, Ignore, Incoming, Intake, UnknownIncoming, drain, troubled
from core.jobs import Handler, JobEngine
from core.shops import Shop, open_shop
from tests.conftest import SetClock, WatchedDatabase

Verdict = Callable[[Incoming], None]


class Desk:
    """Takes deliveries and writes down, in the same transaction, what it did with them."""

    def __init__(self, db: WatchedDatabase, clock: Clock) -> None:
        self.db = db
        self.clock = clock
        self.tried: list[str] = []
        self.verdict: Verdict = lambda incoming: None

    async def apply(self, session: AsyncSession, incoming: Incoming) -> None:
        self.tried.append(incoming.body)
        await open_shop(session, f"effect-{incoming.key}", incoming.body, now=self.clock())
        self.verdict(incoming)

    async def work(self, *, source: str, thread: str) -> None:
        await drain(self.db, self.clock, self.apply, source=source, thread=thread)

    async def effects(self) -> list[str]:
        async with self.db.reading() as session:
            query = select(Shop.name).where(col(Shop.slug).startswith("effect-"))
            return list((await session.exec(query.order_by(col(Shop.id)))).all())

    async def states(self) -> dict[str, tuple[str, str | None]]:
        async with self.db.reading() as session:
            rows = (await session.exec(select(Incoming))).all()
            return {row.key: (row.state, row.reason) for row in rows}


@pytest.fixture
def desk(db: WatchedDatabase, jobs: Any, clock: SetClock) -> Desk:
    desk = Desk(db, clock)
    jobs.handlers["work"] = Handler(desk.work)
    return desk


@pytest.fixture
def intake(db: WatchedDatabase, clock: SetClock) -> Intake:
    return Intake(db, job="work", clock=clock)


def event(name: str, at: datetime, *, thread: str = "t", shop_id: int | None = None) -> Arrival:
    return Arrival("meta", name, thread, "message", name, shop_id, at)


async def test_events_of_a_thread_are_applied_in_the_order_they_happened(
    desk: Desk, intake: Intake, jobs: JobEngine, clock: SetClock
) -> None:
    moments = [clock() + timedelta(milliseconds=n) for n in (30, 10, 20, 10)]
    names = ["third", "first", "late second", "second too"]
    await intake.store([event(*pair) for pair in zip(names, moments, strict=True)])
    await jobs.drain()
    assert await desk.effects() == ["first", "second too", "late second", "third"]
    assert set((await desk.states()).values()) == {("done", None)}


async def test_threads_do_not_wait_for_each_other(
    desk: Desk, intake: Intake, jobs: JobEngine, clock: SetClock
) -> None:
    desk.verdict = refuse("a1")
    await intake.store(
        [event("a1", clock(), thread="a"), event("a2", clock(), thread="a"),
         event("b1", clock(), thread="b")]
    )  # fmt: skip
    await jobs.drain()
    assert await desk.effects() == ["b1"]


async def test_an_effect_and_its_being_done_commit_together_or_not_at_all(
    desk: Desk, intake: Intake, jobs: JobEngine, clock: SetClock
) -> None:
    desk.verdict = refuse("a")
    await intake.store([event("a", clock())])
    await jobs.drain()
    assert await desk.effects() == []
    assert await desk.states() == {"a": ("waiting", "RuntimeError: a is refused")}
    desk.verdict = lambda incoming: None
    clock.advance(seconds=10)
    await jobs.drain()
    assert await desk.effects() == ["a"]
    assert await desk.states() == {"a": ("done", None)}


async def test_after_five_attempts_an_event_is_marked_failed_and_the_thread_goes_on(
    desk: Desk, intake: Intake, jobs: JobEngine, clock: SetClock, shop: Shop
) -> None:
    desk.verdict = refuse("bad", "worse")
    await intake.store(
        [event(name, clock() + timedelta(seconds=n), shop_id=shop.key)
         for n, name in enumerate(["bad", "worse", "good"])]
    )  # fmt: skip
    for _ in range(20):
        await jobs.drain()
        clock.advance(minutes=5)
    assert desk.tried == ["bad"] * 5 + ["worse"] * 5 + ["good"]
    assert await desk.effects() == ["good"]
    assert await desk.states() == {
        "bad": ("failed", "RuntimeError: bad is refused"),
        "worse": ("failed", "RuntimeError: worse is refused"),
        "good": ("done", None),
    }
    async with desk.db.reading() as session:
        assert await jobs.dead(session) == []
        assert [row.key for row in await troubled(session, shop.key)] == ["worse", "bad"]
        assert await troubled(session, shop.key + 1) == []


async def test_a_failed_event_can_be_worked_on_again_by_its_own_shop_only(
    desk: Desk, intake: Intake, jobs: JobEngine, clock: SetClock, shop: Shop
) -> None:
    desk.verdict = give_up
    await intake.store([event("bad", clock(), shop_id=shop.key)])
    await jobs.drain()
    async with desk.db.reading() as session:
        (row,) = await troubled(session, shop.key)
    assert (row.reason, row.attempts, desk.tried) == ("there is no such page", 1, ["bad"])
    with pytest.raises(UnknownIncoming):
        async with desk.db.transaction() as session:
            await intake.retry(session, shop.key + 1, row.id or 0)
    desk.verdict = lambda incoming: None
    async with desk.db.transaction() as session:
        await intake.retry(session, shop.key, row.id or 0)
    await jobs.drain()
    assert await desk.effects() == ["bad"]
    with pytest.raises(UnknownIncoming):
        async with desk.db.transaction() as session:
            await intake.retry(session, shop.key, row.id or 0)


async def test_an_ignored_event_leaves_its_reason_and_no_effect(
    desk: Desk, intake: Intake, jobs: JobEngine, clock: SetClock
) -> None:
    def ignore(incoming: Incoming) -> None:
        if incoming.key == "old":
            raise Ignore("older than what we know already")

    desk.verdict = ignore
    await intake.store([event("old", clock()), event("new", clock())])
    await jobs.drain()
    assert await desk.effects() == ["new"]
    assert await desk.states() == {
        "old": ("ignored", "older than what we know already"),
        "new": ("done", None),
    }


async def test_what_arrives_while_a_thread_is_worked_on_is_worked_on_too(
    desk: Desk, intake: Intake, jobs: JobEngine, clock: SetClock
) -> None:
    await intake.store([event("one", clock())])

    async def apply(session: AsyncSession, incoming: Incoming) -> None:
        await desk.apply(session, incoming)
        if not desk.db.is_sqlite and incoming.key == "one":
            await intake.store([event("two", clock())])

    await drain(desk.db, clock, apply, source="meta", thread="t")
    if desk.db.is_sqlite:
        # There is one writer, so nothing arrives in the midst of it.
        await intake.store([event("two", clock())])
    await jobs.drain()
    assert await desk.effects() == ["one", "two"]


async def test_two_who_work_on_one_thread_share_its_events(
    desk: Desk, intake: Intake, clock: SetClock
) -> None:
    import asyncio

    await intake.store([event(f"e{n}", clock()) for n in range(30)])
    await asyncio.gather(*(desk.work(source="meta", thread="t") for _ in range(4)))
    await desk.work(source="meta", thread="t")
    assert sorted(await desk.effects()) == sorted(f"e{n}" for n in range(30))


def refuse(*names: str) -> Verdict:
    def verdict(incoming: Incoming) -> None:
        if incoming.key in names:
            raise RuntimeError(f"{incoming.key} is refused")

    return verdict


def give_up(incoming: Incoming) -> None:
    raise GiveUp("there is no such page")

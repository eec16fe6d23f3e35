"""The job port, held to the same promises on both engines."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from sqlmodel import select

from core.dead_jobs import JobGone
from core.engines import open_engine
from core.errors import GiveUp, TryLater
from core.jobs import Handler, JobEngine, NewJob, Periodic, enqueue, enqueue_all
from core.jobs_postgres import PostgresJobs
from core.periodic import tick
from core.shops import Shop, open_shop
from tests.conftest import SetClock, WatchedDatabase


class Log:
    """A handler that writes down what it was asked to do."""

    def __init__(self) -> None:
        self.lines: list[Any] = []

    async def note(self, *, what: Any = None) -> None:
        self.lines.append(what)


@pytest.fixture
def log(jobs: Any) -> Log:
    kept = Log()
    jobs.handlers["note"] = Handler(kept.note)
    return kept


async def add(db: WatchedDatabase, *jobs: NewJob) -> None:
    async with db.transaction() as session:
        await enqueue_all(session, jobs)


async def waiting(db: WatchedDatabase, jobs: JobEngine) -> int:
    async with db.reading() as session:
        return await jobs.waiting(session)


@asynccontextmanager
async def working(jobs: JobEngine) -> AsyncIterator[None]:
    task = asyncio.create_task(jobs.work())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def until(condition: Callable[[], bool], *, seconds: float = 5) -> None:
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - what is waited for announces nothing
            await asyncio.sleep(0.005)


async def test_a_job_commits_with_the_row_it_belongs_to(
    db: WatchedDatabase, jobs: JobEngine, log: Log, clock: SetClock
) -> None:
    async with db.transaction() as session:
        await open_shop(session, "a", "A", now=clock())
        await enqueue(session, "note", {"what": "kept"})
    await jobs.drain()
    assert log.lines == ["kept"]
    assert await waiting(db, jobs) == 0


async def test_a_job_rolls_back_with_the_row_it_belongs_to(
    db: WatchedDatabase, jobs: JobEngine, log: Log, clock: SetClock
) -> None:
    async def have_second_thoughts() -> None:
        async with db.transaction() as session:
            await open_shop(session, "a", "A", now=clock())
            await enqueue(session, "note", {"what": "lost"})
            raise RuntimeError("second thoughts")

    with pytest.raises(RuntimeError, match="second thoughts"):
        await have_second_thoughts()
    await jobs.drain()
    assert log.lines == []
    async with db.reading() as session:
        assert (await session.exec(select(Shop))).all() == []


async def test_arguments_arrive_as_they_were_given(
    db: WatchedDatabase, jobs: JobEngine, log: Log
) -> None:
    given = {"text": "Grüße 100% \u20ac 'quoted' \\ {x} %(y)s", "list": [1, None, {"a": 2.5}]}
    await add(db, NewJob("note", {"what": given}))
    await jobs.drain()
    assert log.lines == [given]


async def test_strange_characters_in_arguments_do_not_stop_a_job(
    db: WatchedDatabase, jobs: JobEngine, log: Log
) -> None:
    await add(db, NewJob("note", {"what": "a\0b \ud83c"}))
    await jobs.drain()
    (text,) = log.lines
    assert (text[0], text[2:4]) == ("a", "b ")
    assert text.endswith("\ufffd")


async def test_arguments_that_are_no_json_are_refused(
    sqlite_db: WatchedDatabase, clock: SetClock
) -> None:
    with pytest.raises(TypeError):
        await add(sqlite_db, NewJob("note", {"at": clock()}))


async def test_adding_nothing_is_harmless(db: WatchedDatabase, jobs: JobEngine) -> None:
    await add(db)
    assert await waiting(db, jobs) == 0


async def test_while_a_job_with_a_key_waits_another_is_not_added(
    db: WatchedDatabase, jobs: JobEngine, log: Log
) -> None:
    await add(db, NewJob("note", {"what": 1}, key="k"), NewJob("note", {"what": 2}, key="k"))
    await add(db, NewJob("note", {"what": 3}, key="k"), NewJob("note", {"what": 4}, key="other"))
    assert await waiting(db, jobs) == 2
    await jobs.drain()
    assert sorted(log.lines) == [1, 4]


async def test_a_job_that_has_begun_does_not_count_as_waiting(
    db: WatchedDatabase, jobs: Any
) -> None:
    runs = 0

    async def drains() -> None:
        nonlocal runs
        runs += 1
        if runs == 1:
            await add(db, NewJob("drains", key="k", lock="k"))
            await add(db, NewJob("drains", key="k", lock="k"))

    jobs.handlers["drains"] = Handler(drains)
    await add(db, NewJob("drains", key="k", lock="k"))
    await jobs.drain()
    assert runs == 2


async def test_a_failed_job_leaves_its_key_to_one_that_came_meanwhile(
    db: WatchedDatabase, jobs: Any, clock: SetClock
) -> None:
    runs: list[str] = []

    async def fails_first(*, name: str) -> None:
        runs.append(name)
        if runs == ["first"]:
            await add(db, NewJob("fails", {"name": "second"}, key="k", lock="k"))
            raise RuntimeError("not yet")

    jobs.handlers["fails"] = Handler(fails_first)
    await add(db, NewJob("fails", {"name": "first"}, key="k", lock="k"))
    await jobs.drain()
    assert runs == ["first"]
    assert await waiting(db, jobs) == 2
    await add(db, NewJob("fails", {"name": "third"}, key="k", lock="k"))
    assert await waiting(db, jobs) == 2
    clock.advance(minutes=5)
    await jobs.drain()
    assert runs == ["first", "first", "second"]


async def test_a_job_that_waits_for_its_retry_keeps_its_key(
    db: WatchedDatabase, jobs: Any, clock: SetClock
) -> None:
    runs = 0

    async def fails_once() -> None:
        nonlocal runs
        runs += 1
        if runs == 1:
            raise RuntimeError("not yet")

    jobs.handlers["fails"] = Handler(fails_once)
    await add(db, NewJob("fails", key="k"))
    await jobs.drain()
    await add(db, NewJob("fails", key="k"))
    assert await waiting(db, jobs) == 1
    clock.advance(minutes=5)
    await jobs.drain()
    assert runs == 2


async def test_jobs_with_one_lock_run_one_after_another_in_their_order(
    db: WatchedDatabase, jobs: Any
) -> None:
    now_running: set[str] = set()
    done: dict[str, list[int]] = {"a": [], "b": []}

    async def careful(*, lock: str, number: int) -> None:
        assert lock not in now_running
        now_running.add(lock)
        await asyncio.sleep(0.001)
        now_running.remove(lock)
        done[lock].append(number)

    jobs.handlers["careful"] = Handler(careful)
    await add(
        db,
        *(
            NewJob("careful", {"lock": lock, "number": number}, lock=lock)
            for number in range(12)
            for lock in "ab"
        ),
    )
    await jobs.drain()
    assert done == {"a": list(range(12)), "b": list(range(12))}


async def test_a_lock_waits_for_the_retry_of_its_first_job(
    db: WatchedDatabase, jobs: Any, clock: SetClock
) -> None:
    runs: list[int] = []

    async def stumbles(*, number: int) -> None:
        runs.append(number)
        if runs == [1]:
            raise RuntimeError("once")

    jobs.handlers["stumbles"] = Handler(stumbles)
    await add(db, *(NewJob("stumbles", {"number": n}, lock="l") for n in (1, 2)))
    await jobs.drain()
    assert runs == [1]
    clock.advance(seconds=10)
    await jobs.drain()
    assert runs == [1, 1, 2]


async def test_jobs_without_a_lock_run_side_by_side(db: WatchedDatabase, jobs: Any) -> None:
    everyone_is_here = asyncio.Barrier(8)

    async def meets() -> None:
        async with asyncio.timeout(5):
            await everyone_is_here.wait()

    jobs.handlers["meets"] = Handler(meets)
    await add(db, *(NewJob("meets") for _ in range(8)))
    await jobs.drain()
    async with db.reading() as session:
        assert await jobs.dead(session) == []
    assert await waiting(db, jobs) == 0


async def test_a_job_waits_for_its_time(
    db: WatchedDatabase, jobs: JobEngine, log: Log, clock: SetClock
) -> None:
    await add(db, NewJob("note", {"what": "later"}, run_at=clock() + timedelta(hours=1)))
    await jobs.drain()
    assert log.lines == []
    clock.advance(hours=1)
    await jobs.drain()
    assert log.lines == ["later"]


async def test_a_failing_job_is_tried_again_with_growing_pauses_and_then_buried(
    db: WatchedDatabase, jobs: Any, clock: SetClock
) -> None:
    tried_at = []

    async def fails(*, order_id: int) -> None:
        tried_at.append(clock())
        raise RuntimeError("the mail server said no to sk_test_abcdefgh12345")

    jobs.handlers["fails"] = Handler(fails, attempts=4)
    await add(db, NewJob("fails", {"order_id": 7}))
    for _ in range(40):
        await jobs.drain()
        clock.advance(seconds=2)
    pauses = [(after - before).total_seconds() for before, after in pairwise(tried_at)]
    assert len(pauses) == 3
    for pause, expected in zip(pauses, (4, 12, 36), strict=True):
        assert expected * 0.75 <= pause <= expected * 1.25 + 2
    assert await waiting(db, jobs) == 0
    async with db.reading() as session:
        (dead,) = await jobs.dead(session)
    assert (dead.name, dead.args, dead.attempts) == ("fails", {"order_id": 7}, 4)
    assert dead.reason == "RuntimeError: the mail server said no to [secret]"


async def test_an_error_may_say_when_to_come_back(
    db: WatchedDatabase, jobs: Any, clock: SetClock
) -> None:
    runs = 0

    class Busy(Exception):
        retry_after = 600

    async def is_busy() -> None:
        nonlocal runs
        runs += 1
        if runs == 1:
            raise Busy

    jobs.handlers["busy"] = Handler(is_busy)
    await add(db, NewJob("busy"))
    await jobs.drain()
    clock.advance(seconds=599)
    await jobs.drain()
    assert runs == 1
    clock.advance(seconds=1)
    await jobs.drain()
    assert runs == 2


async def test_a_job_that_gives_up_is_buried_at_once_and_can_be_run_again(
    db: WatchedDatabase, jobs: Any, clock: SetClock
) -> None:
    runs = 0

    async def gives_up(*, mail: int) -> None:
        nonlocal runs
        runs += 1
        if runs == 1:
            raise GiveUp("there is no such address")

    jobs.handlers["gives_up"] = Handler(gives_up)
    await add(db, NewJob("gives_up", {"mail": 3}, key="k", lock="l"))
    await jobs.drain()
    async with db.reading() as session:
        (dead,) = await jobs.dead(session)
    assert dead.reason == "there is no such address"
    assert (dead.attempts, dead.failed_at) == (1, clock())

    async with db.transaction() as session:
        await jobs.rerun(session, dead.id)
    await jobs.drain()
    assert runs == 2
    async with db.reading() as session:
        assert await jobs.dead(session) == []
    with pytest.raises(JobGone):
        async with db.transaction() as session:
            await jobs.rerun(session, dead.id)


async def test_a_dead_job_does_not_hold_up_its_lock(
    db: WatchedDatabase, jobs: Any, log: Log
) -> None:
    async def gives_up() -> None:
        raise GiveUp("no")

    jobs.handlers["gives_up"] = Handler(gives_up)
    await add(db, NewJob("gives_up", lock="l"), NewJob("note", {"what": "next"}, lock="l"))
    await jobs.drain()
    assert log.lines == ["next"]


async def test_a_job_nobody_knows_is_kept_for_people_to_see(
    db: WatchedDatabase, jobs: JobEngine
) -> None:
    await add(db, NewJob("from.another.version", {"x": 1}))
    await jobs.drain()
    async with db.reading() as session:
        (dead,) = await jobs.dead(session)
    assert (dead.name, dead.reason) == (
        "from.another.version",
        "this version does not know this job",
    )


async def test_waiting_for_a_rate_limit_is_no_failure(
    db: WatchedDatabase, jobs: Any, clock: SetClock
) -> None:
    runs = 0

    async def is_limited() -> None:
        nonlocal runs
        runs += 1
        if runs < 6:
            raise TryLater("the page's limit is reached", after=timedelta(minutes=1))

    jobs.handlers["limited"] = Handler(is_limited, attempts=1)
    await add(db, NewJob("limited"))
    for _ in range(10):
        await jobs.drain()
        clock.advance(minutes=1)
    assert runs == 6
    async with db.reading() as session:
        assert await jobs.dead(session) == []


async def test_a_worker_starts_at_once_what_was_committed(
    db: WatchedDatabase, jobs: JobEngine, log: Log
) -> None:
    loop = asyncio.get_running_loop()
    async with working(jobs):
        await add(db, NewJob("note", {"what": 0}))
        await until(lambda: len(log.lines) == 1)
        took = []
        for number in range(1, 21):
            started = loop.time()
            await add(db, NewJob("note", {"what": number}))
            await until(lambda: len(log.lines) == number + 1)  # noqa: B023
            took.append(loop.time() - started)
    assert log.lines == list(range(21))
    # Announced, not found by the look each second.
    assert sorted(took)[10] < 0.2


async def test_a_lock_that_becomes_free_is_taken_at_once(
    db: WatchedDatabase, jobs: JobEngine, log: Log
) -> None:
    async with working(jobs):
        await add(db, *(NewJob("note", {"what": n}, lock="l") for n in range(30)))
        started = asyncio.get_running_loop().time()
        await until(lambda: len(log.lines) == 30)
        assert asyncio.get_running_loop().time() - started < 3
    assert log.lines == list(range(30))


async def test_a_cancelled_job_is_run_again_by_the_next_worker(
    db: WatchedDatabase, clock: SetClock
) -> None:
    begun = asyncio.Event()
    runs = 0

    async def long_work() -> None:
        nonlocal runs
        runs += 1
        begun.set()
        if runs == 1:
            await asyncio.sleep(3600)

    first = open_engine(db, {"long": Handler(long_work, attempts=1)}, clock=clock, grace=0.01)
    db.provide("jobs", first)
    async with working(first):
        await add(db, NewJob("long", key="k"))
        async with asyncio.timeout(5):
            await begun.wait()
    assert await waiting(db, first) == 1
    second = open_engine(db, {"long": Handler(long_work, attempts=1)}, clock=clock)
    await second.drain()
    assert runs == 2
    assert await waiting(db, second) == 0


async def test_what_runs_may_finish_when_the_worker_is_stopped(
    db: WatchedDatabase, clock: SetClock
) -> None:
    begun = asyncio.Event()
    ended = False

    async def short_work() -> None:
        nonlocal ended
        begun.set()
        await asyncio.sleep(0.05)
        ended = True

    engine = open_engine(db, {"short": Handler(short_work)}, clock=clock)
    db.provide("jobs", engine)
    async with working(engine):
        await add(db, NewJob("short"))
        await begun.wait()
    assert ended
    assert await waiting(db, engine) == 0


async def test_a_periodic_job_runs_once_per_tick_however_many_look_at_the_clock(
    db: WatchedDatabase, jobs: JobEngine, log: Log, clock: SetClock
) -> None:
    clock.now = clock.now.replace(minute=0, second=0) + timedelta(hours=1)
    periodics = [Periodic("note", timedelta(minutes=10))]
    for expected in (1, 2, 3):
        await asyncio.gather(*(tick(db, periodics, now=clock()) for _ in range(5)))
        await jobs.drain()
        await tick(db, periodics, now=clock() + timedelta(minutes=9))
        await jobs.drain()
        assert len(log.lines) == expected
        clock.advance(minutes=10)


async def test_ticks_missed_while_nothing_ran_count_as_one(
    db: WatchedDatabase, jobs: JobEngine, log: Log, clock: SetClock
) -> None:
    periodics = [Periodic("note", timedelta(minutes=10))]
    await tick(db, periodics, now=clock())
    clock.advance(days=3)
    await tick(db, periodics, now=clock())
    await jobs.drain()
    assert len(log.lines) == 1


async def test_a_worker_keeps_its_periodic_jobs_going(
    db: WatchedDatabase, clock: SetClock, log: Log
) -> None:
    engine = open_engine(
        db,
        {"note": Handler(log.note)},
        [Periodic("note", timedelta(hours=1))],
        clock=clock,
    )
    db.provide("jobs", engine)
    async with working(engine):
        await until(lambda: log.lines == [None])


@pytest.mark.postgres_only
async def test_two_workers_share_the_work_and_keep_the_order(
    db: WatchedDatabase, clock: SetClock
) -> None:
    done: list[tuple[str, int]] = []
    workers: dict[str, int] = {"one": 0, "two": 0}

    def handler(worker: str) -> Handler:
        async def work(*, lock: str, number: int) -> None:
            workers[worker] += 1
            await asyncio.sleep(0.002)
            done.append((lock, number))

        return Handler(work)

    engines = [
        open_engine(db, {"work": handler(name)}, clock=clock, concurrency=2) for name in workers
    ]
    async with working(engines[0]), working(engines[1]):
        await add(
            db,
            *(
                NewJob("work", {"lock": f"l{n % 7}", "number": n}, lock=f"l{n % 7}")
                for n in range(140)
            ),
        )
        await until(lambda: len(done) == 140, seconds=10)
    assert sorted(number for _, number in done) == list(range(140))
    for lock in {lock for lock, _ in done}:
        numbers = [number for name, number in done if name == lock]
        assert numbers == sorted(numbers)
    assert min(workers.values()) > 20


@pytest.mark.postgres_only
async def test_a_job_is_not_taken_between_being_found_waiting_and_the_commit(
    db: WatchedDatabase, jobs: Any, clock: SetClock
) -> None:
    """Else what the transaction wrote would be seen by no run at all."""
    seen: list[int] = []

    async def counts() -> None:
        async with db.reading() as session:
            seen.append(len((await session.exec(select(Shop))).all()))

    jobs.handlers["counts"] = Handler(counts)
    await add(db, NewJob("counts", key="k"))
    async with db.transaction() as session:
        await open_shop(session, "a", "A", now=clock())
        await enqueue(session, "counts", key="k")
        await jobs.drain()
        assert seen == []
    await jobs.drain()
    assert seen == [1]


@pytest.mark.postgres_only
async def test_jobs_of_a_worker_that_fell_silent_are_taken_over(
    db: WatchedDatabase, clock: SetClock, log: Log
) -> None:
    """A worker that stands still loses its jobs, and what it says later about them is void."""
    begun = asyncio.Event()
    goes_on = asyncio.Event()

    async def stands_still(*, what: Any) -> None:
        begun.set()
        await goes_on.wait()

    silent = open_engine(db, {"note": Handler(stands_still)}, clock=clock)
    db.provide("jobs", silent)
    await add(db, NewJob("note", {"what": "rescued"}, key="k", lock="l"))
    draining = asyncio.create_task(silent.drain())
    try:
        async with asyncio.timeout(5):
            await begun.wait()
        other = PostgresJobs(db, {"note": Handler(log.note)}, clock=clock, stalled_after=0.3)
        async with working(other):
            await until(lambda: log.lines == ["rescued"])
    finally:
        goes_on.set()
        await draining
    assert await waiting(db, silent) == 0

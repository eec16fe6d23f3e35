"""The runner over a store in memory: what it owes to any database."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import datetime, timedelta

import pytest

from core.clock import utc_now
from core.job_outcomes import Claimed, Outcome, Turn, pause_after
from core.job_runner import CUT_OFFS, Runner
from core.jobs import Handler
from core.working import keep_working


class Shelf:
    """A store that can be away for a while."""

    def __init__(self, count: int) -> None:
        self.waiting = [Claimed(n, "work", {"n": n}, None, None, 1) for n in range(count)]
        self.outcomes: list[Outcome] = []
        self.most_claimed = 0
        self.turns_away: list[int] = []
        self.turns = 0

    async def turn(self, outcomes: Sequence[Outcome], free: int, *, now: datetime) -> Turn:
        self.turns += 1
        await asyncio.sleep(0)
        if self.turns in self.turns_away:
            raise ConnectionError("away")
        self.outcomes += outcomes
        claimed, self.waiting = self.waiting[:free], self.waiting[free:]
        self.most_claimed = max(self.most_claimed, len(claimed))
        return Turn(claimed)


@contextlib.asynccontextmanager
async def working(runner: Runner) -> AsyncIterator[None]:
    task = asyncio.create_task(runner.work())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110 - what is waited for announces nothing
            await asyncio.sleep(0.005)


async def nothing(*, n: int) -> None:
    return None


async def test_what_became_of_jobs_is_not_lost_while_the_database_is_away() -> None:
    shelf = Shelf(3)
    shelf.turns_away = [2, 3]
    async with working(Runner(shelf, {"work": Handler(nothing)}, clock=utc_now)):
        await until(lambda: len(shelf.outcomes) == 3)
    assert sorted(outcome.job.id for outcome in shelf.outcomes) == [0, 1, 2]
    assert {outcome.kind for outcome in shelf.outcomes} == {"done"}


async def test_no_more_run_at_once_than_allowed_and_claiming_is_bounded() -> None:
    running = 0
    most = 0

    async def count(*, n: int) -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.001)
        running -= 1

    shelf = Shelf(60)
    await Runner(shelf, {"work": Handler(count)}, clock=utc_now, concurrency=4).drain()
    assert len(shelf.outcomes) == 60
    assert most == 4
    assert shelf.most_claimed <= 8


async def test_a_stop_lets_go_of_what_has_not_begun() -> None:
    begun: list[int] = []
    may_end = asyncio.Event()

    async def wait(*, n: int) -> None:
        begun.append(n)
        await may_end.wait()

    shelf = Shelf(10)
    runner = Runner(shelf, {"work": Handler(wait)}, clock=utc_now, concurrency=2, grace=5)
    async with working(runner):
        await until(lambda: len(begun) == 2)
        asyncio.get_running_loop().call_later(0.05, may_end.set)
    kinds = {outcome.job.id: (outcome.kind, outcome.counted) for outcome in shelf.outcomes}
    assert kinds == {0: ("done", True), 1: ("done", True),
                     2: ("again", False), 3: ("again", False)}  # fmt: skip
    assert begun == [0, 1]


async def test_a_job_that_kills_its_process_again_and_again_is_buried() -> None:
    shelf = Shelf(0)
    shelf.waiting = [Claimed(1, "work", {"n": 1}, None, None, 8 + CUT_OFFS + 1)]
    await Runner(shelf, {"work": Handler(nothing, attempts=8)}, clock=utc_now).drain()
    (outcome,) = shelf.outcomes
    assert (outcome.kind, outcome.reason) == ("dead", "the process ended each time while it ran")


async def test_working_goes_on_after_a_failure_to_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.working.LOOK_EVERY", 0.01)
    starts = 0

    async def work() -> None:
        nonlocal starts
        starts += 1
        raise ConnectionError("away")

    task = asyncio.create_task(keep_working(work))
    await until(lambda: starts >= 3)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


def test_pauses_grow_up_to_an_hour_and_differ() -> None:
    error = RuntimeError()
    for attempt, seconds in enumerate((4, 12, 36, 108, 324, 972, 2916, 3600, 3600), start=1):
        pauses = {pause_after(attempt, error) for _ in range(20)}
        assert len(pauses) > 1
        assert min(pauses) >= timedelta(seconds=seconds * 0.75)
        assert max(pauses) <= timedelta(seconds=seconds * 1.25)


@pytest.mark.parametrize(
    ("asked", "seconds"), [(30, 30), (0.5, 0.5), (10**9, 86_400), (None, None), (-5, None), ("x", None)]
)  # fmt: skip
def test_an_error_may_ask_for_its_pause(asked: object, seconds: float | None) -> None:
    error = RuntimeError()
    error.retry_after = asked  # type: ignore[attr-defined]
    pause = pause_after(1, error).total_seconds()
    assert pause == seconds if seconds is not None else 3 <= pause <= 5

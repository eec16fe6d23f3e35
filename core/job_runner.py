"""Runs claimed jobs, so many at a time, and says what became of each; both engines use it."""

import asyncio
import contextlib
from collections.abc import Mapping

from core.clock import Clock
from core.database import IN_BACKGROUND
from core.errors import GiveUp, TryLater
from core.job_outcomes import Claimed, JobStore, Outcome, Turn, pause_after
from core.jobs import Handler
from core.logs import log, scrub
from core.working import LOOK_EVERY, uninterrupted

CUT_OFFS = 40
"""How often beyond its attempts a job may be cut off by a dying process before it is buried:
it may well be the one that kills it."""


class Runner:
    """Claims ahead of what runs, so that one write to the database serves many short jobs."""

    def __init__(
        self,
        store: JobStore,
        handlers: Mapping[str, Handler],
        *,
        clock: Clock,
        concurrency: int = 16,
        grace: float = 10.0,
    ) -> None:
        self._store = store
        self._handlers = handlers
        self._clock = clock
        self._capacity = concurrency * 2
        self._slots = asyncio.Semaphore(concurrency)
        self._grace = grace
        self._tasks: set[asyncio.Task[None]] = set()
        self._outcomes: list[Outcome] = []
        self._signal = asyncio.Event()
        self._turning = asyncio.Lock()
        self._is_stopping = False

    def wake(self) -> None:
        self._signal.set()

    async def work(self) -> None:
        """Until cancelled; then what runs may finish within `grace` seconds."""
        self._is_stopping = False
        try:
            while True:
                self._signal.clear()
                wait = await self._take_a_turn()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(wait):
                        await self._signal.wait()
        finally:
            await self._stop()

    async def _take_a_turn(self) -> float:
        """Seconds to wait for the next one, if nothing happens before."""
        try:
            # Shielded: a commit that is cancelled half-way would leave jobs in nobody's hands.
            turn = await uninterrupted(self._turn())
        except Exception:
            log(__name__).exception("jobs_unreachable")
            return LOOK_EVERY
        if turn.next_at is None:
            return LOOK_EVERY
        return max(0.0, min(LOOK_EVERY, (turn.next_at - self._clock()).total_seconds()))

    async def drain(self) -> None:
        """Until nothing is due and nothing runs."""
        self._is_stopping = False
        while True:
            self._signal.clear()
            await uninterrupted(self._turn())
            if not self._tasks and not self._outcomes:
                return
            await self._signal.wait()

    async def _turn(self) -> Turn:
        async with self._turning:
            free = 0 if self._is_stopping else self._capacity - len(self._tasks)
            if not free and not self._outcomes:
                return Turn([])
            outcomes, self._outcomes = self._outcomes, []
            try:
                turn = await self._store.turn(outcomes, free, now=self._clock())
            except BaseException:
                self._outcomes[:0] = outcomes
                raise
            for job in turn.claimed:
                task = asyncio.create_task(self._run(job), name=f"{job.name} {job.id}")
                self._tasks.add(task)
                task.add_done_callback(self._ended)
            return turn

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._signal.set()

    async def _run(self, job: Claimed) -> None:
        IN_BACKGROUND.set(True)
        try:
            outcome = await self._attempt(job)
        except asyncio.CancelledError:
            outcome = self._back(job)
        self._outcomes.append(outcome)

    def _back(self, job: Claimed) -> Outcome:
        return Outcome(job, "again", run_at=self._clock(), counted=False)

    async def _attempt(self, job: Claimed) -> Outcome:
        handler = self._handlers.get(job.name)
        if handler is None:
            return Outcome(job, "dead", reason="this version does not know this job")
        if job.attempt > handler.attempts + CUT_OFFS:
            return Outcome(job, "dead", reason="the process ended each time while it ran")
        async with self._slots:
            if self._is_stopping:
                return self._back(job)
            try:
                await handler.run(**job.args)
            except TryLater as later:
                return Outcome(job, "again", run_at=self._clock() + later.after, counted=False)
            except Exception as error:
                return self._failed(job, handler, error)
        return Outcome(job, "done")

    def _failed(self, job: Claimed, handler: Handler, error: Exception) -> Outcome:
        gives_up = isinstance(error, GiveUp)
        reason = scrub(str(error) if gives_up else f"{type(error).__name__}: {error}")[:500]
        is_last = gives_up or job.attempt >= handler.attempts
        say = log(__name__).error if is_last else log(__name__).warning
        say(
            "job_dead" if is_last else "job_failed",
            job=job.name,
            job_id=job.id,
            attempt=job.attempt,
            error=type(error).__name__,
            exc_info=None if gives_up else error,
        )
        if is_last:
            return Outcome(job, "dead", reason=reason)
        return Outcome(job, "again", run_at=self._clock() + pause_after(job.attempt, error))

    async def _stop(self) -> None:
        self._is_stopping = True
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=self._grace)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._take_a_turn()

"""Jobs on SQLite: one table, worked on by one process."""

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from sqlalchemy import func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import Clock
from core.database import Database
from core.dead_jobs import list_dead, take_back
from core.job_outcomes import Outcome, Turn
from core.job_runner import Runner
from core.job_table import ADD, RECOVER, Job, claim, rows_for, settle
from core.jobs import DeadJob, Handler, NewJob, Periodic
from core.logs import log
from core.periodic import keep_ticking
from core.working import LOOK_EVERY, beside, keep_working


class SqliteJobs:
    """The embedded engine. Adding wakes it at once; other processes' jobs are seen in a second."""

    def __init__(
        self,
        db: Database,
        handlers: Mapping[str, Handler],
        periodics: Sequence[Periodic] = (),
        *,
        clock: Clock,
        concurrency: int = 16,
        grace: float = 10.0,
    ) -> None:
        self.handlers = dict(handlers)
        self._db = db
        self._periodics = periodics
        self._clock = clock
        self._has_recovered = False
        self._runner = Runner(
            self, self.handlers, clock=clock, concurrency=concurrency, grace=grace
        )
        db.after_commit(self._notice)

    def _notice(self, session: AsyncSession) -> None:
        if session.info.get("added_jobs"):
            self.wake()

    def wake(self) -> None:
        self._runner.wake()

    async def add(self, session: AsyncSession, jobs: Sequence[NewJob]) -> None:
        if not jobs:
            return
        rows = rows_for(jobs, now=self._clock())
        await (await session.connection()).exec_driver_sql(ADD, rows)

    async def work(self) -> None:
        await keep_working(self._work)

    async def _work(self) -> None:
        async with (
            self._only_worker(),
            beside(keep_ticking(self._db, self._periodics, clock=self._clock)),
        ):
            await self._runner.work()

    async def drain(self) -> None:
        await self._runner.drain()

    async def turn(self, outcomes: Sequence[Outcome], free: int, *, now: datetime) -> Turn:
        """One short write. It is not flushed to the disk by itself: if the machine dies first,
        jobs run once more, which they must bear anyway; the next real commit flushes it too."""
        async with self._db.writer.connect() as connection:
            driver: Any = (await connection.get_raw_connection()).driver_connection
            await driver.execute("PRAGMA synchronous=NORMAL")
            try:
                await driver.execute("BEGIN IMMEDIATE")
                try:
                    if not self._has_recovered:
                        await driver.execute(RECOVER)
                    await settle(driver, outcomes, now=now)
                    turn = await claim(driver, free, now=now) if free else Turn([])
                    await driver.execute("COMMIT")
                except BaseException:
                    await driver.execute("ROLLBACK")
                    raise
            finally:
                await driver.execute("PRAGMA synchronous=FULL")
        self._has_recovered = True
        return turn

    async def dead(self, session: AsyncSession, *, limit: int = 50) -> list[DeadJob]:
        return await list_dead(session, limit=limit)

    async def rerun(self, session: AsyncSession, job_id: int) -> None:
        await self.add(session, [await take_back(session, job_id)])
        session.info["added_jobs"] = True

    async def waiting(self, session: AsyncSession) -> int:
        return (await session.exec(select(func.count(col(Job.id))))).one()

    @contextlib.asynccontextmanager
    async def _only_worker(self) -> AsyncIterator[None]:
        """One process works; a second one stands by and takes over when the first has ended.

        The operating system lets go of the lock however the process ends.
        """
        with _open(f"{self._db.url.database}-worker") as file:
            is_told = False
            while not _take(file):
                if not is_told:
                    log(__name__).warning("another_process_works_on_this_database")
                    is_told = True
                await asyncio.sleep(LOOK_EVERY)
            self._has_recovered = False
            yield


def _open(path: str) -> IO[str]:
    return Path(path).open("w")


def _take(file: IO[str]) -> bool:
    if sys.platform == "win32":
        return True
    import fcntl

    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True

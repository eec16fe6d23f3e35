"""Jobs on SQLite: one table, worked on by one process."""

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

import orjson
from sqlalchemy import Index, func, text
from sqlmodel import Field, SQLModel, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import Clock
from core.columns import UtcDateTime
from core.database import Database
from core.dead_jobs import list_dead, take_back
from core.job_runner import LOOK_EVERY, Claimed, Outcome, Runner, Turn, beside, keep_working
from core.jobs import DeadJob, Handler, NewJob, Periodic
from core.logs import log
from core.periodic import keep_ticking


class Job(SQLModel, table=True):
    """A job that waits or runs. Done jobs leave the table, dead ones move to `dead_job`."""

    __table_args__ = (
        Index("job_due", "state", "run_at"),
        Index("job_lock", "lock", "id"),
        Index(
            "job_waiting_key",
            "key",
            unique=True,
            sqlite_where=text("state = 'waiting'"),
            postgresql_where=text("state = 'waiting'"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    name: str
    args: str
    key: str | None = None
    lock: str | None = None
    state: str = Field(default="waiting", max_length=10)
    attempts: int = 0
    run_at: datetime = Field(sa_type=UtcDateTime)


_ADD = """
    INSERT INTO job (name, args, key, lock, state, attempts, run_at)
    VALUES (?, ?, ?, ?, 'waiting', 0, ?) ON CONFLICT DO NOTHING"""
# A job is due when its time has come and nothing with its lock was added before it.
_CLAIM = """
    UPDATE job SET state = 'running', attempts = attempts + 1 WHERE id IN (
        SELECT id FROM job AS mine WHERE state = 'waiting' AND run_at <= ? AND (
            lock IS NULL OR NOT EXISTS (
                SELECT 1 FROM job AS earlier WHERE earlier.lock = mine.lock AND earlier.id < mine.id
            )
        ) ORDER BY run_at, id LIMIT ?
    ) RETURNING id, name, args, key, lock, attempts"""
_REMOVE = "DELETE FROM job WHERE id IN (SELECT value FROM json_each(?))"
# If another with its key waits by now, that one keeps the key.
_AGAIN = """
    UPDATE job SET state = 'waiting', run_at = ?, attempts = attempts - ?, key = CASE
        WHEN EXISTS (SELECT 1 FROM job AS other WHERE other.key = job.key AND other.state = 'waiting')
        THEN NULL ELSE key END
    WHERE id = ?"""
_BURY = """
    INSERT INTO dead_job (name, args, key, lock, attempts, reason, failed_at)
    VALUES (?, ?, ?, ?, ?, ?, ?)"""
_NEXT = "SELECT min(run_at) FROM job WHERE state = 'waiting' AND run_at > ?"
_RECOVER = "UPDATE job SET state = 'waiting', key = NULL WHERE state = 'running'"


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
        now = self._clock()
        rows = [
            (job.name, orjson.dumps(dict(job.args)).decode(), job.key, job.lock,
             _stamp(job.run_at or now))
            for job in jobs
        ]  # fmt: skip
        await (await session.connection()).exec_driver_sql(_ADD, rows)

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
                    turn = await self._write(driver, outcomes, free, now)
                    await driver.execute("COMMIT")
                except BaseException:
                    await driver.execute("ROLLBACK")
                    raise
            finally:
                await driver.execute("PRAGMA synchronous=FULL")
        self._has_recovered = True
        return turn

    async def _write(
        self, driver: Any, outcomes: Sequence[Outcome], free: int, now: datetime
    ) -> Turn:
        if not self._has_recovered:
            await driver.execute(_RECOVER)
        gone = [outcome.job.id for outcome in outcomes if outcome.kind != "again"]
        if gone:
            await driver.execute(_REMOVE, (orjson.dumps(gone).decode(),))
        again = [
            (_stamp(outcome.run_at or now), int(not outcome.counted), outcome.job.id)
            for outcome in outcomes
            if outcome.kind == "again"
        ]
        for row in again:
            await driver.execute(_AGAIN, row)
        dead = [_dead_row(outcome, now) for outcome in outcomes if outcome.kind == "dead"]
        if dead:
            await driver.executemany(_BURY, dead)
        if not free:
            return Turn([])
        found = await driver.execute_fetchall(_CLAIM, (_stamp(now), free))
        claimed = [
            Claimed(id, name, orjson.loads(args), key, lock, attempts)
            for id, name, args, key, lock, attempts in sorted(found)
        ]
        if len(claimed) == free:
            return Turn(claimed)
        ((next_at,),) = await driver.execute_fetchall(_NEXT, (_stamp(now),))
        return Turn(claimed, None if next_at is None else _time(next_at))

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


def _stamp(at: datetime) -> str:
    """As SQLAlchemy writes it, so that both read and compare the same text."""
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")


def _time(stamp: str) -> datetime:
    return datetime.fromisoformat(stamp).replace(tzinfo=UTC)


def _dead_row(outcome: Outcome, now: datetime) -> tuple[object, ...]:
    job = outcome.job
    args = orjson.dumps(dict(job.args)).decode()
    return (job.name, args, job.key, job.lock, job.attempt, outcome.reason, _stamp(now))

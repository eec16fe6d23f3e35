"""Jobs on PostgreSQL: procrastinate's tables, locks, functions and heartbeats, many processes.

procrastinate's own worker loop is not used: it looks for the next job of a lock only every few
seconds, can miss an announcement that comes while it is looking, and leaves a failed job
"doing" for ever when another with its key was added meanwhile.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import TextClause, insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel.ext.asyncio.session import AsyncSession

from core import procrastinate_sql as sql
from core.clock import Clock
from core.database import Database
from core.dead_jobs import Dead, list_dead, rows_for, take_back
from core.job_outcomes import Claimed, Outcome, Turn
from core.job_runner import Runner
from core.jobs import DeadJob, Handler, NewJob, Periodic
from core.periodic import keep_ticking
from core.presence import Presence
from core.storable import to_json
from core.working import beside, keep_working


class PostgresJobs:
    """Any number of processes may work at the same time."""

    def __init__(
        self,
        db: Database,
        handlers: Mapping[str, Handler],
        periodics: Sequence[Periodic] = (),
        *,
        clock: Clock,
        concurrency: int = 16,
        grace: float = 10.0,
        stalled_after: float = 30.0,
    ) -> None:
        """A worker that has not been heard of for `stalled_after` seconds loses its jobs."""
        self.handlers = dict(handlers)
        self._db = db
        self._periodics = periodics
        self._clock = clock
        self._presence = Presence(db, self.wake, stalled_after=stalled_after)
        self._runner = Runner(
            self, self.handlers, clock=clock, concurrency=concurrency, grace=grace
        )

    def wake(self) -> None:
        self._runner.wake()

    async def add(self, session: AsyncSession, jobs: Sequence[NewJob]) -> None:
        connection = await session.connection()
        missing = _without_twins(jobs)
        while missing:
            known = await _keys(connection, sql.ADD, _columns(missing, self._clock()))
            # Whoever added the same key first has committed meanwhile: look again.
            missing = [job for job in missing if job.key and job.key not in known]

    async def work(self) -> None:
        await keep_working(self._work)

    async def _work(self) -> None:
        async with (
            self._presence.registered(),
            beside(
                self._presence.keep_alive(),
                self._presence.listen(),
                keep_ticking(self._db, self._periodics, clock=self._clock),
            ),
        ):
            await self._runner.work()

    async def drain(self) -> None:
        async with self._presence.registered(), beside(self._presence.keep_alive(rests_first=True)):
            while True:
                await self._runner.drain()
                async with self._db.writer.begin() as connection:
                    now = {"now": self._clock()}
                    moved = await connection.execute(sql.BRING_FORWARD, now)
                if moved.rowcount == 0:
                    return

    async def turn(self, outcomes: Sequence[Outcome], free: int, *, now: datetime) -> Turn:
        try:
            return await self._turn(outcomes, free, now, lets_go=False)
        except IntegrityError:
            # A job with the key of one to be tried again was added at this very moment.
            return await self._turn(outcomes, free, now, lets_go=True)

    async def _turn(
        self, outcomes: Sequence[Outcome], free: int, now: datetime, *, lets_go: bool
    ) -> Turn:
        async with self._db.writer.begin() as connection:
            await connection.execute(sql.SHORT_WORK)
            # Before claiming: it may wait for an adder, and must not hold what that one wants.
            await self._settle(connection, outcomes, now, lets_go=lets_go)
            if not free:
                await connection.execute(sql.ANNOUNCE)
                return Turn([])
            places = {"worker": self._presence.worker, "free": free}
            found: Sequence[Any] = (await connection.execute(sql.CLAIM, places)).all()
            claimed = [Claimed(*job) for *job, _ in found if job[0] is not None]
            if len(claimed) == free:
                await connection.execute(sql.ANNOUNCE)
            return Turn(claimed, next(at for *job, at in found if job[0] is None))

    async def _settle(
        self,
        connection: AsyncConnection,
        outcomes: Sequence[Outcome],
        now: datetime,
        *,
        lets_go: bool,
    ) -> None:
        ours = {"worker": self._presence.worker}
        gone = [outcome.job.id for outcome in outcomes if outcome.kind != "again"]
        if gone:
            await connection.execute(sql.REMOVE, ours | {"ids": gone})
        again = [outcome for outcome in outcomes if outcome.kind == "again"]
        if again:
            ids = [outcome.job.id for outcome in again]
            await connection.execute(sql.RELEASE_KEYS, {"ids": ids, "all": lets_go})
        for outcome in again:
            place = ours | {"id": outcome.job.id, "run_at": outcome.run_at}
            retried = await connection.execute(sql.AGAIN, place)
            if retried.rowcount and not outcome.counted:
                await connection.execute(sql.UNCOUNT, place)
        dead = rows_for(outcomes, now=now)
        if dead:
            await connection.execute(insert(Dead), dead)

    async def dead(self, session: AsyncSession, *, limit: int = 50) -> list[DeadJob]:
        return await list_dead(session, limit=limit)

    async def rerun(self, session: AsyncSession, job_id: int) -> None:
        await self.add(session, [await take_back(session, job_id)])

    async def waiting(self, session: AsyncSession) -> int:
        count: int = (await (await session.connection()).execute(sql.COUNT)).scalar_one()
        return count


async def _keys(connection: AsyncConnection, query: TextClause, values: dict[str, Any]) -> set[str]:
    return {key for (key,) in await connection.execute(query, values)}


def _without_twins(jobs: Sequence[NewJob]) -> list[NewJob]:
    """One of each key, in the order they came."""
    chosen: dict[object, NewJob] = {}
    for job in jobs:
        chosen.setdefault(job.key or object(), job)
    return list(chosen.values())


def _columns(jobs: Sequence[NewJob], now: datetime) -> dict[str, Any]:
    return {
        "names": [job.name for job in jobs],
        "locks": [job.lock for job in jobs],
        "keys": [job.key for job in jobs],
        "args": [to_json(dict(job.args)) for job in jobs],
        "run_ats": [job.run_at if job.run_at and job.run_at > now else None for job in jobs],
    }
